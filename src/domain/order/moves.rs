//! The moves of an order: which are legal in which state, and what they do.

use super::{Order, OrderError, OrderStatus};
use crate::domain::money::MoneyError;
use crate::domain::text_enum::text_enum;
use crate::domain::time::Time;

text_enum! {
    /// What can be done with an order that is there, as REST names it.
    OrderAction {
        /// A draft is placed.
        Place = "place",
        /// It is accepted: prices are fixed, goods may ship.
        Confirm = "confirm",
        /// It is canceled as a whole.
        Cancel = "cancel",
        /// Some fields change.
        Update = "update",
        /// A draft is written anew.
        Replace = "replace",
        /// A draft is deleted.
        Delete = "delete",
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

impl OrderStatus {
    /// The moves that are legal in this state. The same move again is no move: it does nothing, and succeeds.
    #[must_use]
    pub const fn actions(self) -> &'static [OrderAction] {
        use OrderAction::{Cancel, Confirm, Delete, Place, Replace, Update};
        match self {
            Self::Draft => &[Place, Update, Replace, Delete],
            Self::PendingApproval | Self::Confirmed => &[Cancel, Update],
            Self::Placed => &[Confirm, Cancel, Update],
            Self::Completed | Self::Canceled | Self::Rejected | Self::Expired => &[Update],
        }
    }

    /// Whether the move has been made already.
    const fn is_after(self, action: OrderAction) -> bool {
        matches!(
            (action, self),
            (OrderAction::Place, Self::Placed)
                | (OrderAction::Confirm, Self::Confirmed)
                | (OrderAction::Cancel, Self::Canceled)
        )
    }
}

impl Order {
    /// Whether a move is still to be made: `false` when it has been made already.
    pub fn check(&self, action: OrderAction) -> Result<bool, IllegalMove> {
        let from = self.head.status;
        if from.is_after(action) {
            return Ok(false);
        }
        if from.actions().contains(&action) { Ok(true) } else { Err(IllegalMove { from, action, field: None }) }
    }

    /// Places a draft whose lines were priced just now.
    pub fn place(&mut self, now: Time) {
        self.head.status = OrderStatus::Placed;
        self.head.place_time = Some(now);
    }

    /// Accepts it.
    pub fn confirm(&mut self, now: Time) {
        self.head.status = OrderStatus::Confirmed;
        self.head.confirm_time = Some(now);
    }

    /// Cancels every unit that is not.
    pub fn cancel(&mut self, reason: String, now: Time) -> Result<(), OrderError> {
        for item in &mut self.items {
            item.quantity_canceled = item.quantity - item.quantity_shipped;
        }
        self.head.totals.canceled = self.head.totals.total;
        self.head.status = OrderStatus::Canceled;
        self.head.cancel_time = Some(now);
        self.head.cancel_reason = reason;
        self.sum().map_err(|error: MoneyError| OrderError::Corrupt(error.to_string()))
    }

    /// The next version, which every visible change makes.
    pub fn touch(&mut self, now: Time) {
        self.head.version += 1;
        self.head.update_time = now;
    }
}
