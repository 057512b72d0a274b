//! Requests about quotes, as domain values.

use super::mask::Mask;
use super::order_requests::lines;
use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request};
use crate::contract::pb;
use crate::domain::ids::QuoteId;
use crate::domain::order::NewLine;
use crate::domain::quote::{QuoteContent, QuoteFilter, QuoteList, QuoteMove, QuotePatch, QuoteUpdate};
use crate::domain::violation::Violation;

type Invalid = Vec<Violation>;

impl TryFrom<pb::CreateQuoteRequest> for QuoteContent {
    type Error = Invalid;

    fn try_from(message: pb::CreateQuoteRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let customer = parser.id("customer_id", &message.customer_id);
        let currency = parser.currency("currency_code", &message.currency_code);
        let lines = quoted(&mut parser, message.items, "");
        let discount = parser.discount("discount", message.discount.as_ref());
        let valid_until = parser.time("valid_until", message.valid_until);
        let content = customer.zip(currency).zip(valid_until).map(|((customer, currency), valid_until)| Self {
            customer,
            currency,
            lines,
            discount,
            valid_until,
            note: message.note,
            reference: optional(message.reference),
            metadata: message.metadata,
        });
        parser.finish(content)
    }
}

/// Lines are read as those of an order are.
fn quoted(parser: &mut Parser, items: Vec<pb::create_quote_request::Item>, at: &str) -> Vec<NewLine> {
    let items = items.into_iter().map(|item| pb::create_order_request::Item {
        sku: item.sku,
        quantity: item.quantity,
        unit_price: item.unit_price,
        discount: item.discount,
        location_id: String::new(),
    });
    lines(parser, items.collect(), at)
}

impl TryFrom<pb::UpdateQuoteRequest> for QuoteUpdate {
    type Error = Invalid;

    fn try_from(message: pb::UpdateQuoteRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let id = parser.id("quote_id", &message.quote_id);
        let patch = patch(&mut parser, &message.update_mask.into(), message.quote.unwrap_or_default());
        parser.finish(id.map(|id| Self { id, patch }))
    }
}

fn patch(parser: &mut Parser, mask: &Mask, quote: pb::QuotePatch) -> QuotePatch {
    let customer = mask.required(parser, "quote.customer_id", quote.customer_id);
    let currency = mask.required(parser, "quote.currency_code", quote.currency_code);
    let items = (!quote.items.is_empty()).then_some(quote.items);
    let items = mask.required(parser, "quote.items", items);
    let valid_until = mask.required(parser, "quote.valid_until", quote.valid_until);
    QuotePatch {
        customer: customer.and_then(|id| parser.id("quote.customer_id", &id)),
        currency: currency.and_then(|code| parser.currency("quote.currency_code", &code)),
        lines: items.map(|items| quoted(parser, items, "quote.")),
        discount: mask.value("discount", parser.discount("quote.discount", quote.discount.as_ref())),
        valid_until: parser.time("quote.valid_until", valid_until),
        note: mask.value("note", quote.note.unwrap_or_default()),
        reference: mask.value("reference", quote.reference.and_then(optional)),
        metadata: mask.value("metadata", quote.metadata),
    }
}

macro_rules! moves {
    ($($request:ident)+) => {$(
        impl TryFrom<pb::$request> for QuoteMove {
            type Error = Invalid;

            fn try_from(message: pb::$request) -> Result<Self, Invalid> {
                Ok(Self { id: parse_id("quote_id", &message.quote_id)?, reason: message.reason })
            }
        }
    )+};
}

moves! {
    SubmitQuoteRequest
    SendQuoteRequest
    AcceptQuoteRequest
    DeclineQuoteRequest
    ReviseQuoteRequest
    WithdrawQuoteRequest
}

impl TryFrom<pb::GetQuoteRequest> for QuoteId {
    type Error = Invalid;

    fn try_from(message: pb::GetQuoteRequest) -> Result<Self, Invalid> {
        parse_id("quote_id", &message.quote_id)
    }
}

impl TryFrom<pb::ListQuotesRequest> for QuoteList {
    type Error = Invalid;

    fn try_from(mut message: pb::ListQuotesRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        let filter = QuoteFilter {
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            created: parser.created(message.create_time_after, message.create_time_before),
            reference: optional(message.reference),
        };
        parser.finish(Some(Self { filter, page }))
    }
}
