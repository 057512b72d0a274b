//! Orders on their way out. Requests are read in `order_requests`.

use super::shared::{discount, money, rounding_mode, tax_mode, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::order::{
    FulfillmentStatus, Hold, Order, OrderAction, OrderHead, OrderItem, OrderStatus, PaymentStatus,
};

/// An order with everything.
#[must_use]
pub fn order(order: Order, actions: &[OrderAction]) -> pb::Order {
    let (basic, head) = (basic_order(&order.head), order.head);
    pb::Order {
        allowed_actions: actions.iter().map(|action| action.as_str().to_owned()).collect(),
        items: order.items.into_iter().map(item).collect(),
        shipping_address: head.shipping_address.map(Into::into),
        billing_address: head.billing_address.map(Into::into),
        note: head.note,
        holds: head.holds.into_iter().map(hold).collect(),
        metadata: head.metadata,
        ..basic
    }
}

/// An order as lists show it: without lines, addresses, note and metadata.
#[must_use]
pub fn basic_order(head: &OrderHead) -> pb::Order {
    let totals = &head.totals;
    pb::Order {
        id: head.id.to_string(),
        customer_id: head.customer.to_string(),
        currency_code: head.currency.to_string(),
        status: status(head.status).into(),
        payment_status: payment_status(head.payment_status).into(),
        fulfillment_status: fulfillment_status(head.fulfillment_status).into(),
        subtotal: Some(money(totals.subtotal)),
        discount_total: Some(money(totals.discount)),
        tax_total: Some(money(totals.tax)),
        total: Some(money(totals.total)),
        canceled_total: Some(money(totals.canceled)),
        paid_total: Some(money(totals.paid)),
        refunded_total: Some(money(totals.refunded)),
        amount_due: Some(money(totals.due)),
        tax_mode: tax_mode(head.tax_mode).into(),
        rounding_mode: rounding_mode(head.rounding_mode).into(),
        reference: head.reference.clone().unwrap_or_default(),
        etag: etag(head.version),
        create_time: Some(time(head.create_time)),
        update_time: Some(time(head.update_time)),
        place_time: head.place_time.map(time),
        confirm_time: head.confirm_time.map(time),
        complete_time: head.complete_time.map(time),
        cancel_time: head.cancel_time.map(time),
        cancel_reason: head.cancel_reason.clone(),
        discount: head.discount.map(discount),
        quote_id: head.quote.map(|quote| quote.to_string()).unwrap_or_default(),
        ..Default::default()
    }
}

fn hold(hold: Hold) -> pb::order::Hold {
    pb::order::Hold { id: hold.id.to_string(), reason: hold.reason, create_time: Some(time(hold.create_time)) }
}

fn item(item: OrderItem) -> pb::order::Item {
    pb::order::Item {
        id: item.id.to_string(),
        product_id: item.product.to_string(),
        sku: item.sku,
        name: item.name,
        quantity: item.quantity,
        unit_price: Some(money(item.unit_price)),
        discount: Some(money(item.discount)),
        tax: Some(money(item.tax)),
        total: Some(money(item.total)),
        quantity_canceled: item.quantity_canceled,
        quantity_shipped: item.quantity_shipped,
        quantity_returned: item.quantity_returned,
        location_id: item.location.map(|location| location.to_string()).unwrap_or_default(),
        line_discount: item.own_discount.map(discount),
        tax_rate_bps: item.tax_rate_bps,
    }
}

fn status(status: OrderStatus) -> pb::order::Status {
    use pb::order::Status;
    match status {
        OrderStatus::Draft => Status::Draft,
        OrderStatus::PendingApproval => Status::PendingApproval,
        OrderStatus::Placed => Status::Placed,
        OrderStatus::Confirmed => Status::Confirmed,
        OrderStatus::Completed => Status::Completed,
        OrderStatus::Canceled => Status::Canceled,
        OrderStatus::Rejected => Status::Rejected,
        OrderStatus::Expired => Status::Expired,
    }
}

fn payment_status(status: PaymentStatus) -> pb::order::PaymentStatus {
    use pb::order::PaymentStatus as Shown;
    match status {
        PaymentStatus::Unpaid => Shown::Unpaid,
        PaymentStatus::PartiallyPaid => Shown::PartiallyPaid,
        PaymentStatus::Paid => Shown::Paid,
        PaymentStatus::Overpaid => Shown::Overpaid,
        PaymentStatus::PartiallyRefunded => Shown::PartiallyRefunded,
        PaymentStatus::Refunded => Shown::Refunded,
    }
}

fn fulfillment_status(status: FulfillmentStatus) -> pb::order::FulfillmentStatus {
    use pb::order::FulfillmentStatus as Shown;
    match status {
        FulfillmentStatus::Unfulfilled => Shown::Unfulfilled,
        FulfillmentStatus::PartiallyFulfilled => Shown::PartiallyFulfilled,
        FulfillmentStatus::Fulfilled => Shown::Fulfilled,
        FulfillmentStatus::PartiallyReturned => Shown::PartiallyReturned,
        FulfillmentStatus::Returned => Shown::Returned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_names_of_the_contract() {
        for known in OrderStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
        for known in PaymentStatus::ALL {
            assert_eq!(payment_status(*known).as_str_name(), known.as_str());
        }
        for known in FulfillmentStatus::ALL {
            assert_eq!(fulfillment_status(*known).as_str_name(), known.as_str());
        }
    }
}
