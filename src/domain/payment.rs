//! Payments: what a provider took for an order, as it was recorded.

use super::Metadata;
use super::etag::Versioned;
use super::ids::{CustomerId, OrderId, PaymentId};
use super::money::Money;
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

text_enum! {
    /// Where a payment stands. How much of an order is paid is another thing.
    PaymentState {
        /// It counts.
        Recorded = "RECORDED",
        /// It no longer counts.
        Voided = "VOIDED",
    }
}

text_enum! {
    /// What can be done with a payment, as REST names it.
    PaymentAction {
        /// It is taken out of the books.
        Void = "void",
    }
}

impl Machine for PaymentState {
    type Action = PaymentAction;

    const MOVES: &'static [Move<Self, PaymentAction>] =
        &[Move { from: Self::Recorded, action: PaymentAction::Void, to: Some(Self::Voided) }];

    const STARTS: &'static [Self] = &[Self::Recorded];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: PaymentAction) -> &'static str {
        action.as_str()
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The order that it is for.
    pub order: OrderId,
    /// The customer of that order.
    pub customer: CustomerId,
    /// What was taken, in the currency of the order; above zero.
    pub amount: Money,
    /// Who took it.
    pub provider: String,
    /// The provider's own id of it: no two payments of a provider in a tenant have the same one.
    pub provider_reference: String,
    /// Where it stands.
    pub state: PaymentState,
    /// What refunds that name this payment hold of it; never more than its amount. Nobody sees it, so it moves no version.
    pub refund_claims: Money,
    /// The client's own id, unique among the customer's payments.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every visible change.
    pub version: i64,
    /// When it was recorded.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When it was voided.
    pub void_time: Option<Time>,
}

/// What a new payment is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Payment")]
pub struct NewPayment {
    pub order: OrderId,
    pub amount: Money,
    pub provider: String,
    pub provider_reference: String,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// A payment that is to make a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentMove {
    /// Which one.
    pub id: PaymentId,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// Which payments a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Only these states; empty: all.
    pub states: Vec<PaymentState>,
    /// Only this order's.
    pub order: Option<OrderId>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only this provider's.
    pub provider: Option<String>,
    /// Only the one with this reference of the provider.
    pub provider_reference: Option<String>,
    /// Only those that were recorded in this time.
    pub created: TimeRange,
}

/// A list of payments, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentList {
    /// Which payments.
    pub filter: PaymentFilter,
    /// Which page.
    pub page: PageRequest,
}

impl Payment {
    /// A new payment for an order of this customer.
    #[must_use]
    pub fn new(id: PaymentId, customer: CustomerId, new: NewPayment, now: Time) -> Self {
        Self {
            id,
            order: new.order,
            customer,
            amount: new.amount,
            provider: new.provider,
            provider_reference: new.provider_reference,
            state: PaymentState::Recorded,
            refund_claims: Money::zero(new.amount.currency()),
            reference: new.reference,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            void_time: None,
        }
    }

    /// What refunds may still take from it, in minor units; nothing once it is voided.
    #[must_use]
    pub fn rest(&self) -> i64 {
        match self.state {
            PaymentState::Recorded => self.amount.minor_units() - self.refund_claims.minor_units(),
            PaymentState::Voided => 0,
        }
    }

    /// Whether the books balance without it: no refund is taken from it, and what refunds hold of the whole order (`claims`)
    /// is covered by the other payments. `paid` is what all of them took.
    #[must_use]
    pub fn is_spare(&self, paid: Money, claims: Money) -> bool {
        let others = paid.minor_units() - self.amount.minor_units();
        self.refund_claims.minor_units() == 0 && claims.minor_units() <= others
    }

    /// The payment out of the books; the same one when it is already.
    #[must_use]
    pub fn voided(&self, now: Time) -> Self {
        match self.state {
            PaymentState::Voided => self.clone(),
            PaymentState::Recorded => Self {
                state: PaymentState::Voided,
                version: self.version + 1,
                update_time: now,
                void_time: Some(now),
                ..self.clone()
            },
        }
    }
}

impl Versioned for Payment {
    fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;
    use crate::domain::money::Currency;
    use uuid::Uuid;

    fn gbp(minor_units: i64) -> Money {
        Money::new(Currency::parse("GBP").expect("a currency"), minor_units).expect("in range")
    }

    fn payment(amount: i64, claims: i64) -> Payment {
        let new = NewPayment {
            order: OrderId::from_uuid(Uuid::nil()),
            amount: gbp(amount),
            provider: "stripe".to_owned(),
            provider_reference: "ch_1".to_owned(),
            reference: None,
            metadata: Metadata::new(),
        };
        let id = PaymentId::from_uuid(Uuid::nil());
        let new = Payment::new(id, CustomerId::from_uuid(Uuid::nil()), new, Time::from_micros(1));
        Payment { refund_claims: gbp(claims), ..new }
    }

    #[test]
    fn every_state_and_action() {
        for state in PaymentState::ALL {
            for action in PaymentAction::ALL {
                let expected = match (state, action) {
                    (PaymentState::Recorded, PaymentAction::Void) => Some(true),
                    (PaymentState::Voided, PaymentAction::Void) => Some(false),
                };
                assert_eq!(state.asks(*action), expected, "{state:?} {action:?}");
            }
        }
    }

    #[test]
    fn a_payment_is_voided_once() {
        let (before, now) = (payment(100, 0), Time::from_micros(2));
        let voided = before.voided(now);
        assert_eq!((voided.state, voided.version, voided.void_time), (PaymentState::Voided, 2, Some(now)));
        assert_eq!(voided.voided(Time::from_micros(3)), voided);
        assert_eq!((before.rest(), voided.rest()), (100, 0));
    }

    #[test]
    fn a_payment_is_spare_when_the_others_cover_the_refunds() {
        for (own_claims, paid, claims, expected) in [
            (0, 100, 0, true),
            (0, 100, 1, false),
            (0, 160, 60, true),
            (0, 160, 61, false),
            (1, 200, 1, false),
            (100, 200, 100, false),
        ] {
            let found = payment(100, own_claims).is_spare(gbp(paid), gbp(claims));
            assert_eq!(found, expected, "{own_claims} of {claims} claims, {paid} paid");
        }
    }
}
