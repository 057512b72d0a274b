//! Stock: what moves the counters of a product at a location, and why.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::ids::{LocationId, OrderId, ProductId, ReservationId, ReturnId, ShipmentId, StockMovementId};
use super::page::PageRequest;
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// The first number that a counter cannot hold: every JSON client can hold all those below.
pub const TOO_MANY: i64 = 1 << 53;

/// A product at a location. Rows are locked in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The product.
    pub product: ProductId,
    /// Where.
    pub location: LocationId,
}

impl StockChange {
    /// Which counters it changes.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { product: self.product, location: self.location }
    }

    /// Whether it takes something away from others.
    #[must_use]
    pub fn takes(&self) -> bool {
        self.on_hand < 0 || self.reserved > 0
    }
}

/// The counters of a product at a location, or what they change by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Units that are there.
    pub on_hand: i64,
    /// Units of them that are taken for somebody.
    pub reserved: i64,
}

/// Why counters cannot change as they should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountersError {
    /// More is taken than is available.
    Short,
    /// More than a counter can hold.
    TooMany,
    /// More is given back than was taken: the books are wrong.
    Unbalanced,
}

impl Counters {
    /// Units that may be taken.
    #[must_use]
    pub fn available(self) -> i64 {
        self.on_hand - self.reserved
    }

    /// These counters and a change.
    #[must_use]
    pub fn plus(self, change: Self) -> Self {
        Self {
            on_hand: self.on_hand.saturating_add(change.on_hand),
            reserved: self.reserved.saturating_add(change.reserved),
        }
    }

    /// The counters after a change.
    ///
    /// # Errors
    /// When they cannot change like that.
    pub fn after(self, change: Self) -> Result<Self, CountersError> {
        let after = self.plus(change);
        if after.on_hand < 0 || after.reserved > after.on_hand {
            Err(CountersError::Short)
        } else if after.reserved < 0 {
            Err(CountersError::Unbalanced)
        } else if after.on_hand >= TOO_MANY {
            Err(CountersError::TooMany)
        } else {
            Ok(after)
        }
    }
}

/// What the changes come to at every place, in the order in which rows are locked.
#[must_use]
pub fn sums(changes: &[StockChange]) -> BTreeMap<Place, Counters> {
    let mut sums: BTreeMap<Place, Counters> = BTreeMap::new();
    for change in changes {
        let sum = sums.entry(change.place()).or_default();
        *sum = sum.plus(Counters { on_hand: change.on_hand, reserved: change.reserved });
    }
    sums
}

/// What the ledger says of changes: one for every place, reason and source. What comes to nothing is not told.
#[must_use]
pub fn ledger(changes: Vec<StockChange>) -> Vec<StockChange> {
    let mut entries: Vec<StockChange> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for change in changes {
        let key = (change.place(), change.movement, change.source);
        let place = *places.entry(key).or_insert(entries.len());
        match entries.get_mut(place) {
            Some(entry) => {
                entry.on_hand = entry.on_hand.saturating_add(change.on_hand);
                entry.reserved = entry.reserved.saturating_add(change.reserved);
            }
            None => entries.push(change),
        }
    }
    entries.retain(|entry| entry.on_hand != 0 || entry.reserved != 0);
    entries
}

/// A product at a location, with its counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockLevel {
    /// The UUID of the row; nothing that a client sees.
    pub id: Uuid,
    /// The product and the location.
    pub place: Place,
    /// The SKU of the product.
    pub sku: String,
    /// How many there are.
    pub counters: Counters,
    /// When it was first counted.
    pub create_time: Time,
}

/// Which stock a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockFilter {
    /// Only of the product with this SKU.
    pub sku: Option<String>,
    /// Only at this location.
    pub location: Option<LocationId>,
    /// Only where fewer units than this are available.
    pub available_below: Option<i64>,
}

/// A list of stock, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockList {
    /// Which.
    pub filter: StockFilter,
    /// Which page.
    pub page: PageRequest,
}

/// What somebody does to a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// Changes it by so many.
    Delta(i64),
    /// Sets it to what was counted, if it is still what the books said then.
    Counted {
        /// Units that are there.
        counted: i64,
        /// Units that were there by the books.
        expected: i64,
    },
}

/// A change of a count, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockAdjustment {
    /// The SKU of the product.
    pub sku: String,
    /// Where; the default location when not given.
    pub location: Option<LocationId>,
    /// What is done.
    pub adjustment: Adjustment,
    /// Why.
    pub reason: String,
}

/// A move of units between locations, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockTransfer {
    /// The SKU of the product.
    pub sku: String,
    /// From where; the default location when not given.
    pub from: Option<LocationId>,
    /// Where to.
    pub to: LocationId,
    /// How many units.
    pub quantity: i64,
    /// Why.
    pub reason: String,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMovement {
    /// Its id.
    pub id: StockMovementId,
    /// What moved, where, and why. Its field is that of nobody.
    pub change: StockChange,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// When.
    pub create_time: Time,
}

/// Which movements a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovementFilter {
    /// Only of the product with this SKU.
    pub sku: Option<String>,
    /// Only at this location.
    pub location: Option<LocationId>,
    /// Only of this order.
    pub order: Option<OrderId>,
    /// Only of this reservation.
    pub reservation: Option<ReservationId>,
    /// Only of this time.
    pub created: TimeRange,
}

/// A list of movements, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementList {
    /// Which.
    pub filter: MovementFilter,
    /// Which page.
    pub page: PageRequest,
}
