//! The moves of an order: which are legal in which state, and what they do. Canceling is in `cancel`.

use super::{Hold, Order, OrderError, OrderStatus};
use crate::domain::ids::HoldId;
use crate::domain::states::{Machine, Move};
use crate::domain::text_enum::text_enum;
use crate::domain::time::Time;

text_enum! {
    /// What can be done with an order that is there: by callers, as REST names it, and by the service itself.
    OrderAction {
        /// A draft is placed.
        Place = "place",
        /// It is accepted: prices are fixed, goods may ship.
        Confirm = "confirm",
        /// Something is to stop it.
        Hold = "hold",
        /// What stopped it is gone.
        ReleaseHold = "releaseHold",
        /// Units of it are canceled, or all of them.
        Cancel = "cancel",
        /// Everything was shipped or canceled.
        Complete = "complete",
        /// Some fields change.
        Update = "update",
        /// A draft is written anew.
        Replace = "replace",
        /// A draft is deleted.
        Delete = "delete",
        /// An approver agreed.
        Approve = "(approved)",
        /// An approver refused.
        Reject = "(rejected)",
        /// It was not paid, or not approved, in time.
        Expire = "(expired)",
    }
}

/// Holds of one order, released ones too.
const MAX_HOLDS: usize = 100;

impl OrderAction {
    /// Whether callers do it, and not the service itself.
    #[must_use]
    pub const fn is_of_callers(self) -> bool {
        !matches!(self, Self::Approve | Self::Reject | Self::Expire)
    }
}

/// A move that is not legal in this state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IllegalMove {
    /// The state.
    pub from: OrderStatus,
    /// The move.
    pub action: OrderAction,
    /// What asked for it, when it was a field.
    pub field: Option<String>,
}

/// A move from a state to another one.
const fn step(from: OrderStatus, action: OrderAction, to: OrderStatus) -> Move<OrderStatus, OrderAction> {
    Move { from, action, to: Some(to) }
}

impl Machine for OrderStatus {
    type Action = OrderAction;

    const STARTS: &'static [Self] = &[Self::Draft, Self::PendingApproval, Self::Placed];

    const MOVES: &'static [Move<Self, OrderAction>] = {
        use OrderAction::{
            Approve, Cancel, Complete, Confirm, Delete, Expire, Hold, Place, Reject, ReleaseHold, Replace, Update,
        };
        use OrderStatus::{Canceled, Completed, Confirmed, Draft, Expired, PendingApproval, Placed, Rejected};
        &[
            step(Draft, Place, Placed),
            step(Draft, Place, PendingApproval),
            step(Draft, Update, Draft),
            step(Draft, Replace, Draft),
            Move { from: Draft, action: Delete, to: None },
            step(PendingApproval, Approve, Placed),
            step(PendingApproval, Reject, Rejected),
            step(PendingApproval, Expire, Expired),
            step(PendingApproval, Hold, PendingApproval),
            step(PendingApproval, ReleaseHold, PendingApproval),
            step(PendingApproval, Cancel, Canceled),
            step(PendingApproval, Update, PendingApproval),
            step(Placed, Confirm, Confirmed),
            step(Placed, Hold, Placed),
            step(Placed, ReleaseHold, Placed),
            step(Placed, Cancel, Canceled),
            step(Placed, Cancel, Placed),
            step(Placed, Expire, Expired),
            step(Placed, Update, Placed),
            step(Placed, Update, PendingApproval),
            step(Confirmed, Hold, Confirmed),
            step(Confirmed, ReleaseHold, Confirmed),
            step(Confirmed, Cancel, Canceled),
            step(Confirmed, Cancel, Confirmed),
            step(Confirmed, Complete, Completed),
            step(Confirmed, Update, Confirmed),
            step(Completed, Update, Completed),
            step(Canceled, Update, Canceled),
            step(Rejected, Update, Rejected),
            step(Expired, Update, Expired),
        ]
    };

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: OrderAction) -> &'static str {
        action.as_str()
    }
}

impl Order {
    /// What callers may do with it as it is, whoever they are.
    #[must_use]
    pub fn actions(&self) -> Vec<OrderAction> {
        let mut actions = self.head.status.legal();
        actions.retain(|action| action.is_of_callers() && self.admits(*action));
        actions
    }

    /// Whether nothing but its state could forbid a move.
    fn admits(&self, action: OrderAction) -> bool {
        match action {
            OrderAction::Confirm => self.head.holds.is_empty(),
            OrderAction::ReleaseHold => !self.head.holds.is_empty(),
            OrderAction::Cancel => self.has_open_units(),
            OrderAction::Complete => self.head.holds.is_empty() && self.is_fulfilled(),
            OrderAction::Place
            | OrderAction::Hold
            | OrderAction::Update
            | OrderAction::Replace
            | OrderAction::Delete
            | OrderAction::Approve
            | OrderAction::Reject
            | OrderAction::Expire => true,
        }
    }

    /// Whether a move is still to be made: `false` when it has been made already.
    pub fn check(&self, action: OrderAction) -> Result<bool, IllegalMove> {
        let from = self.head.status;
        from.asks(action).ok_or(IllegalMove { from, action, field: None })
    }

    /// Whether units are neither shipped nor canceled.
    #[must_use]
    pub fn has_open_units(&self) -> bool {
        self.items.iter().any(|item| item.open() > 0)
    }

    /// Whether every unit was shipped or canceled, and something was shipped.
    #[must_use]
    pub fn is_fulfilled(&self) -> bool {
        !self.has_open_units() && self.items.iter().any(|item| item.quantity_shipped > 0)
    }

    /// Places a draft whose lines were priced just now, or an order that was approved.
    pub fn place(&mut self, now: Time) {
        self.head.status = OrderStatus::Placed;
        self.head.place_time = Some(now);
    }

    /// Lets it wait for an approver.
    pub fn await_approval(&mut self) {
        self.head.status = OrderStatus::PendingApproval;
    }

    /// Accepts it.
    pub fn confirm(&mut self, now: Time) {
        self.head.status = OrderStatus::Confirmed;
        self.head.confirm_time = Some(now);
    }

    /// Completes it.
    pub fn complete(&mut self, now: Time) {
        self.head.status = OrderStatus::Completed;
        self.head.complete_time = Some(now);
    }

    /// Adds a hold; `false` when it has had too many.
    pub fn hold(&mut self, hold: Hold) -> bool {
        let is_admitted = self.head.holds.len() + self.head.released_holds.len() < MAX_HOLDS;
        if is_admitted {
            self.head.holds.push(hold);
        }
        is_admitted
    }

    /// Takes a hold off, or all of them; `None` when it never had this one.
    pub fn release_hold(&mut self, id: Option<HoldId>) -> Option<()> {
        let head = &mut self.head;
        if let Some(id) = id
            && !head.released_holds.contains(&id)
            && !head.holds.iter().any(|hold| hold.id == id)
        {
            return None;
        }
        let is_meant = |hold: &mut Hold| id.is_none_or(|id| hold.id == id);
        head.released_holds.extend(head.holds.extract_if(.., is_meant).map(|hold| hold.id));
        Some(())
    }

    /// The next version, which every visible change makes.
    pub fn touch(&mut self, now: Time) {
        self.head.version += 1;
        self.head.update_time = now;
    }

    /// Ends it without anything shipped: every open unit is canceled.
    pub(super) fn end(&mut self, status: OrderStatus, reason: String, now: Time) -> Result<(), OrderError> {
        for item in &mut self.items {
            item.quantity_canceled += item.open();
            item.quantity_reserved = 0;
        }
        self.head.status = status;
        self.head.cancel_time = Some(now);
        self.head.cancel_reason = reason;
        self.recompute().map_err(|error| OrderError::Corrupt(error.to_string()))
    }

    /// An approver refused it.
    pub fn reject(&mut self, reason: String, now: Time) -> Result<(), OrderError> {
        self.end(OrderStatus::Rejected, reason, now)
    }

    /// Nobody paid, or approved, in time.
    pub fn expire(&mut self, now: Time) -> Result<(), OrderError> {
        self.end(OrderStatus::Expired, String::new(), now)
    }
}
