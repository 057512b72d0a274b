//! Payments.

use super::parse::{Parser, parse_id};
use super::shared::{money, optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::PaymentId;
use crate::domain::page::View;
use crate::domain::payment::{NewPayment, Payment, PaymentFilter, PaymentList, PaymentMove, PaymentState};
use crate::domain::violation::Violation;

impl TryFrom<pb::CreatePaymentRequest> for NewPayment {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreatePaymentRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let order = parser.id("order_id", &message.order_id);
        let amount = message.amount.and_then(|amount| parser.positive("amount", &amount));
        parser.finish(order.zip(amount).map(|(order, amount)| Self {
            order,
            amount,
            provider: message.provider,
            provider_reference: message.provider_reference,
            reference: optional(message.reference),
            metadata: message.metadata,
        }))
    }
}

impl TryFrom<pb::GetPaymentRequest> for PaymentId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetPaymentRequest) -> Result<Self, Vec<Violation>> {
        parse_id("payment_id", &message.payment_id)
    }
}

impl TryFrom<pb::ListPaymentsRequest> for PaymentList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListPaymentsRequest) -> Result<Self, Vec<Violation>> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        if message.provider.is_empty() && !message.provider_reference.is_empty() {
            parser.violations.push(Violation::new("provider", "required", "says whose reference it is"));
        }
        let filter = PaymentFilter {
            states: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            order: parser.maybe_id("order_id", &message.order_id),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            created: parser.created(message.create_time_after, message.create_time_before),
            provider: optional(message.provider),
            provider_reference: optional(message.provider_reference),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::VoidPaymentRequest> for PaymentMove {
    type Error = Vec<Violation>;

    fn try_from(message: pb::VoidPaymentRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self { id: parse_id("payment_id", &message.payment_id)?, reason: message.reason })
    }
}

/// A payment with everything.
#[must_use]
pub fn payment(payment: &Payment) -> pb::Payment {
    pb::Payment { metadata: payment.metadata.clone(), ..basic_payment(payment) }
}

/// As much of a payment as a view shows.
#[must_use]
pub fn payment_in(view: View) -> fn(&Payment) -> pb::Payment {
    match view {
        View::Basic => basic_payment,
        View::Full => payment,
    }
}

/// A payment as lists and events show it: without metadata.
#[must_use]
pub fn basic_payment(payment: &Payment) -> pb::Payment {
    pb::Payment {
        id: payment.id.to_string(),
        order_id: payment.order.to_string(),
        customer_id: payment.customer.to_string(),
        amount: Some(money(payment.amount)),
        provider: payment.provider.clone(),
        provider_reference: payment.provider_reference.clone(),
        status: status(payment.state).into(),
        reference: payment.reference.clone().unwrap_or_default(),
        etag: etag(payment.version),
        create_time: Some(time(payment.create_time)),
        update_time: Some(time(payment.update_time)),
        void_time: payment.void_time.map(time),
        ..Default::default()
    }
}

fn status(state: PaymentState) -> pb::payment::Status {
    match state {
        PaymentState::Recorded => pb::payment::Status::Recorded,
        PaymentState::Voided => pb::payment::Status::Voided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_names_of_the_contract() {
        for known in PaymentState::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
    }
}
