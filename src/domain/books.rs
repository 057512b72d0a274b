//! The books of stock at one place: whether counters, ledger and what is held agree, and what makes them agree again.

use super::ids::TenantId;
use super::stock::{Counters, Place};

/// What is known of the stock of a product at a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// Whose it is.
    pub tenant: TenantId,
    /// The product and the location.
    pub place: Place,
    /// The SKU of the product.
    pub sku: String,
    /// The code of the location.
    pub location: String,
    /// What the counters say.
    pub counters: Counters,
    /// What the movements sum to.
    pub ledger: Counters,
    /// What reservations that are held and open lines of orders sum to.
    pub held: i64,
}

/// What makes books agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repair {
    /// What the counters become.
    pub counters: Counters,
    /// What is added to the ledger.
    pub movement: Counters,
}

impl Books {
    /// What makes them agree; `None` when they do. The ledger is right about what is there, and reservations and orders about
    /// what is taken. What is taken is there, whatever the ledger says.
    #[must_use]
    pub fn repair(&self) -> Option<Repair> {
        let counters = Counters { on_hand: self.ledger.on_hand.max(self.held).max(0), reserved: self.held };
        let movement = Counters {
            on_hand: counters.on_hand - self.ledger.on_hand,
            reserved: counters.reserved - self.ledger.reserved,
        };
        let is_balanced = counters == self.counters && movement == Counters::default();
        (!is_balanced).then_some(Repair { counters, movement })
    }
}

/// What people read of books that do not agree.
impl std::fmt::Display for Books {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tenant, sku, location, counters, ledger, held, .. } = self;
        write!(
            f,
            "{tenant} {sku:?} at {location:?}: on hand {}, by the ledger {}; ",
            counters.on_hand, ledger.on_hand
        )?;
        write!(f, "reserved {}, by the ledger {}, held {held}", counters.reserved, ledger.reserved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{LocationId, ProductId, TypedId};
    use uuid::Uuid;

    #[test]
    fn what_is_taken_is_there_and_else_the_ledger_is_right() {
        let both = |on_hand, reserved| Counters { on_hand, reserved };
        for (counters, ledger, held, repair) in [
            (both(5, 2), both(5, 2), 2, None),
            (both(0, 0), both(0, 0), 0, None),
            (both(7, 2), both(5, 2), 2, Some((both(5, 2), both(0, 0)))),
            (both(5, 3), both(5, 2), 2, Some((both(5, 2), both(0, 0)))),
            (both(5, 2), both(5, 2), 1, Some((both(5, 1), both(0, -1)))),
            (both(5, 2), both(1, 2), 2, Some((both(2, 2), both(1, 0)))),
            (both(0, 0), both(-1, 0), 0, Some((both(0, 0), both(1, 0)))),
        ] {
            let place =
                Place { product: ProductId::from_uuid(Uuid::nil()), location: LocationId::from_uuid(Uuid::nil()) };
            let (tenant, sku, location) = (TenantId::from_uuid(Uuid::nil()), String::new(), String::new());
            let books = Books { tenant, place, sku, location, counters, ledger, held };
            let expected = repair.map(|(counters, movement)| Repair { counters, movement });
            assert_eq!(books.repair(), expected, "{books}");
        }
    }
}
