//! The moves of a quote that callers make. The same move again does nothing, and succeeds.

use super::super::approvals::{self, Ask};
use super::super::{Call, Error, orders};
use super::load::{check, load, lock_customer, void_approval, write};
use crate::domain::approval::{ApprovalSubject, discount_bps};
use crate::domain::event::EventType;
use crate::domain::ids::TypedId;
use crate::domain::quote::{Quote, QuoteAction, QuoteMove, QuoteStatus};

/// Submits a draft: it waits for approval, or needs none.
pub async fn submit(call: &Call, step: QuoteMove) -> Result<Quote, Error> {
    let customer = lock_customer(call, step.id, None).await?;
    let before = load(call, step.id).await?;
    if !check(call, &before, QuoteAction::Submit)? {
        return Ok(before);
    }
    if before.head.valid_until <= call.now {
        return Err(Error::QuoteExpired);
    }
    customer.check_of(before.head.customer, "customer_id")?;
    let (head, totals) = (&before.head, &before.head.totals);
    let ask = Ask {
        subject: ApprovalSubject::Quote,
        id: head.id.uuid(),
        customer: head.customer,
        amount: totals.total,
        discount_bps: discount_bps(totals.discount, totals.subtotal),
        quote: head.revises,
    };
    let (to, event) = if approvals::require(call, &ask).await? {
        (QuoteStatus::PendingApproval, EventType::QuoteApprovalRequested)
    } else {
        (QuoteStatus::Approved, EventType::QuoteApproved)
    };
    save(call, &before, before.moved(to, call.now), event, &step.reason).await
}

/// Sends an approved quote to its customer.
pub async fn send(call: &Call, step: QuoteMove) -> Result<Quote, Error> {
    let customer = lock_customer(call, step.id, None).await?;
    let before = load(call, step.id).await?;
    if !check(call, &before, QuoteAction::Send)? {
        return Ok(before);
    }
    customer.check_of(before.head.customer, "customer_id")?;
    save(call, &before, before.moved(QuoteStatus::Sent, call.now), EventType::QuoteSent, &step.reason).await
}

/// Accepts a quote: it becomes an order, which is placed at the quoted prices.
pub async fn accept(call: &Call, step: QuoteMove) -> Result<Quote, Error> {
    let customer = lock_customer(call, step.id, None).await?;
    let before = load(call, step.id).await?;
    if before.head.status == QuoteStatus::Expired {
        return Err(Error::QuoteExpired);
    }
    if !check(call, &before, QuoteAction::Accept)? {
        return Ok(before);
    }
    customer.check_of(before.head.customer, "customer_id")?;
    let order = orders::place_quoted(call, &before).await?;
    let mut quote = before.moved(QuoteStatus::Accepted, call.now);
    quote.head.order = Some(order);
    let mut accepted = save(call, &before, quote, EventType::QuoteAccepted, &step.reason).await?;
    // An order that does not stay has no id.
    accepted.head.order = accepted.head.order.filter(|_| !call.dry_run);
    Ok(accepted)
}

/// Says no for the customer.
pub async fn decline(call: &Call, step: QuoteMove) -> Result<Quote, Error> {
    let before = load(call, step.id).await?;
    if !check(call, &before, QuoteAction::Decline)? {
        return Ok(before);
    }
    save(call, &before, before.moved(QuoteStatus::Declined, call.now), EventType::QuoteDeclined, &step.reason).await
}

/// Takes a quote back.
pub async fn withdraw(call: &Call, step: QuoteMove) -> Result<Quote, Error> {
    let before = load(call, step.id).await?;
    if !check(call, &before, QuoteAction::Withdraw)? {
        return Ok(before);
    }
    void_approval(call, &before).await?;
    save(call, &before, before.moved(QuoteStatus::Withdrawn, call.now), EventType::QuoteWithdrawn, &step.reason).await
}

async fn save(call: &Call, before: &Quote, quote: Quote, event: EventType, reason: &str) -> Result<Quote, Error> {
    call.because(reason);
    write(call, before, &quote, event).await?;
    Ok(quote)
}
