//! Quotes: what a customer may order at which price, and until when.
//!
//! What may be done is in `moves`, what changes in `edit`. Lines and amounts are those of the order that a quote would become:
//! orders price them, and nothing here computes any.

mod edit;
mod moves;
#[cfg(test)]
mod tests;

pub use edit::QuotePatch;
pub use moves::{IllegalQuoteMove, QuoteAction, QuoteStatus};

use super::Metadata;
use super::discount::Discount;
use super::etag::Versioned;
use super::ids::{CustomerId, OrderId, OrderItemId, ProductId, QuoteId};
use super::money::{Currency, Money, RoundingMode, TaxMode};
use super::order::{NewLine, Order, OrderContent, OrderItem};
use super::page::PageRequest;
use super::time::{Time, TimeRange};

/// Which quotes a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuoteFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<QuoteStatus>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only those with this reference.
    pub reference: Option<String>,
    /// Only those that were created in this time.
    pub created: TimeRange,
}

/// A list of quotes, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteList {
    /// Which quotes.
    pub filter: QuoteFilter,
    /// Which page.
    pub page: PageRequest,
}

/// What a client says of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of QuoteHead")]
pub struct QuoteContent {
    pub customer: CustomerId,
    pub currency: Currency,
    pub lines: Vec<NewLine>,
    pub discount: Option<Discount>,
    pub valid_until: Time,
    pub note: String,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// A draft of which some fields change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteUpdate {
    /// Which one.
    pub id: QuoteId,
    /// What changes.
    pub patch: QuotePatch,
}

/// A quote that is to make a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteMove {
    /// Which one.
    pub id: QuoteId,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// A quote without its lines: what lists need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteHead {
    /// Its id.
    pub id: QuoteId,
    /// Who may accept it.
    pub customer: CustomerId,
    /// The currency of every amount.
    pub currency: Currency,
    /// Where it stands.
    pub status: QuoteStatus,
    /// 1 for the first, one more for each that revises another one.
    pub revision: i32,
    /// The one that it revises.
    pub revises: Option<QuoteId>,
    /// The order that it has become.
    pub order: Option<OrderId>,
    /// Every amount of the whole quote.
    pub totals: QuoteTotals,
    /// Whether prices are without or with tax.
    pub tax_mode: TaxMode,
    /// How amounts were rounded.
    pub rounding_mode: RoundingMode,
    /// What is taken off the whole quote, as it was asked for.
    pub discount: Option<Discount>,
    /// From then on nobody can accept it.
    pub valid_until: Time,
    /// A note for people.
    pub note: String,
    /// The client's own id, unique among the customer's quotes; all versions of one share it.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When it was last submitted.
    pub submit_time: Option<Time>,
    /// When it was approved.
    pub approve_time: Option<Time>,
    /// When it was sent.
    pub send_time: Option<Time>,
    /// When it was accepted.
    pub accept_time: Option<Time>,
    /// When it was declined.
    pub decline_time: Option<Time>,
    /// When it expired.
    pub expire_time: Option<Time>,
    /// When it was withdrawn.
    pub withdraw_time: Option<Time>,
    /// When a newer version took its place.
    pub revise_time: Option<Time>,
}

/// The amounts of a whole quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuoteTotals {
    /// Sum of quantity × unit price.
    pub subtotal: Money,
    /// Everything taken off.
    pub discount: Money,
    /// Tax of all lines.
    pub tax: Money,
    /// What the order will cost.
    pub total: Money,
}

/// One line of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of OrderItem")]
pub struct QuoteItem {
    pub id: OrderItemId,
    pub product: ProductId,
    pub sku: String,
    pub name: String,
    pub quantity: i32,
    pub unit_price: Money,
    pub price_is_own: bool,
    pub own_discount: Option<Discount>,
    pub tax_rate_bps: i32,
    pub discount: Money,
    pub tax: Money,
    pub total: Money,
}

/// A quote with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// All but the lines.
    pub head: QuoteHead,
    /// The lines, in the order they were given.
    pub items: Vec<QuoteItem>,
}

impl Versioned for Quote {
    fn version(&self) -> i64 {
        self.head.version
    }
}

impl QuoteContent {
    /// The same of an order, so that it can be priced as one.
    #[must_use]
    pub fn of_order(&self) -> OrderContent {
        OrderContent {
            customer: self.customer,
            currency: self.currency,
            lines: self.lines.clone(),
            discount: self.discount,
            shipping_address: None,
            billing_address: None,
            note: self.note.clone(),
            reference: None,
            metadata: self.metadata.clone(),
        }
    }
}

impl Quote {
    /// A draft whose lines were priced as those of an order.
    #[must_use]
    pub fn draft(id: QuoteId, content: QuoteContent, priced: Order, now: Time) -> Self {
        let totals = totals(&priced);
        let head = QuoteHead {
            id,
            customer: content.customer,
            currency: content.currency,
            status: QuoteStatus::Draft,
            revision: 1,
            revises: None,
            order: None,
            totals,
            tax_mode: priced.head.tax_mode,
            rounding_mode: priced.head.rounding_mode,
            discount: content.discount,
            valid_until: content.valid_until,
            note: content.note,
            reference: content.reference,
            metadata: content.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            submit_time: None,
            approve_time: None,
            send_time: None,
            accept_time: None,
            decline_time: None,
            expire_time: None,
            withdraw_time: None,
            revise_time: None,
        };
        Self { head, items: priced.items.into_iter().map(QuoteItem::from).collect() }
    }

    /// The next version of this quote, as a draft: it says the same, at the same prices.
    #[must_use]
    pub fn revision(&self, id: QuoteId, mut new_id: impl FnMut() -> OrderItemId, now: Time) -> Self {
        let head = QuoteHead {
            id,
            status: QuoteStatus::Draft,
            revision: self.head.revision.saturating_add(1),
            revises: Some(self.head.id),
            order: None,
            version: 1,
            create_time: now,
            update_time: now,
            submit_time: None,
            approve_time: None,
            send_time: None,
            accept_time: None,
            decline_time: None,
            expire_time: None,
            withdraw_time: None,
            revise_time: None,
            ..self.head.clone()
        };
        let items = self.items.iter().map(|item| QuoteItem { id: new_id(), ..item.clone() }).collect();
        Self { head, items }
    }

    /// Takes over what was priced as an order.
    pub fn take_amounts(&mut self, priced: Order) {
        self.head.totals = totals(&priced);
        self.head.tax_mode = priced.head.tax_mode;
        self.head.rounding_mode = priced.head.rounding_mode;
        self.items = priced.items.into_iter().map(QuoteItem::from).collect();
    }
}

fn totals(order: &Order) -> QuoteTotals {
    let totals = &order.head.totals;
    QuoteTotals { subtotal: totals.subtotal, discount: totals.discount, tax: totals.tax, total: totals.total }
}

impl From<OrderItem> for QuoteItem {
    fn from(item: OrderItem) -> Self {
        Self {
            id: item.id,
            product: item.product,
            sku: item.sku,
            name: item.name,
            quantity: item.quantity,
            unit_price: item.unit_price,
            price_is_own: item.price_is_own,
            own_discount: item.own_discount,
            tax_rate_bps: item.tax_rate_bps,
            discount: item.discount,
            tax: item.tax,
            total: item.total,
        }
    }
}
