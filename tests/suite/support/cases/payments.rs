//! Payments and refunds: the things that a tenant has of them, and a valid call of each method.

use tradepost::contract::pb;

use super::{Case, Hidden, Things};
use crate::support::client::Client;
use crate::support::world::{TEAPOT, money, order};

/// What the books of an order have, of each kind one. Writes use some of them up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Booked {
    /// The order: 15.00 GBP are due, and 20.00 were paid.
    pub(crate) order: String,
    /// A payment that refunds do not need.
    pub(crate) payment: String,
    /// One of 1.00 GBP that is pending.
    pub(crate) refund: String,
    /// One that failed.
    pub(crate) failed_refund: String,
}

impl Booked {
    pub(super) async fn new(owner: &Client, customer: &str) -> Self {
        let order = owner.call(order(customer, &[(TEAPOT, 1)])).await.expect("an order").id();
        let pay = async |amount, name: &str| {
            let reference = format!("{name}-{order}");
            owner.keyed(&reference, pay(&order, amount, &reference)).await.expect("a payment").id()
        };
        pay(1500, "first").await;
        let payment = pay(500, "second").await;
        let give = async |name: &str| {
            let key = format!("{name}-{order}");
            owner.keyed(&key, refund(&order, 100)).await.expect("a refund").id()
        };
        let (refund, failed_refund) = (give("pending").await, give("failed").await);
        let failed = pb::MarkRefundFailedRequest { refund_id: failed_refund.clone(), ..Default::default() };
        owner.call(failed).await.expect("failed");
        Self { order, payment, refund, failed_refund }
    }

    pub(super) fn ids(&self) -> [&str; 4] {
        [&self.order, &self.payment, &self.refund, &self.failed_refund]
    }

    pub(super) fn absent(&self) -> Self {
        use crate::access::sibling;
        Self {
            order: sibling(&self.order),
            payment: sibling(&self.payment),
            refund: sibling(&self.refund),
            failed_refund: sibling(&self.failed_refund),
        }
    }
}

/// What records a payment in GBP.
pub(crate) fn pay(order: &str, amount: i64, provider_reference: &str) -> pb::CreatePaymentRequest {
    pb::CreatePaymentRequest {
        order_id: order.to_owned(),
        amount: Some(money("GBP", amount)),
        provider: "stripe".to_owned(),
        provider_reference: provider_reference.to_owned(),
        ..Default::default()
    }
}

/// What asks for a refund of an amount in GBP.
pub(crate) fn refund(order: &str, amount: i64) -> pb::CreateRefundRequest {
    let amount = Some(money("GBP", amount));
    pb::CreateRefundRequest { order_id: order.to_owned(), amount, ..Default::default() }
}

pub(super) fn case(name: &str, things: &Things) -> Case {
    let (of_payment, of_refund) = (Hidden::NotFound("payment_not_found"), Hidden::NotFound("refund_not_found"));
    let of_order = Hidden::NotFound("order_not_found");
    let Booked { order, payment, refund: pending, failed_refund } = things.booked.clone();
    match name {
        "CreatePayment" => Case::new(pay(&order, 100, &things.new_name), of_order),
        "GetPayment" => Case::new(pb::GetPaymentRequest { payment_id: payment }, of_payment),
        "ListPayments" => Case::new(pb::ListPaymentsRequest::default(), Hidden::Empty("payments")),
        "VoidPayment" => Case::new(pb::VoidPaymentRequest { payment_id: payment, ..Default::default() }, of_payment),
        "CreateRefund" => Case::new(refund(&order, 100), of_order),
        "GetRefund" => Case::new(pb::GetRefundRequest { refund_id: pending }, of_refund),
        "ListRefunds" => Case::new(pb::ListRefundsRequest::default(), Hidden::Empty("refunds")),
        "MarkRefundSucceeded" => {
            Case::new(pb::MarkRefundSucceededRequest { refund_id: pending, ..Default::default() }, of_refund)
        }
        "MarkRefundFailed" => {
            Case::new(pb::MarkRefundFailedRequest { refund_id: pending, ..Default::default() }, of_refund)
        }
        "RetryRefund" => {
            Case::new(pb::RetryRefundRequest { refund_id: failed_refund, ..Default::default() }, of_refund)
        }
        "CancelRefund" => Case::new(pb::CancelRefundRequest { refund_id: pending, ..Default::default() }, of_refund),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
