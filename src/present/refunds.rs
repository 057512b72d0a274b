//! Refunds.

use super::parse::{Parser, parse_id};
use super::shared::{money, optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::RefundId;
use crate::domain::order::Units;
use crate::domain::refund::{
    NewRefund, Refund, RefundAction, RefundFilter, RefundItem, RefundList, RefundMove, RefundStatus, Wish,
};
use crate::domain::violation::Violation;

type Invalid = Vec<Violation>;

impl TryFrom<pb::CreateRefundRequest> for NewRefund {
    type Error = Invalid;

    fn try_from(message: pb::CreateRefundRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let order = parser.id("order_id", &message.order_id);
        let payment = parser.maybe_id("payment_id", &message.payment_id);
        let wish = wish(&mut parser, message.amount.as_ref(), &message.items);
        parser.finish(order.zip(wish).map(|(order, wish)| Self {
            order,
            wish,
            reason: message.reason,
            payment,
            reference: optional(message.reference),
            metadata: message.metadata,
        }))
    }
}

/// The contract sees to it that there is exactly one of the three: what is neither an amount nor lines is the rest.
fn wish(parser: &mut Parser, amount: Option<&pb::Money>, items: &[pb::create_refund_request::Item]) -> Option<Wish> {
    if let Some(amount) = amount {
        return parser.positive("amount", amount).map(Wish::Amount);
    }
    if items.is_empty() {
        return Some(Wish::Remaining);
    }
    let units = items.iter().enumerate().filter_map(|(place, item)| {
        let id = parser.id(&format!("items[{place}].item_id"), &item.item_id);
        id.map(|id| Units { item: id, quantity: item.quantity })
    });
    Some(Wish::Items(units.collect()))
}

impl TryFrom<pb::GetRefundRequest> for RefundId {
    type Error = Invalid;

    fn try_from(message: pb::GetRefundRequest) -> Result<Self, Invalid> {
        parse_id("refund_id", &message.refund_id)
    }
}

impl TryFrom<pb::ListRefundsRequest> for RefundList {
    type Error = Invalid;

    fn try_from(mut message: pb::ListRefundsRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        let filter = RefundFilter {
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            order: parser.maybe_id("order_id", &message.order_id),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            payment: parser.maybe_id("payment_id", &message.payment_id),
            created: parser.created(message.create_time_after, message.create_time_before),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::MarkRefundSucceededRequest> for RefundMove {
    type Error = Invalid;

    fn try_from(message: pb::MarkRefundSucceededRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("refund_id", &message.refund_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::MarkRefundFailedRequest> for RefundMove {
    type Error = Invalid;

    fn try_from(message: pb::MarkRefundFailedRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("refund_id", &message.refund_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::RetryRefundRequest> for RefundMove {
    type Error = Invalid;

    fn try_from(message: pb::RetryRefundRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("refund_id", &message.refund_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::CancelRefundRequest> for RefundMove {
    type Error = Invalid;

    fn try_from(message: pb::CancelRefundRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("refund_id", &message.refund_id)?, reason: message.reason })
    }
}

/// A refund with everything.
#[must_use]
pub fn refund(refund: &Refund, actions: &[RefundAction]) -> pb::Refund {
    pb::Refund {
        items: refund.items.iter().map(item).collect(),
        metadata: refund.metadata.clone(),
        allowed_actions: actions.iter().map(|action| action.as_str().to_owned()).collect(),
        ..basic_refund(refund)
    }
}

fn item(item: &RefundItem) -> pb::refund::Item {
    pb::refund::Item { item_id: item.item.to_string(), quantity: item.quantity, amount: Some(money(item.amount)) }
}

/// A refund as lists show it: without lines and metadata.
#[must_use]
pub fn basic_refund(refund: &Refund) -> pb::Refund {
    pb::Refund {
        id: refund.id.to_string(),
        order_id: refund.order.to_string(),
        customer_id: refund.customer.to_string(),
        payment_id: refund.payment.map(|id| id.to_string()).unwrap_or_default(),
        amount: Some(money(refund.amount)),
        status: status(refund.status).into(),
        reason: refund.reason.clone(),
        failure_reason: refund.failure_reason.clone(),
        reference: refund.reference.clone().unwrap_or_default(),
        etag: etag(refund.version),
        create_time: Some(time(refund.create_time)),
        update_time: Some(time(refund.update_time)),
        succeed_time: refund.succeed_time.map(time),
        fail_time: refund.fail_time.map(time),
        cancel_time: refund.cancel_time.map(time),
        ..Default::default()
    }
}

fn status(status: RefundStatus) -> pb::refund::Status {
    use pb::refund::Status;
    match status {
        RefundStatus::PendingApproval => Status::PendingApproval,
        RefundStatus::Pending => Status::Pending,
        RefundStatus::Succeeded => Status::Succeeded,
        RefundStatus::Failed => Status::Failed,
        RefundStatus::Canceled => Status::Canceled,
        RefundStatus::Rejected => Status::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_names_of_the_contract() {
        for known in RefundStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
    }
}
