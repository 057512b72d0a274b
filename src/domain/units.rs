//! Units of lines of an order, as requests name them.

use std::collections::HashMap;

use super::ids::OrderItemId;

/// Units of a line, as a client names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineUnits {
    /// The line.
    pub item: OrderItemId,
    /// Units, at least one.
    pub quantity: i32,
}

/// All the units of a line that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The line.
    pub item: OrderItemId,
    /// Units.
    pub quantity: i32,
    /// Where the request names the line first.
    pub place: usize,
}

/// Why units cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitsError {
    /// There is no such line.
    Unknown {
        /// Where the request names it.
        place: usize,
    },
    /// There are not so many.
    TooMany {
        /// Where the request has named too many.
        place: usize,
        /// The line.
        item: OrderItemId,
        /// How many there are.
        maximum: i32,
    },
}

/// The units of each line that is named, in the order in which lines are named first: what is named twice is added. `ceiling`
/// tells how many units a line has for this; `None`: there is no such line.
pub fn tally(units: &[LineUnits], ceiling: impl Fn(OrderItemId) -> Option<i32>) -> Result<Vec<Tally>, UnitsError> {
    let (mut found, mut places) = (Vec::<Tally>::new(), HashMap::new());
    for (place, LineUnits { item, quantity }) in units.iter().copied().enumerate() {
        let maximum = ceiling(item).ok_or(UnitsError::Unknown { place })?;
        let at = *places.entry(item).or_insert_with(|| {
            found.push(Tally { item, quantity: 0, place });
            found.len() - 1
        });
        let sum = found[at].quantity.checked_add(quantity).filter(|sum| *sum <= maximum);
        found[at].quantity = sum.ok_or(UnitsError::TooMany { place, item, maximum })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;

    fn line(number: u128) -> OrderItemId {
        OrderItemId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn ceiling(item: OrderItemId) -> Option<i32> {
        [(line(1), 5), (line(2), 0)].into_iter().find(|(known, _)| *known == item).map(|(_, maximum)| maximum)
    }

    #[test]
    fn what_is_named_twice_is_added() {
        let of = |units: &[(u128, i32)]| {
            let units: Vec<_> =
                units.iter().map(|(item, quantity)| LineUnits { item: line(*item), quantity: *quantity }).collect();
            tally(&units, ceiling)
        };
        assert_eq!(of(&[(1, 2), (1, 3)]), Ok(vec![Tally { item: line(1), quantity: 5, place: 0 }]));
        assert_eq!(of(&[]), Ok(vec![]));
        let too_many = |place, item, maximum| Err(UnitsError::TooMany { place, item: line(item), maximum });
        assert_eq!(of(&[(1, 2), (1, 4)]), too_many(1, 1, 5));
        assert_eq!(of(&[(1, 1), (2, 1)]), too_many(1, 2, 0));
        assert_eq!(of(&[(1, 2), (1, i32::MAX)]), too_many(1, 1, 5));
        assert_eq!(of(&[(1, 2), (3, 1)]), Err(UnitsError::Unknown { place: 1 }));
    }
}
