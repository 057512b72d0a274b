//! Use cases of quotes: reading them. Writing, moving and what the service does by itself have files of their own.

mod load;
mod moves;
mod system;
mod write;

pub use moves::{accept, decline, send, submit, withdraw};
pub use system::sweep_quotes;
pub(in crate::app) use system::{approval_expired, approved, lock, rejected};
pub use write::{create, revise, update};

use std::collections::HashMap;

use super::{Caller, Error, Page, Placed, Read, Thing};
use crate::contract::policy;
use crate::domain::ids::{QuoteId, TypedId};
use crate::domain::page::View;
use crate::domain::quote::{Quote, QuoteAction, QuoteHead, QuoteList};
use crate::domain::states::Machine;
use crate::domain::time::Time;
use crate::store::{Position, quotes as rows};

/// Lines read for one answer: more would pass 4 MiB as JSON, however short they are.
const MAX_ITEMS: usize = 8_000;

/// A quote as a list shows it.
#[derive(Debug, Clone)]
pub enum ListedQuote {
    /// Without its lines.
    Basic(Box<QuoteHead>),
    /// With everything.
    Full(Box<Quote>),
}

impl Placed for ListedQuote {
    fn position(&self) -> Position {
        match self {
            Self::Basic(head) => position(head),
            Self::Full(quote) => position(&quote.head),
        }
    }
}

/// A quote of a list, and how many lines it has.
impl Placed for (QuoteHead, usize) {
    fn position(&self) -> Position {
        position(&self.0)
    }
}

fn position(head: &QuoteHead) -> Position {
    Position { time: head.create_time, id: head.id.uuid() }
}

/// The quote with this id, as it is now.
pub async fn get(call: &Read, id: QuoteId) -> Result<Quote, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    let quote = found.ok_or(Error::NotFound { thing: Thing::Quote, field: None })?;
    Ok(quote.seen_at(call.now()))
}

/// A page of quotes, as they are now.
pub async fn list(call: &Read, list: &QuoteList) -> Result<Page<ListedQuote>, Error> {
    let now = call.now();
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, now, list.page.sort, after, limit).await?)
    };
    let mut page = call.page(&list.page, fetch).await?;
    let mut found = std::mem::take(&mut page.items);
    let mut next = page.next;
    let shown = match list.page.view {
        View::Basic => found.into_iter().map(|(head, _)| ListedQuote::Basic(Box::new(head.seen_at(now)))).collect(),
        View::Full => {
            let fitting = fitting(&found);
            if fitting < found.len() {
                found.truncate(fitting);
                next = found.last().map(Placed::position);
            }
            whole(call, &found, now).await?
        }
    };
    Ok(page.with(shown, next))
}

/// How many of these quotes can be shown with their lines, at least one.
fn fitting(found: &[(QuoteHead, usize)]) -> usize {
    let mut items = 0;
    let fits = |(_, count): &&(QuoteHead, usize)| {
        items += count;
        items <= MAX_ITEMS
    };
    found.iter().take_while(fits).count().max(1).min(found.len())
}

/// The same quotes with their lines. Quotes are never deleted.
async fn whole(call: &Read, found: &[(QuoteHead, usize)], now: Time) -> Result<Vec<ListedQuote>, Error> {
    let ids: Vec<_> = found.iter().map(|(head, _)| head.id).collect();
    let quotes = rows::by_ids(&call.reader, &call.scope(), &ids).await?;
    let mut quotes: HashMap<_, _> = quotes.into_iter().map(|quote| (quote.head.id, quote)).collect();
    let listed = ids.iter().filter_map(|id| quotes.remove(id));
    Ok(listed.map(|quote| ListedQuote::Full(Box::new(quote.seen_at(now)))).collect())
}

/// The moves that are legal for this caller at this time.
#[must_use]
pub fn allowed_actions(caller: &Caller, quote: &QuoteHead, now: Time) -> Vec<QuoteAction> {
    let permission = |action| match action {
        QuoteAction::Submit => policy::SUBMIT_QUOTE.permission,
        QuoteAction::Send => policy::SEND_QUOTE.permission,
        QuoteAction::Accept => policy::ACCEPT_QUOTE.permission,
        QuoteAction::Decline => policy::DECLINE_QUOTE.permission,
        QuoteAction::Revise => policy::REVISE_QUOTE.permission,
        QuoteAction::Withdraw => policy::WITHDRAW_QUOTE.permission,
        QuoteAction::Update => policy::UPDATE_QUOTE.permission,
        QuoteAction::Approve | QuoteAction::Reject | QuoteAction::Expire => None,
    };
    let is_legal = |action: &QuoteAction| {
        let is_too_late = *action == QuoteAction::Submit && quote.valid_until <= now;
        !is_too_late && permission(*action).is_some_and(|needed| caller.may(needed))
    };
    quote.status.legal().into_iter().filter(is_legal).collect()
}
