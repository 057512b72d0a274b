//! What the service does with quotes by itself: what comes of their approval, and their end.

use std::sync::Arc;

use super::super::expiry::each;
use super::super::{App, Call, Error, Thing};
use super::load::{expired_if_due, write};
use crate::domain::event::EventType;
use crate::domain::ids::QuoteId;
use crate::domain::quote::{Quote, QuoteAction, QuoteStatus};
use crate::store::quotes as rows;

/// Locks a quote until the transaction is over, for whoever decides on its approval.
///
/// # Errors
/// `NotFound`.
pub(in crate::app) async fn lock(call: &Call, id: QuoteId) -> Result<(), Error> {
    locked(call, id).await.map(drop)
}

async fn locked(call: &Call, id: QuoteId) -> Result<Quote, Error> {
    let found = rows::get_for_write(&call.tx, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Quote, field: None })
}

/// An approver agreed: it may be sent.
///
/// # Errors
/// `QuoteExpired` when it has run out in the meantime.
pub(in crate::app) async fn approved(call: &Call, id: QuoteId) -> Result<(), Error> {
    let before = locked(call, id).await?;
    if before.head.is_due(call.app.clock.now()) {
        return Err(Error::QuoteExpired);
    }
    decided(call, &before, QuoteAction::Approve, QuoteStatus::Approved, EventType::QuoteApproved).await
}

/// An approver refused: it is a draft again.
///
/// # Errors
/// `QuoteExpired` when it has run out in the meantime.
pub(in crate::app) async fn rejected(call: &Call, id: QuoteId) -> Result<(), Error> {
    let before = locked(call, id).await?;
    if before.head.is_due(call.app.clock.now()) {
        return Err(Error::QuoteExpired);
    }
    decided(call, &before, QuoteAction::Reject, QuoteStatus::Draft, EventType::QuoteRejected).await
}

/// Nobody decided in time: it is a draft again, unless it has run out as well.
pub(in crate::app) async fn approval_expired(call: &Call, id: QuoteId) -> Result<(), Error> {
    let before = expired_if_due(call, locked(call, id).await?).await?;
    if before.head.status == QuoteStatus::Expired {
        return Ok(());
    }
    decided(call, &before, QuoteAction::Reject, QuoteStatus::Draft, EventType::QuoteRejected).await
}

/// An approval is pending exactly while its quote is.
async fn decided(
    call: &Call,
    before: &Quote,
    action: QuoteAction,
    to: QuoteStatus,
    event: EventType,
) -> Result<(), Error> {
    match before.head.check(action) {
        Ok(true) => write(call, before, &before.moved(to, call.now), event).await,
        Ok(false) => Ok(()),
        Err(illegal) => Err(Error::Fault(format!("an approval of {} is open in {:?}", before.head.id, illegal.from))),
    }
}

/// Lets quotes expire whose time is over, those of all tenants, a round of them.
///
/// # Errors
/// When the database does not do it; then they wait for the next time, and keep no others from it.
pub async fn sweep_quotes(app: &Arc<App>) -> Result<(), Error> {
    let due = rows::due(&app.db.reader(), app.clock.now(), app.failing.room()).await?;
    each(app, "quote", due, |tenant, id| app.by_itself(tenant, "expire-quote", move |call| Box::pin(expire(call, id))))
        .await;
    Ok(())
}

/// Whatever happened to the quote since it was found, it expires only as one that is due.
async fn expire(call: &Call, id: QuoteId) -> Result<(), Error> {
    expired_if_due(call, locked(call, id).await?).await.map(drop)
}
