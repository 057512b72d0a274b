//! Use cases of payments: recording what a provider took, and taking that back out of the books.

use super::{Call, Error, Page, Placed, Read, Thing, Unique, orders};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{PaymentId, TypedId};
use crate::domain::money::Money;
use crate::domain::order::{Order, OrderStatus};
use crate::domain::payment::{NewPayment, Payment, PaymentAction, PaymentList, PaymentMove};
use crate::domain::states::Machine;
use crate::store::{Position, payments as rows};

/// What orders cannot have done to them as drafts, as errors name it.
const PAY: &str = "pay";

impl Placed for Payment {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Records a payment.
pub async fn create(call: &Call, new: NewPayment) -> Result<Payment, Error> {
    let order = orders::lock(call, new.order, Some("order_id")).await?;
    if order.head.status == OrderStatus::Draft {
        let allowed = orders::allowed_actions(&call.caller, &order).iter().map(|action| action.as_str()).collect();
        let (from, field) = (order.head.status.as_str(), Some("order_id".to_owned()));
        return Err(Error::IllegalTransition { from, action: PAY, allowed, field });
    }
    if new.amount.currency() != order.head.currency {
        return Err(Error::CurrencyMismatch { field: "amount.currency_code".to_owned() });
    }
    let payment = Payment::new(call.id(), order.head.customer, new, call.now);
    check_references(call, &payment).await?;
    let paid = order.head.totals.paid.plus(payment.amount).map_err(|_| too_much())?;
    rows::insert(&call.tx, &call.scope(), &payment).await?;
    call.tell(EventType::PaymentRecorded, Subject::Payment(&payment));
    save_paid(call, &order, paid).await?;
    Ok(payment)
}

/// Neither the reference of the provider nor the client's own is taken. Who may not see whose it is, is told no id.
async fn check_references(call: &Call, payment: &Payment) -> Result<(), Error> {
    let (tx, scope) = (&call.tx, call.scope());
    let (provider, reference) = (&payment.provider, &payment.provider_reference);
    if let Some(id) = rows::by_provider_reference(tx, &scope, provider, reference).await? {
        let is_seen = rows::order_of(tx, &scope, id).await?.is_some();
        let existing = if is_seen { id.to_string() } else { String::new() };
        return Err(Error::Duplicate {
            unique: Unique::ProviderReference,
            existing,
            field: "provider_reference".to_owned(),
        });
    }
    let Some(reference) = &payment.reference else { return Ok(()) };
    match rows::by_reference(tx, &scope, payment.customer, reference).await? {
        Some(id) => {
            Err(Error::Duplicate { unique: Unique::Reference, existing: id.to_string(), field: "reference".to_owned() })
        }
        None => Ok(()),
    }
}

fn too_much() -> Error {
    Error::invalid("amount.minor_units", "out_of_range", "all payments of an order must stay below 2^53 minor units")
}

/// Writes what an order has been paid.
async fn save_paid(call: &Call, before: &Order, paid: Money) -> Result<(), Error> {
    let mut order = before.clone();
    order.head.totals.paid = paid;
    order.recompute().map_err(|error| Error::Fault(error.to_string()))?;
    orders::save(call, before, order, EventType::OrderUpdated).await?;
    Ok(())
}

/// The payment with this id.
pub async fn get(call: &Read, id: PaymentId) -> Result<Payment, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Payment, field: None })
}

/// A page of payments.
pub async fn list(call: &Read, list: &PaymentList) -> Result<Page<Payment>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// Takes a payment out of the books. Doing it again changes nothing.
pub async fn void(call: &Call, step: PaymentMove) -> Result<Payment, Error> {
    let missing = || Error::NotFound { thing: Thing::Payment, field: None };
    let order = rows::order_of(&call.tx, &call.scope(), step.id).await?.ok_or_else(missing)?;
    let order = orders::lock(call, order, None).await?;
    let before = call.expect(Thing::Payment, rows::get_for_write(&call.tx, &call.scope(), step.id).await?)?;
    if before.state.asks(PaymentAction::Void) != Some(true) {
        return Ok(before);
    }
    let (paid, claims) = (order.head.totals.paid, order.head.refund_claims);
    if !before.is_spare(paid, claims) {
        return Err(Error::PaymentInUse);
    }
    let payment = before.voided(call.now);
    rows::save(&call.tx, &call.scope(), &before, &payment).await?;
    call.because(&step.reason);
    call.tell(EventType::PaymentVoided, Subject::Payment(&payment));
    let paid = paid.minus(payment.amount).map_err(|error| Error::Fault(error.to_string()))?;
    save_paid(call, &order, paid).await?;
    Ok(payment)
}
