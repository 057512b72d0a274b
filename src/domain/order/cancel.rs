//! Canceling units of an order: some, or all that are open.

use super::{Order, OrderError, OrderStatus, Units};
use crate::domain::ids::OrderItemId;
use crate::domain::time::Time;

/// Why units cannot be canceled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelError {
    /// The order has no such line; which of the wishes.
    NoSuchItem(usize),
    /// Fewer units of the line are open.
    TooMany {
        /// Which of the wishes.
        place: usize,
        /// The line.
        item: OrderItemId,
        /// How many are open.
        open: i32,
    },
    /// Amounts that were valid are not any more: a fault of ours.
    Order(OrderError),
}

impl Order {
    /// Cancels every open unit. An order of which nothing was shipped is canceled by that.
    pub fn cancel(&mut self, reason: String, now: Time) -> Result<(), CancelError> {
        let open = self.items.iter().filter(|item| item.open() > 0);
        let units: Vec<_> = open.map(|item| Units { item: item.id, quantity: item.open() }).collect();
        self.cancel_units(&units, reason, now)
    }

    /// Cancels units; those of one line that are named twice are summed. When none is left and none was shipped, the order is
    /// canceled.
    pub fn cancel_units(&mut self, units: &[Units], reason: String, now: Time) -> Result<(), CancelError> {
        for (place, wish) in units.iter().enumerate() {
            let item = self.items.iter_mut().find(|item| item.id == wish.item);
            let item = item.ok_or(CancelError::NoSuchItem(place))?;
            if wish.quantity > item.open() {
                return Err(CancelError::TooMany { place, item: item.id, open: item.open() });
            }
            item.quantity_canceled += wish.quantity;
            // What is left of the line holds no more than it needs.
            item.quantity_reserved = item.quantity_reserved.min(item.open());
        }
        if !self.has_open_units() && self.items.iter().all(|item| item.quantity_shipped == 0) {
            return self.end(OrderStatus::Canceled, reason, now).map_err(CancelError::Order);
        }
        self.recompute().map_err(|error| CancelError::Order(OrderError::Corrupt(error.to_string())))
    }
}
