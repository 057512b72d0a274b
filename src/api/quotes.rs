//! `QuoteService`.

use super::pages;
use crate::app::quotes::{self, ListedQuote, allowed_actions};
use crate::app::{Call, Caller, Error, Read};
use crate::contract::pb;
use crate::domain::ids::QuoteId;
use crate::domain::quote::{Quote, QuoteContent, QuoteList, QuoteMove, QuoteUpdate};
use crate::domain::time::Time;
use crate::present::quotes as present;

pub(super) async fn create_quote(call: &Call, content: QuoteContent) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::create(call, content).await?, call.now))
}

pub(super) async fn get_quote(call: &Read, id: QuoteId) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::get(call, id).await?, call.now()))
}

pub(super) async fn list_quotes(call: &Read, list: QuoteList) -> Result<pb::ListQuotesResponse, Error> {
    let page = quotes::list(call, &list).await?;
    let now = call.now();
    let (quotes, next_page_token) = pages::fit(&page, |quote| match quote {
        ListedQuote::Basic(head) => present::basic_quote(head),
        ListedQuote::Full(quote) => full(&call.caller, Quote::clone(quote), now),
    });
    Ok(pb::ListQuotesResponse { quotes, next_page_token })
}

pub(super) async fn update_quote(call: &Call, update: QuoteUpdate) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::update(call, update).await?, call.now))
}

pub(super) async fn submit_quote(call: &Call, step: QuoteMove) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::submit(call, step).await?, call.now))
}

pub(super) async fn send_quote(call: &Call, step: QuoteMove) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::send(call, step).await?, call.now))
}

pub(super) async fn accept_quote(call: &Call, step: QuoteMove) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::accept(call, step).await?, call.now))
}

pub(super) async fn decline_quote(call: &Call, step: QuoteMove) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::decline(call, step).await?, call.now))
}

pub(super) async fn revise_quote(call: &Call, step: QuoteMove) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::revise(call, step).await?, call.now))
}

pub(super) async fn withdraw_quote(call: &Call, step: QuoteMove) -> Result<pb::Quote, Error> {
    Ok(full(&call.caller, quotes::withdraw(call, step).await?, call.now))
}

fn full(caller: &Caller, quote: Quote, now: Time) -> pb::Quote {
    let actions = allowed_actions(caller, &quote.head, now);
    present::quote(quote, &actions)
}
