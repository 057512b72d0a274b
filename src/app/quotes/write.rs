//! Writing quotes: a new draft, changes of one, and a new version of what was quoted before.

use super::super::customers::check_customer;
use super::super::orders::{check_chosen, price, settings};
use super::super::{Call, Error, Unique};
use super::load::{check, load, lock_customer, void_approval, write};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::OrderId;
use crate::domain::order::Order;
use crate::domain::quote::{Quote, QuoteAction, QuoteContent, QuoteHead, QuoteMove, QuoteStatus, QuoteUpdate};
use crate::domain::time::Time;
use crate::store::quotes as rows;

/// What stands before the fields of a quote in an update.
const IN_UPDATE: &str = "quote.";

/// Creates a draft.
pub async fn create(call: &Call, content: QuoteContent) -> Result<Quote, Error> {
    check_chosen(call, &content.lines, content.discount.is_some(), "")?;
    check_validity(call, content.valid_until, "")?;
    check_customer(call, content.customer, "customer_id").await?;
    let (mut order, lines) = Order::draft(call.id::<OrderId>(), content.of_order(), settings(call).await?, call.now);
    price(call, &mut order, lines, "").await?;
    let quote = Quote::draft(call.id(), content, order, call.now);
    check_reference(call, &quote.head, "").await?;
    rows::insert(&call.tx, &call.scope(), &quote).await?;
    call.tell(EventType::QuoteCreated, Subject::Quote(&quote.head));
    Ok(quote)
}

/// Changes some fields of a draft. An update that changes nothing is none.
pub async fn update(call: &Call, update: QuoteUpdate) -> Result<Quote, Error> {
    let patch = update.patch;
    // Taking a discount away is choosing one, too.
    check_chosen(call, patch.lines.as_deref().unwrap_or_default(), patch.discount.is_some(), IN_UPDATE)?;
    let customer = lock_customer(call, update.id, patch.customer).await?;
    let before = load(call, update.id).await?;
    check(call, &before, QuoteAction::Update)?;
    customer.check_of(before.head.customer, "quote.customer_id")?;
    if let Some(valid_until) = patch.valid_until {
        check_validity(call, valid_until, IN_UPDATE)?;
    }
    let moves_amounts = patch.moves_amounts();
    let mut quote = before.clone();
    let lines = quote.edit(patch);
    check_reference(call, &quote.head, IN_UPDATE).await?;
    if moves_amounts {
        let lines = lines.unwrap_or_else(|| quote.wishes());
        let mut order = Order::pricing(&quote, quote.head.currency != before.head.currency);
        price(call, &mut order, lines, IN_UPDATE).await?;
        quote.take_amounts(order);
    }
    if quote != before {
        quote.touch(call.now);
        write(call, &before, &quote, EventType::QuoteUpdated).await?;
    }
    Ok(quote)
}

/// Makes a new draft that says what the quote says; the quote itself is superseded.
pub async fn revise(call: &Call, step: QuoteMove) -> Result<Quote, Error> {
    let customer = lock_customer(call, step.id, None).await?;
    let before = load(call, step.id).await?;
    check(call, &before, QuoteAction::Revise)?;
    customer.check_of(before.head.customer, "customer_id")?;
    let revision = before.revision(call.id(), || call.id(), call.now);
    void_approval(call, &before).await?;
    // First, so that the reference is free for the new one.
    write(call, &before, &before.moved(QuoteStatus::Superseded, call.now), EventType::QuoteRevised).await?;
    rows::insert(&call.tx, &call.scope(), &revision).await?;
    call.because(&step.reason);
    call.tell(EventType::QuoteCreated, Subject::Quote(&revision.head));
    Ok(revision)
}

/// A quote can be accepted for some time. `at` is what stands before the field in the request.
fn check_validity(call: &Call, valid_until: Time, at: &str) -> Result<(), Error> {
    if valid_until > call.now {
        return Ok(());
    }
    Err(Error::invalid(format!("{at}valid_until"), "out_of_range", "must be in the future"))
}

/// No other quote of the customer has this reference but older versions. `at` is what stands before the fields of the quote.
async fn check_reference(call: &Call, quote: &QuoteHead, at: &str) -> Result<(), Error> {
    let Some(reference) = &quote.reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), quote.customer, reference).await? {
        Some(existing) if existing != quote.id => Err(Error::Duplicate {
            unique: Unique::Reference,
            existing: existing.to_string(),
            field: format!("{at}reference"),
        }),
        _ => Ok(()),
    }
}
