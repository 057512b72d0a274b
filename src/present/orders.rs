//! Orders.

use super::parse::{Parser, parse_id};
use super::shared::{money, optional, page_request, rounding_mode, tax_mode, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::order::{
    FulfillmentStatus, NewLine, NewOrder, Order, OrderFilter, OrderHead, OrderItem, OrderList, OrderStatus,
    PaymentStatus,
};
use crate::domain::violation::Violation;

impl TryFrom<pb::CreateOrderRequest> for NewOrder {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateOrderRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let customer: Option<CustomerId> = parser.id("customer_id", &message.customer_id);
        let currency = parser.currency("currency_code", &message.currency_code);
        let lines = new_lines(&mut parser, message.items);
        let parts = customer.zip(currency);
        parser.finish(parts.map(|(customer, currency)| NewOrder {
            customer,
            currency,
            lines,
            shipping_address: message.shipping_address.map(Into::into),
            billing_address: message.billing_address.map(Into::into),
            note: message.note,
            reference: optional(message.reference),
            metadata: message.metadata,
        }))
    }
}

impl TryFrom<pb::GetOrderRequest> for OrderId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetOrderRequest) -> Result<Self, Vec<Violation>> {
        parse_id("order_id", &message.order_id)
    }
}

impl TryFrom<pb::ListOrdersRequest> for OrderList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListOrdersRequest) -> Result<Self, Vec<Violation>> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let customer = match message.customer_id.as_str() {
            "" => None,
            id => Some(parse_id("customer_id", id)?),
        };
        let statuses = message.status().filter_map(|status| status.as_str_name().parse().ok()).collect();
        Ok(Self { filter: OrderFilter { statuses, customer }, page })
    }
}

fn new_lines(parser: &mut Parser, items: Vec<pb::create_order_request::Item>) -> Vec<NewLine> {
    let lines = items.into_iter().enumerate().map(|(place, item)| NewLine {
        unit_price: item.unit_price.and_then(|price| parser.price(&format!("items[{place}].unit_price"), &price)),
        sku: item.sku,
        quantity: item.quantity,
    });
    lines.collect()
}

/// An order with everything.
#[must_use]
pub fn order(order: Order) -> pb::Order {
    let (basic, head) = (basic_order(&order.head), order.head);
    pb::Order {
        items: order.items.into_iter().map(item).collect(),
        shipping_address: head.shipping_address.map(Into::into),
        billing_address: head.billing_address.map(Into::into),
        note: head.note,
        metadata: head.metadata,
        ..basic
    }
}

/// An order as lists and events show it: without lines, addresses, note and metadata.
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
        ..Default::default()
    }
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
