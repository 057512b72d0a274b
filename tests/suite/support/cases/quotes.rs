//! Quotes for the walks: one in each state that a write of them begins in.

use tradepost::contract::pb;

use super::{Case, Hidden, Things};
use crate::access::sibling;
use crate::support::client::Client;
use crate::support::world::{self, TEAPOT, quote};

/// A quote in each state that a write of them begins in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quotes {
    pub(crate) draft: String,
    pub(crate) approved: String,
    pub(crate) sent: String,
}

impl Quotes {
    pub(crate) async fn new(owner: &Client, customer: &str) -> Self {
        let draft = owner.call(quote(customer, &[(TEAPOT, 1)])).await.expect("a quote").id();
        let approved = world::approved_quote(owner, quote(customer, &[(TEAPOT, 2)])).await;
        let sent = world::sent_quote(owner, quote(customer, &[(TEAPOT, 3)])).await;
        Self { draft, approved, sent }
    }

    pub(crate) fn ids(&self) -> [&str; 3] {
        [&self.draft, &self.approved, &self.sent]
    }

    pub(crate) fn absent(&self) -> Self {
        Self { draft: sibling(&self.draft), approved: sibling(&self.approved), sent: sibling(&self.sent) }
    }
}

pub(super) fn case(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("quote_not_found");
    let Quotes { draft, approved, sent } = things.quotes.clone();
    match name {
        "CreateQuote" => Case::new(quote(&things.customer, &[(TEAPOT, 1)]), Hidden::NotFound("customer_not_found")),
        "GetQuote" => Case::new(pb::GetQuoteRequest { quote_id: sent }, hidden),
        "ListQuotes" => Case::new(pb::ListQuotesRequest::default(), Hidden::Empty("quotes")),
        "UpdateQuote" => {
            let note = pb::QuotePatch { note: Some(things.new_name.clone()), ..Default::default() };
            Case::new(pb::UpdateQuoteRequest { quote_id: draft, quote: Some(note), ..Default::default() }, hidden)
        }
        "SubmitQuote" => Case::new(pb::SubmitQuoteRequest { quote_id: draft, ..Default::default() }, hidden),
        "SendQuote" => Case::new(pb::SendQuoteRequest { quote_id: approved, ..Default::default() }, hidden),
        "AcceptQuote" => Case::new(pb::AcceptQuoteRequest { quote_id: sent, ..Default::default() }, hidden),
        "DeclineQuote" => Case::new(pb::DeclineQuoteRequest { quote_id: sent, ..Default::default() }, hidden),
        "ReviseQuote" => Case::new(pb::ReviseQuoteRequest { quote_id: sent, ..Default::default() }, hidden),
        "WithdrawQuote" => Case::new(pb::WithdrawQuoteRequest { quote_id: sent, ..Default::default() }, hidden),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
