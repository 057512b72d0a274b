//! What callers ask of orders: lists, new ones, moves, edits.

use super::{NewLine, OrderPatch, OrderStatus};
use crate::domain::discount::Discount;
use crate::domain::ids::{CustomerId, HoldId, OrderId, OrderItemId, ReservationId};
use crate::domain::money::{Currency, Money};
use crate::domain::page::{PageRequest, View};
use crate::domain::time::TimeRange;
use crate::domain::{Address, Metadata};

/// Which orders a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<OrderStatus>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only those with this reference.
    pub reference: Option<String>,
    /// Only those with a line of this SKU.
    pub sku: Option<String>,
    /// Only those that were created in this time.
    pub created: TimeRange,
}

/// A list of orders, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderList {
    /// Which orders.
    pub filter: OrderFilter,
    /// Which page.
    pub page: PageRequest,
}

/// An export of orders, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderExport {
    /// Which orders.
    pub filter: OrderFilter,
    /// How much of each.
    pub view: View,
    /// Where it goes on; empty: at the beginning.
    pub resume_token: String,
    /// What a token is bound to.
    pub binding: Vec<u8>,
}

/// Several orders, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSelection {
    /// Which ones, in this order.
    pub ids: Vec<OrderId>,
    /// How much of each is shown.
    pub view: View,
}

/// What a client says of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of OrderHead")]
pub struct OrderContent {
    pub customer: CustomerId,
    pub currency: Currency,
    pub lines: Vec<NewLine>,
    pub discount: Option<Discount>,
    pub shipping_address: Option<Address>,
    pub billing_address: Option<Address>,
    pub note: String,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// A new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// What it says.
    pub content: OrderContent,
    /// Whether it is kept as a draft.
    pub is_draft: bool,
    /// What the client expects it to cost.
    pub expected_total: Option<Money>,
    /// The reservation whose units it takes over.
    pub reservation: Option<ReservationId>,
}

/// An order that is to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Which one.
    pub id: OrderId,
    /// Why; empty: nobody said.
    pub reason: String,
    /// What the client expects it to cost.
    pub expected_total: Option<Money>,
    /// The reservation whose units it takes over.
    pub reservation: Option<ReservationId>,
}

/// An order of which units are canceled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// Which one.
    pub id: OrderId,
    /// How many units of which lines; empty: everything that is open.
    pub units: Vec<Units>,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// Some units of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// The line.
    pub item: OrderItemId,
    /// How many, at least one.
    pub quantity: i32,
}

/// A hold that is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRelease {
    /// Of which order.
    pub id: OrderId,
    /// Which hold; `None`: every one.
    pub hold: Option<HoldId>,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// Many orders at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBatch {
    /// The orders.
    pub orders: Vec<NewOrder>,
    /// Whether those that can be created are, when others cannot.
    pub per_item: bool,
}

/// An order that is to make a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderMove {
    /// Which one.
    pub id: OrderId,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// An order of which some fields change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderUpdate {
    /// Which one.
    pub id: OrderId,
    /// What changes.
    pub patch: OrderPatch,
}

/// A draft that is written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderReplacement {
    /// Which one.
    pub id: OrderId,
    /// What it says from now on.
    pub content: OrderContent,
    /// What the client expects it to cost.
    pub expected_total: Option<Money>,
}
