//! Stock: what moves the counters of a product at a location, and why.

use super::ids::{LocationId, OrderId, ProductId, ReservationId, ReturnId, ShipmentId};
use super::text_enum::text_enum;

text_enum! {
    /// Why a counter moved.
    MovementType {
        /// Somebody changed the count by so many.
        Adjusted = "ADJUSTED",
        /// Somebody counted.
        Counted = "COUNTED",
        /// It came from another location, or went there.
        Transferred = "TRANSFERRED",
        /// An order or a reservation took it.
        Reserved = "RESERVED",
        /// An order or a reservation gave it back.
        Released = "RELEASED",
        /// A reservation ran out.
        Expired = "EXPIRED",
        /// A reservation was used up without an order.
        Committed = "COMMITTED",
        /// It left the house.
        Shipped = "SHIPPED",
        /// A shipment was canceled.
        ShipmentCanceled = "SHIPMENT_CANCELED",
        /// It came back and is sold again.
        Restocked = "RESTOCKED",
        /// The books were put right.
        Reconciled = "RECONCILED",
    }
}

/// What a movement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Nothing but itself.
    Stock,
    /// An order.
    Order(OrderId),
    /// A reservation.
    Reservation(ReservationId),
    /// A shipment of an order.
    Shipment(OrderId, ShipmentId),
    /// A return of an order.
    Return(OrderId, ReturnId),
}

/// A change of the counters of one product at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockChange {
    /// The product.
    pub product: ProductId,
    /// Its SKU, for people.
    pub sku: String,
    /// Where.
    pub location: LocationId,
    /// Units that come (or, below zero, go).
    pub on_hand: i64,
    /// Units that are taken for somebody (or, below zero, given back).
    pub reserved: i64,
    /// Why.
    pub movement: MovementType,
    /// What it belongs to.
    pub source: Source,
    /// What asked for it in the request: `items[0].quantity`.
    pub field: Option<String>,
}
