//! Quotes on their way out. Requests are read in `quote_requests`.

use super::shared::{discount, money, rounding_mode, tax_mode, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::quote::{Quote, QuoteAction, QuoteHead, QuoteItem, QuoteStatus};

/// A quote with everything.
#[must_use]
pub fn quote(quote: Quote, actions: &[QuoteAction]) -> pb::Quote {
    let (basic, head) = (basic_quote(&quote.head), quote.head);
    pb::Quote {
        items: quote.items.into_iter().map(item).collect(),
        note: head.note,
        metadata: head.metadata,
        allowed_actions: actions.iter().map(|action| action.as_str().to_owned()).collect(),
        ..basic
    }
}

/// A quote as lists show it: without lines, note and metadata.
#[must_use]
pub fn basic_quote(head: &QuoteHead) -> pb::Quote {
    let totals = &head.totals;
    pb::Quote {
        id: head.id.to_string(),
        customer_id: head.customer.to_string(),
        currency_code: head.currency.to_string(),
        status: status(head.status).into(),
        version: head.revision,
        revises_quote_id: head.revises.map(|id| id.to_string()).unwrap_or_default(),
        order_id: head.order.map(|id| id.to_string()).unwrap_or_default(),
        subtotal: Some(money(totals.subtotal)),
        discount_total: Some(money(totals.discount)),
        tax_total: Some(money(totals.tax)),
        total: Some(money(totals.total)),
        tax_mode: tax_mode(head.tax_mode).into(),
        rounding_mode: rounding_mode(head.rounding_mode).into(),
        discount: head.discount.map(discount),
        valid_until: Some(time(head.valid_until)),
        reference: head.reference.clone().unwrap_or_default(),
        etag: etag(head.version),
        create_time: Some(time(head.create_time)),
        update_time: Some(time(head.update_time)),
        submit_time: head.submit_time.map(time),
        approve_time: head.approve_time.map(time),
        send_time: head.send_time.map(time),
        accept_time: head.accept_time.map(time),
        decline_time: head.decline_time.map(time),
        expire_time: head.expire_time.map(time),
        withdraw_time: head.withdraw_time.map(time),
        revise_time: head.revise_time.map(time),
        ..Default::default()
    }
}

fn item(item: QuoteItem) -> pb::quote::Item {
    pb::quote::Item {
        id: item.id.to_string(),
        product_id: item.product.to_string(),
        sku: item.sku,
        name: item.name,
        quantity: item.quantity,
        unit_price: Some(money(item.unit_price)),
        discount: Some(money(item.discount)),
        tax: Some(money(item.tax)),
        total: Some(money(item.total)),
        line_discount: item.own_discount.map(discount),
        tax_rate_bps: item.tax_rate_bps,
    }
}

fn status(status: QuoteStatus) -> pb::quote::Status {
    use pb::quote::Status;
    match status {
        QuoteStatus::Draft => Status::Draft,
        QuoteStatus::PendingApproval => Status::PendingApproval,
        QuoteStatus::Approved => Status::Approved,
        QuoteStatus::Sent => Status::Sent,
        QuoteStatus::Accepted => Status::Accepted,
        QuoteStatus::Declined => Status::Declined,
        QuoteStatus::Expired => Status::Expired,
        QuoteStatus::Withdrawn => Status::Withdrawn,
        QuoteStatus::Superseded => Status::Superseded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_names_of_the_contract() {
        for known in QuoteStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
    }
}
