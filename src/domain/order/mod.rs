//! Orders: their shape and their states. How one comes to be is in `place`.

mod place;

pub use place::{NewLine, NewOrder, PlacementError, PricedLine, Settings};

use super::ids::{CustomerId, OrderId, OrderItemId, ProductId};
use super::money::{Currency, Money, RoundingMode, TaxMode};
use super::page::PageRequest;
use super::text_enum::text_enum;
use super::time::Time;
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

/// Which orders a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<OrderStatus>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
}

/// A list of orders, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderList {
    /// Which orders.
    pub filter: OrderFilter,
    /// Which page.
    pub page: PageRequest,
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
    /// What is taken off this line.
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
}

/// An order with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// All but the lines.
    pub head: OrderHead,
    /// The lines, in the order they were given.
    pub items: Vec<OrderItem>,
}
