//! The moves of a refund, by callers and by approvals. The same move again does nothing, and succeeds.

use super::super::{Call, Error, Thing, approvals, orders};
use super::books::Books;
use super::{Shown, shown};
use crate::domain::approval::ApprovalSubject;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{RefundId, TypedId};
use crate::domain::order::Order;
use crate::domain::refund::{Refund, RefundAction, RefundMove, RefundStatus};
use crate::domain::states::Machine;
use crate::store::refunds as rows;

/// The provider gave the money back.
pub async fn mark_succeeded(call: &Call, step: RefundMove) -> Result<Shown, Error> {
    act(call, step, RefundAction::MarkSucceeded).await
}

/// The provider did not: what the refund held is free.
pub async fn mark_failed(call: &Call, step: RefundMove) -> Result<Shown, Error> {
    act(call, step, RefundAction::MarkFailed).await
}

/// Tries a failed refund again, while its money and units are there.
pub async fn retry(call: &Call, step: RefundMove) -> Result<Shown, Error> {
    act(call, step, RefundAction::Retry).await
}

/// Gives a refund up.
pub async fn cancel(call: &Call, step: RefundMove) -> Result<Shown, Error> {
    act(call, step, RefundAction::Cancel).await
}

async fn act(call: &Call, step: RefundMove, action: RefundAction) -> Result<Shown, Error> {
    let order = hold(call, step.id).await?;
    let before = call.expect(Thing::Refund, rows::get_for_write(&call.tx, &call.scope(), step.id).await?)?;
    call.because(&step.reason);
    let after = moved(call, &order, before, action, &step.reason).await?;
    shown(&call.tx, &call.scope(), &call.caller, after).await
}

/// Makes a move of a refund whose order is held.
async fn moved(
    call: &Call,
    order: &Order,
    before: Refund,
    action: RefundAction,
    reason: &str,
) -> Result<Refund, Error> {
    match before.status.asks(action) {
        None => return Err(illegal(call, before, action).await?),
        Some(false) => return Ok(before),
        Some(true) => {}
    }
    let books = Books::read(&call.tx, &call.scope(), order, before.payment).await?;
    if action == RefundAction::Retry {
        books.check_retry(order, &before)?;
    }
    if action == RefundAction::Cancel && before.status == RefundStatus::PendingApproval {
        approvals::void(call, ApprovalSubject::Refund, before.id.uuid()).await?;
    }
    let after = before.after(action, reason, call.now);
    rows::save(&call.tx, &call.scope(), &before, &after).await?;
    books.settle(call, order, Some(&before), &after).await?;
    call.tell(event(action), Subject::Refund(&after));
    Ok(after)
}

const fn event(action: RefundAction) -> EventType {
    match action {
        RefundAction::MarkSucceeded => EventType::RefundSucceeded,
        RefundAction::MarkFailed => EventType::RefundFailed,
        RefundAction::Retry => EventType::RefundRetried,
        RefundAction::Cancel => EventType::RefundCanceled,
        RefundAction::Approve => EventType::RefundApproved,
        RefundAction::Reject | RefundAction::Expire => EventType::RefundRejected,
    }
}

/// A move that is not legal, with those that are, for this caller.
async fn illegal(call: &Call, refund: Refund, action: RefundAction) -> Result<Error, Error> {
    let from = refund.status.as_str();
    let legal = shown(&call.tx, &call.scope(), &call.caller, refund).await?.actions;
    let allowed = legal.into_iter().map(RefundAction::as_str).collect();
    Ok(Error::IllegalTransition { from, action: action.as_str(), allowed, field: None })
}

/// The order of a refund, held until the transaction is over: whatever changes a refund holds it first.
async fn hold(call: &Call, id: RefundId) -> Result<Order, Error> {
    let missing = || Error::NotFound { thing: Thing::Refund, field: None };
    let order = rows::order_of(&call.tx, &call.scope(), id).await?.ok_or_else(missing)?;
    orders::lock(call, order, None).await
}

/// Locks what an approval of this refund is going to change.
pub(in crate::app) async fn lock(call: &Call, id: RefundId) -> Result<(), Error> {
    hold(call, id).await.map(|_| ())
}

/// An approver agreed.
pub(in crate::app) async fn approved(call: &Call, id: RefundId) -> Result<(), Error> {
    decided(call, id, RefundAction::Approve, "").await
}

/// An approver refused.
pub(in crate::app) async fn rejected(call: &Call, id: RefundId, reason: &str) -> Result<(), Error> {
    decided(call, id, RefundAction::Reject, reason).await
}

/// Nobody decided in time.
pub(in crate::app) async fn approval_expired(call: &Call, id: RefundId) -> Result<(), Error> {
    decided(call, id, RefundAction::Expire, "").await
}

/// The etag of the call is that of the approval, and not the refund's.
async fn decided(call: &Call, id: RefundId, action: RefundAction, reason: &str) -> Result<(), Error> {
    let order = hold(call, id).await?;
    let found = rows::get_for_write(&call.tx, &call.scope(), id).await?;
    let before = found.ok_or(Error::NotFound { thing: Thing::Refund, field: None })?;
    moved(call, &order, before, action, reason).await.map(|_| ())
}
