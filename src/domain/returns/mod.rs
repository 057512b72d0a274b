//! Returns: units of an order that come back. Their shape and their states; what each step does is in `steps`.

mod steps;
#[cfg(test)]
mod tests;

pub use steps::check_units;

use super::Metadata;
use super::etag::Versioned;
use super::ids::{CustomerId, LocationId, OrderId, OrderItemId, ProductId, ReturnId};
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};
use super::units::{LineUnits, UnitsError};

text_enum! {
    /// Where a return stands.
    ReturnStatus {
        /// Somebody asked for it.
        Requested = "REQUESTED",
        /// We agreed.
        Authorized = "AUTHORIZED",
        /// What came is here.
        Received = "RECEIVED",
        /// It is decided what becomes of each unit.
        Inspected = "INSPECTED",
        /// It is over.
        Closed = "CLOSED",
        /// We refused.
        Rejected = "REJECTED",
    }
}

text_enum! {
    /// What can be done with a return, as REST names it.
    ReturnAction {
        /// We agree.
        Authorize = "authorize",
        /// It comes.
        Receive = "receive",
        /// What came is looked at.
        Inspect = "inspect",
        /// We refuse.
        Reject = "reject",
        /// It ends.
        Close = "close",
    }
}

text_enum! {
    /// What becomes of a unit that came.
    Disposition {
        /// It goes back into stock.
        Restock = "RESTOCK",
        /// It is thrown away.
        Scrap = "SCRAP",
        /// It goes back to the customer.
        SendBack = "SEND_BACK",
    }
}

impl Machine for ReturnStatus {
    type Action = ReturnAction;

    const MOVES: &'static [Move<Self, ReturnAction>] = &[
        Move { from: Self::Requested, action: ReturnAction::Authorize, to: Some(Self::Authorized) },
        Move { from: Self::Requested, action: ReturnAction::Reject, to: Some(Self::Rejected) },
        Move { from: Self::Authorized, action: ReturnAction::Receive, to: Some(Self::Received) },
        Move { from: Self::Authorized, action: ReturnAction::Reject, to: Some(Self::Rejected) },
        Move { from: Self::Authorized, action: ReturnAction::Close, to: Some(Self::Closed) },
        Move { from: Self::Received, action: ReturnAction::Inspect, to: Some(Self::Inspected) },
        Move { from: Self::Inspected, action: ReturnAction::Close, to: Some(Self::Closed) },
    ];

    const STARTS: &'static [Self] = &[Self::Requested];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: ReturnAction) -> &'static str {
        action.as_str()
    }
}

/// What a client wants to send back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of ReturnHead")]
pub struct NewReturn {
    pub order: OrderId,
    pub units: Vec<LineUnits>,
    pub reason: String,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// A return that is to make a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnMove {
    /// Which one.
    pub id: ReturnId,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// What came of a return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Which return, and why.
    pub step: ReturnMove,
    /// What came; `None`: all of it.
    pub units: Option<Vec<LineUnits>>,
}

/// What becomes of some units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Which units.
    pub units: LineUnits,
    /// What becomes of them.
    pub disposition: Disposition,
}

/// What becomes of everything that came of a return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Which return, and why.
    pub step: ReturnMove,
    /// What becomes of its units.
    pub decisions: Vec<Decision>,
    /// Where units go that are stocked again; `None`: where the order had them.
    pub location: Option<LocationId>,
}

/// Why an inspection cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InspectionError {
    /// A line that is not there, or more units than came.
    Units(UnitsError),
    /// Units came of which nothing is said.
    Left {
        /// The line.
        item: OrderItemId,
        /// How many.
        quantity: i32,
    },
}

/// Which returns a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReturnFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<ReturnStatus>,
    /// Only those of this order.
    pub order: Option<OrderId>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only those that were created in this time.
    pub created: TimeRange,
}

/// A list of returns, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnList {
    /// Which returns.
    pub filter: ReturnFilter,
    /// Which page.
    pub page: PageRequest,
}

/// A return without its lines: what lists need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnHead {
    /// Its id.
    pub id: ReturnId,
    /// The order.
    pub order: OrderId,
    /// Whose order it is.
    pub customer: CustomerId,
    /// Where it stands.
    pub status: ReturnStatus,
    /// Why the units come back; empty: nobody said.
    pub reason: String,
    /// Why it was refused; empty: nobody said.
    pub reject_reason: String,
    /// The client's own id, unique among the customer's returns.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was asked for.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When we agreed.
    pub authorize_time: Option<Time>,
    /// When it came.
    pub receive_time: Option<Time>,
    /// When it was inspected.
    pub inspect_time: Option<Time>,
    /// When it was refused.
    pub reject_time: Option<Time>,
    /// When it was closed.
    pub close_time: Option<Time>,
}

/// Units of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnItem {
    /// The line of the order.
    pub item: OrderItemId,
    /// The product.
    pub product: ProductId,
    /// The SKU of the line.
    pub sku: String,
    /// Units asked for.
    pub quantity: i32,
    /// Units that came.
    pub quantity_received: i32,
    /// Units that went back into stock.
    pub quantity_restocked: i32,
    /// Units that were thrown away.
    pub quantity_scrapped: i32,
    /// Units that went back to the customer.
    pub quantity_sent_back: i32,
}

/// A return with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// All but the lines.
    pub head: ReturnHead,
    /// The lines, each once.
    pub items: Vec<ReturnItem>,
}

impl Versioned for Return {
    fn version(&self) -> i64 {
        self.head.version
    }
}
