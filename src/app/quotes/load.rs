//! What every write of a quote needs: its customer and the quote itself, locked in this order, and saving it.

use super::super::approvals;
use super::super::orders::LockedCustomer;
use super::super::{Call, Error, Thing};
use super::allowed_actions;
use crate::domain::approval::ApprovalSubject;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{CustomerId, QuoteId, TypedId};
use crate::domain::quote::{IllegalQuoteMove, Quote, QuoteAction, QuoteStatus};
use crate::store::quotes as rows;

/// Locks the customer of a quote, or the one that it is to get.
pub(super) async fn lock_customer(
    call: &Call,
    id: QuoteId,
    wanted: Option<CustomerId>,
) -> Result<LockedCustomer, Error> {
    let owner = rows::customer_of(&call.tx, &call.scope(), id).await?;
    LockedCustomer::lock(call, owner, wanted).await
}

/// The quote that a write is about, locked. One that is due expires first: whoever reads it has seen that already.
pub(super) async fn load(call: &Call, id: QuoteId) -> Result<Quote, Error> {
    let current = match rows::get_for_write(&call.tx, &call.scope(), id).await? {
        Some(found) => Some(expired_if_due(call, found).await?),
        None => None,
    };
    call.expect(Thing::Quote, current)
}

/// Notes that a quote has run out, when it has. The clock is read again: whoever waited for the row may have waited for long.
pub(super) async fn expired_if_due(call: &Call, quote: Quote) -> Result<Quote, Error> {
    let now = call.app.clock.now();
    if !quote.head.is_due(now) {
        return Ok(quote);
    }
    let expired = quote.clone().seen_at(now);
    void_approval(call, &quote).await?;
    write(call, &quote, &expired, EventType::QuoteExpired).await?;
    Ok(expired)
}

/// Nobody needs to decide any more on a quote that waits.
pub(super) async fn void_approval(call: &Call, before: &Quote) -> Result<(), Error> {
    if before.head.status == QuoteStatus::PendingApproval {
        approvals::void(call, ApprovalSubject::Quote, before.head.id.uuid()).await?;
    }
    Ok(())
}

/// Whether a move is still to be made: `false` when it has been made already.
pub(super) fn check(call: &Call, quote: &Quote, action: QuoteAction) -> Result<bool, Error> {
    let refused = |illegal: IllegalQuoteMove| Error::IllegalTransition {
        from: illegal.from.as_str(),
        action: illegal.action.as_str(),
        allowed: allowed_actions(&call.caller, &quote.head, call.now).iter().map(|action| action.as_str()).collect(),
        field: None,
    };
    quote.head.check(action).map_err(refused)
}

/// Writes a quote whose version has moved, and tells of it.
pub(super) async fn write(call: &Call, before: &Quote, quote: &Quote, event: EventType) -> Result<(), Error> {
    rows::save(&call.tx, &call.scope(), before, quote).await?;
    call.tell(event, Subject::Quote(&quote.head));
    Ok(())
}
