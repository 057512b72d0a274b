//! Editing a draft of a quote.

use super::{Quote, QuoteItem};
use crate::domain::Metadata;
use crate::domain::discount::Discount;
use crate::domain::ids::CustomerId;
use crate::domain::money::Currency;
use crate::domain::order::NewLine;
use crate::domain::time::Time;

/// What changes; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of QuoteContent")]
pub struct QuotePatch {
    pub customer: Option<CustomerId>,
    pub currency: Option<Currency>,
    pub lines: Option<Vec<NewLine>>,
    pub discount: Option<Option<Discount>>,
    pub valid_until: Option<Time>,
    pub note: Option<String>,
    pub reference: Option<Option<String>>,
    pub metadata: Option<Metadata>,
}

impl QuotePatch {
    /// Whether the amounts of the quote must be computed again.
    #[must_use]
    pub fn moves_amounts(&self) -> bool {
        self.lines.is_some() || self.discount.is_some() || self.currency.is_some()
    }
}

impl Quote {
    /// Changes everything but the lines, which come back when they change; amounts stay as they are.
    pub fn edit(&mut self, patch: QuotePatch) -> Option<Vec<NewLine>> {
        let head = &mut self.head;
        head.customer = patch.customer.unwrap_or(head.customer);
        head.currency = patch.currency.unwrap_or(head.currency);
        head.discount = patch.discount.unwrap_or(head.discount);
        head.valid_until = patch.valid_until.unwrap_or(head.valid_until);
        head.note = patch.note.unwrap_or(std::mem::take(&mut head.note));
        head.reference = patch.reference.unwrap_or(head.reference.take());
        head.metadata = patch.metadata.unwrap_or(std::mem::take(&mut head.metadata));
        patch.lines
    }

    /// What its lines say, as a client would.
    #[must_use]
    pub fn wishes(&self) -> Vec<NewLine> {
        let wish = |item: &QuoteItem| NewLine {
            sku: item.sku.clone(),
            quantity: item.quantity,
            unit_price: item.price_is_own.then_some(item.unit_price),
            discount: item.own_discount,
            location: None,
        };
        self.items.iter().map(wish).collect()
    }

    /// The next version, which every visible change makes.
    pub fn touch(&mut self, now: Time) {
        self.head.version += 1;
        self.head.update_time = now;
    }
}
