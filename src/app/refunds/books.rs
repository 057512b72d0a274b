//! What an order, or one payment of it, has left to give back; and writing down what refunds hold of it.

use std::collections::BTreeMap;

use super::super::{Call, Error, Thing, orders};
use crate::domain::event::EventType;
use crate::domain::ids::{OrderItemId, PaymentId};
use crate::domain::money::{Money, MoneyError};
use crate::domain::order::Order;
use crate::domain::payment::Payment;
use crate::domain::refund::{Given, Plan, Refund, RefundError, RefundStatus, Wish, check_retry, plan, rest};
use crate::store::{Scope, Source, orders as order_rows, payments, refunds as rows};

/// What names a refund that is tried again, in errors.
const RETRIED: &str = "refund_id";

/// What counts against an order.
pub(super) struct Books {
    given: BTreeMap<OrderItemId, Given>,
    payment: Option<Payment>,
    rest: Money,
}

impl Books {
    /// Reads them. Whoever is going to change them holds the order, and so nobody else does.
    pub(super) async fn read(
        from: &impl Source,
        scope: &Scope,
        order: &Order,
        payment: Option<PaymentId>,
    ) -> Result<Self, Error> {
        let payment = match payment {
            Some(id) => Some(payment_of(from, scope, order, id).await?),
            None => None,
        };
        let given = rows::given(from, scope, order.head.id).await?;
        let rest = rest(&order.head, payment.as_ref()).map_err(fault)?;
        Ok(Self { given, payment, rest })
    }

    /// What a wish gives back.
    pub(super) fn plan(&self, order: &Order, wish: &Wish) -> Result<Plan, Error> {
        plan(&order.items, &self.given, self.rest, wish).map_err(refused)
    }

    /// Whether the money and the units of a refund that failed are still there.
    pub(super) fn check_retry(&self, order: &Order, refund: &Refund) -> Result<(), Error> {
        check_retry(refund, &order.items, &self.given, self.rest, RETRIED).map_err(refused)
    }

    /// Writes what a refund that was `before` holds of its order and its payment from now on, and what it gave back.
    pub(super) async fn settle(
        &self,
        call: &Call,
        order: &Order,
        before: Option<&Refund>,
        after: &Refund,
    ) -> Result<(), Error> {
        let change = after.claim() - before.map_or(0, Refund::claim);
        let moved = |claims: Money| Money::new(claims.currency(), claims.minor_units() + change).map_err(fault);
        if let Some(payment) = self.payment.as_ref().filter(|_| change != 0) {
            payments::save_claims(&call.tx, &call.scope(), payment, moved(payment.refund_claims)?).await?;
        }
        if after.status == RefundStatus::Succeeded {
            return give_back(call, order, after.amount).await;
        }
        if change != 0 {
            let claims = moved(order.head.refund_claims)?;
            order_rows::save_claims(&call.tx, &call.scope(), order, claims).await?;
        }
        Ok(())
    }
}

/// A refund that succeeded shows in its order. It was held before.
async fn give_back(call: &Call, before: &Order, amount: Money) -> Result<(), Error> {
    let mut order = before.clone();
    order.head.totals.refunded = order.head.totals.refunded.plus(amount).map_err(fault)?;
    order.recompute().map_err(fault)?;
    orders::save(call, before, order, EventType::OrderUpdated).await?;
    Ok(())
}

/// Whether a refund that failed can be tried again now.
pub(super) async fn can_retry(from: &impl Source, scope: &Scope, refund: &Refund) -> Result<bool, Error> {
    let Some(order) = order_rows::get(from, scope, refund.order).await? else { return Ok(false) };
    let books = Books::read(from, scope, &order, refund.payment).await?;
    match books.check_retry(&order, refund) {
        Ok(()) => Ok(true),
        Err(Error::RefundExceedsRemaining { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A payment of this order.
async fn payment_of(from: &impl Source, scope: &Scope, order: &Order, id: PaymentId) -> Result<Payment, Error> {
    let found = payments::get(from, scope, id).await?.filter(|payment| payment.order == order.head.id);
    found.ok_or_else(|| Error::NotFound { thing: Thing::Payment, field: Some("payment_id".to_owned()) })
}

fn fault(error: MoneyError) -> Error {
    Error::Fault(error.to_string())
}

fn refused(error: RefundError) -> Error {
    match error {
        RefundError::Exceeds { maximum, field } => Error::RefundExceedsRemaining { maximum, field },
        RefundError::NoSuchItem(field) => Error::NotFound { thing: Thing::OrderItem, field: Some(field) },
        RefundError::CurrencyMismatch(field) => Error::CurrencyMismatch { field },
        RefundError::Corrupt(error) => fault(error),
    }
}
