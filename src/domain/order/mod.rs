//! Orders: their shape and their states.
//!
//! What callers ask for is in `asks`, what lines say in `lines`, what they cost in `totals`, what may
//! be done in `moves`, `cancel` and `edit`, and what is asked of the stock in `stock`.

mod asks;
mod cancel;
mod edit;
#[cfg(test)]
mod life_tests;
mod lines;
mod moves;
mod quoted;
mod stock;
#[cfg(test)]
mod tests;
mod totals;

pub use asks::{
    Cancellation, HoldRelease, NewOrder, OrderBatch, OrderContent, OrderExport, OrderFilter, OrderList, OrderMove,
    OrderReplacement, OrderSelection, OrderUpdate, Placement, Units,
};
pub use cancel::CancelError;
pub use edit::OrderPatch;
pub use lines::{LineError, LineProblem, NewLine, Rights};
pub use moves::{IllegalMove, OrderAction};
pub use stock::stock_changes;

use super::discount::Discount;
use super::etag::Versioned;
use super::ids::{CustomerId, HoldId, LocationId, OrderId, OrderItemId, ProductId, QuoteId};
use super::money::{Currency, Money, RoundingMode, TaxMode};
use super::text_enum::text_enum;
use super::time::Time;
use super::violation::Violation;
use super::{Address, Metadata};

text_enum! {
    /// Where an order stands.
    OrderStatus {
        /// Being written.
        Draft = "DRAFT",
        /// Waits for approval.
        PendingApproval = "PENDING_APPROVAL",
        /// Placed by the customer.
        Placed = "PLACED",
        /// Accepted by us.
        Confirmed = "CONFIRMED",
        /// Everything was shipped or canceled.
        Completed = "COMPLETED",
        /// Canceled as a whole.
        Canceled = "CANCELED",
        /// Refused by an approver.
        Rejected = "REJECTED",
        /// Not paid, or not approved, in time.
        Expired = "EXPIRED",
    }
}

text_enum! {
    /// How much of an order is paid.
    PaymentStatus {
        /// Nothing.
        Unpaid = "UNPAID",
        /// Something.
        PartiallyPaid = "PARTIALLY_PAID",
        /// All, or there is nothing to pay.
        Paid = "PAID",
        /// More than is due.
        Overpaid = "OVERPAID",
        /// Some was given back.
        PartiallyRefunded = "PARTIALLY_REFUNDED",
        /// All was given back.
        Refunded = "REFUNDED",
    }
}

text_enum! {
    /// How much of an order has left the house.
    FulfillmentStatus {
        /// Nothing.
        Unfulfilled = "UNFULFILLED",
        /// Something.
        PartiallyFulfilled = "PARTIALLY_FULFILLED",
        /// All that was not canceled.
        Fulfilled = "FULFILLED",
        /// Some came back.
        PartiallyReturned = "PARTIALLY_RETURNED",
        /// All came back.
        Returned = "RETURNED",
    }
}

/// How the tenant computes amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Whether prices are without or with tax.
    pub tax_mode: TaxMode,
    /// How amounts are rounded.
    pub rounding_mode: RoundingMode,
}

/// Why an order cannot be what it is asked to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderError {
    /// Lines that cannot be ordered; never empty.
    Lines(Vec<LineError>),
    /// A value that does not fit.
    Invalid(Violation),
    /// A discount is not in the currency of the order; the field.
    DiscountCurrency(String),
    /// Amounts that were valid are not any more: a fault of ours.
    Corrupt(String),
}

/// An order without its lines: what lists need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHead {
    /// Its id.
    pub id: OrderId,
    /// Who ordered.
    pub customer: CustomerId,
    /// The currency of every amount.
    pub currency: Currency,
    /// Where it stands.
    pub status: OrderStatus,
    /// How much is paid.
    pub payment_status: PaymentStatus,
    /// How much has left the house.
    pub fulfillment_status: FulfillmentStatus,
    /// Every amount of the whole order.
    pub totals: Totals,
    /// Whether prices are without or with tax.
    pub tax_mode: TaxMode,
    /// How amounts were rounded.
    pub rounding_mode: RoundingMode,
    /// What is taken off the whole order, as it was asked for.
    pub discount: Option<Discount>,
    /// Where the goods go.
    pub shipping_address: Option<Address>,
    /// Where the invoice goes.
    pub billing_address: Option<Address>,
    /// A note for people.
    pub note: String,
    /// The client's own id, unique among the customer's orders.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When it was placed.
    pub place_time: Option<Time>,
    /// When it was confirmed.
    pub confirm_time: Option<Time>,
    /// When it was completed.
    pub complete_time: Option<Time>,
    /// When it was canceled, rejected or expired.
    pub cancel_time: Option<Time>,
    /// Why it was canceled; empty: nobody said.
    pub cancel_reason: String,
    /// What keeps it from being confirmed, shipped and completed, and from expiring.
    pub holds: Vec<Hold>,
    /// Holds that were released, so that releasing one again is known to change nothing.
    pub released_holds: Vec<HoldId>,
    /// The quote it was made from.
    pub quote: Option<QuoteId>,
    /// Refunds that succeeded or may still: never more than what was paid.
    pub refund_claims: Money,
}

/// Something that stops an order until it is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Why; empty: nobody said.
    pub reason: String,
    /// When it was put there.
    pub create_time: Time,
}

/// The amounts of a whole order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Sum of quantity × unit price.
    pub subtotal: Money,
    /// Everything taken off.
    pub discount: Money,
    /// Tax of all lines.
    pub tax: Money,
    /// What the order costs.
    pub total: Money,
    /// The part of `total` that was canceled.
    pub canceled: Money,
    /// Payments that were not voided.
    pub paid: Money,
    /// Refunds that succeeded.
    pub refunded: Money,
    /// What is still to pay.
    pub due: Money,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderItem {
    /// Its id.
    pub id: OrderItemId,
    /// The product.
    pub product: ProductId,
    /// The product's SKU when it was ordered.
    pub sku: String,
    /// The product's name when it was ordered.
    pub name: String,
    /// Units.
    pub quantity: i32,
    /// Price of one unit.
    pub unit_price: Money,
    /// Whether the price is the client's own, and not the catalog's.
    pub price_is_own: bool,
    /// What is taken off this line, as it was asked for.
    pub own_discount: Option<Discount>,
    /// The product's tax in basis points when it was priced.
    pub tax_rate_bps: i32,
    /// What is taken off this line: its own discount, and its share of the order's.
    pub discount: Money,
    /// Tax on this line.
    pub tax: Money,
    /// The line's share of the order total.
    pub total: Money,
    /// Units canceled.
    pub quantity_canceled: i32,
    /// Units shipped.
    pub quantity_shipped: i32,
    /// Units that came back.
    pub quantity_returned: i32,
    /// Where its units are taken from; `None`: nobody said, and stock is not counted.
    pub location: Option<LocationId>,
    /// Units that hold stock there now.
    pub quantity_reserved: i32,
    /// Units that returns claim: those of open ones, and those that came back and stayed.
    pub quantity_in_returns: i32,
}

impl OrderItem {
    /// Units that are neither shipped nor canceled.
    #[must_use]
    pub const fn open(&self) -> i32 {
        self.quantity - self.quantity_canceled - self.quantity_shipped
    }
}

/// An order with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// All but the lines.
    pub head: OrderHead,
    /// The lines, in the order they were given.
    pub items: Vec<OrderItem>,
}

impl Versioned for Order {
    fn version(&self) -> i64 {
        self.head.version
    }
}

impl Order {
    /// A draft without lines.
    #[must_use]
    pub fn draft(id: OrderId, content: OrderContent, settings: Settings, now: Time) -> (Self, Vec<NewLine>) {
        let head = OrderHead {
            id,
            customer: content.customer,
            currency: content.currency,
            status: OrderStatus::Draft,
            payment_status: PaymentStatus::Unpaid,
            fulfillment_status: FulfillmentStatus::Unfulfilled,
            totals: Totals::zero(content.currency),
            tax_mode: settings.tax_mode,
            rounding_mode: settings.rounding_mode,
            discount: content.discount,
            shipping_address: content.shipping_address,
            billing_address: content.billing_address,
            note: content.note,
            reference: content.reference,
            metadata: content.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            place_time: None,
            confirm_time: None,
            complete_time: None,
            cancel_time: None,
            cancel_reason: String::new(),
            holds: Vec::new(),
            released_holds: Vec::new(),
            quote: None,
            refund_claims: Money::zero(content.currency),
        };
        (Self { head, items: Vec::new() }, content.lines)
    }

    /// Computes amounts the way the tenant does now, from the next time on.
    pub fn follow(&mut self, settings: Settings) {
        self.head.tax_mode = settings.tax_mode;
        self.head.rounding_mode = settings.rounding_mode;
    }
}
