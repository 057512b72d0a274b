//! Reservations: stock that is kept for somebody, for a while. When the time is over they are expired, whether or not
//! anybody has written it down yet.

use std::time::Duration;

use super::Metadata;
use super::etag::Versioned;
use super::ids::{LocationId, OrderId, ProductId, ReservationId};
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::stock::{MovementType, Source, StockChange};
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

text_enum! {
    /// What became of a reservation.
    ReservationStatus {
        /// It keeps its units.
        Held = "HELD",
        /// They went into an order, or out of stock.
        Committed = "COMMITTED",
        /// They were given back.
        Released = "RELEASED",
        /// Its time ran out.
        Expired = "EXPIRED",
    }
}

text_enum! {
    /// What can be done with a reservation, as REST names it.
    ReservationAction {
        /// Its units are used up.
        Commit = "commit",
        /// They are given back.
        Release = "release",
        /// It gets more time.
        Extend = "extend",
        /// Its time runs out.
        Expire = "expire",
    }
}

impl Machine for ReservationStatus {
    type Action = ReservationAction;

    const MOVES: &'static [Move<Self, ReservationAction>] = &[
        Move { from: Self::Held, action: ReservationAction::Commit, to: Some(Self::Committed) },
        Move { from: Self::Held, action: ReservationAction::Release, to: Some(Self::Released) },
        Move { from: Self::Held, action: ReservationAction::Extend, to: Some(Self::Held) },
        Move { from: Self::Held, action: ReservationAction::Expire, to: Some(Self::Expired) },
    ];

    const STARTS: &'static [Self] = &[Self::Held];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: ReservationAction) -> &'static str {
        action.as_str()
    }
}

/// A line of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservationLine {
    /// The product.
    pub product: ProductId,
    /// Its SKU when it was reserved.
    pub sku: String,
    /// Where.
    pub location: LocationId,
    /// How many units.
    pub quantity: i32,
}

/// A reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Its id.
    pub id: ReservationId,
    /// What became of it.
    pub status: ReservationStatus,
    /// What it keeps. Lists may leave it out.
    pub lines: Vec<ReservationLine>,
    /// The order that used it.
    pub order: Option<OrderId>,
    /// The client's own id, unique in the tenant.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// When its time runs out.
    pub expire_time: Time,
    /// When it was used.
    pub commit_time: Option<Time>,
    /// When it was given back.
    pub release_time: Option<Time>,
    /// Moved by every change.
    pub version: i64,
    /// When it was made.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// What is asked of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of ReservationLine")]
pub struct NewReservationLine {
    pub sku: String,
    pub location: Option<LocationId>,
    pub quantity: i32,
}

/// What a new reservation is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReservation {
    /// What it keeps.
    pub lines: Vec<NewReservationLine>,
    /// For how long.
    pub ttl: Duration,
    /// The client's own id.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
}

/// Which reservations a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReservationFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<ReservationStatus>,
    /// Only those with a line of the product with this SKU.
    pub sku: Option<String>,
    /// Only the one with this reference.
    pub reference: Option<String>,
    /// Only those made in this time.
    pub created: TimeRange,
}

/// A list of reservations, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReservationList {
    /// Which.
    pub filter: ReservationFilter,
    /// Which page.
    pub page: PageRequest,
}

impl Reservation {
    /// A new reservation.
    #[must_use]
    pub fn new(id: ReservationId, lines: Vec<ReservationLine>, new: NewReservation, now: Time) -> Self {
        Self {
            id,
            status: ReservationStatus::Held,
            lines,
            order: None,
            reference: new.reference,
            metadata: new.metadata,
            expire_time: now.plus(new.ttl),
            commit_time: None,
            release_time: None,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// Whether its time is over and nobody has written that down.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.status == ReservationStatus::Held && self.expire_time <= now
    }

    /// What it is at this time. One that is due is what it will be when somebody writes it down, to the letter.
    #[must_use]
    pub fn at(self, now: Time) -> Self {
        if !self.is_due(now) {
            return self;
        }
        let (version, update_time) = (self.version + 1, self.expire_time);
        Self { status: ReservationStatus::Expired, version, update_time, ..self }
    }

    /// The reservation, used up by an order or by itself.
    #[must_use]
    pub fn committed(&self, order: Option<OrderId>, now: Time) -> Self {
        Self { status: ReservationStatus::Committed, order, commit_time: Some(now), ..self.moved(now) }
    }

    /// The reservation, given back.
    #[must_use]
    pub fn released(&self, now: Time) -> Self {
        Self { status: ReservationStatus::Released, release_time: Some(now), ..self.moved(now) }
    }

    /// The reservation with more time, or less.
    #[must_use]
    pub fn extended(&self, ttl: Duration, now: Time) -> Self {
        Self { expire_time: now.plus(ttl), ..self.moved(now) }
    }

    fn moved(&self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self.clone() }
    }

    /// What taking its units does.
    #[must_use]
    pub fn claims(&self) -> Vec<StockChange> {
        let field = |place: usize| Some(format!("lines[{place}].quantity"));
        let changes = self.changes(MovementType::Reserved, 0, 1).into_iter().enumerate();
        changes.map(|(place, change)| StockChange { field: field(place), ..change }).collect()
    }

    /// What giving back its units does. `why` is `Released` or `Expired`.
    #[must_use]
    pub fn releases(&self, why: MovementType) -> Vec<StockChange> {
        self.changes(why, 0, -1)
    }

    /// What using up its units without an order does.
    #[must_use]
    pub fn deductions(&self) -> Vec<StockChange> {
        self.changes(MovementType::Committed, -1, -1)
    }

    fn changes(&self, movement: MovementType, on_hand: i64, reserved: i64) -> Vec<StockChange> {
        let change = |line: &ReservationLine| StockChange {
            product: line.product,
            sku: line.sku.clone(),
            location: line.location,
            on_hand: on_hand * i64::from(line.quantity),
            reserved: reserved * i64::from(line.quantity),
            movement,
            source: Source::Reservation(self.id),
            field: None,
        };
        self.lines.iter().map(change).collect()
    }
}

impl Versioned for Reservation {
    fn version(&self) -> i64 {
        self.version
    }
}
