//! Reservations: units that are kept for somebody, for a while.

use crate::app::Thing;
use crate::app::{Call, Error};
use crate::contract::policy::Permission;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{OrderId, ReservationId};
use crate::domain::reservation::{Reservation, ReservationAction, ReservationStatus};
use crate::domain::states::Machine;
use crate::domain::stock::{MovementType, StockChange};
use crate::store::reservations as rows;

/// Uses a reservation up for an order. Answers what giving back its units does: the order's own claims go against that in one
/// [`apply`](super::apply).
///
/// # Errors
/// `NotFound`, also for callers who may not know of reservations; `ReservationExpired`; `IllegalTransition`.
pub(in crate::app) async fn use_reservation(
    call: &Call,
    id: ReservationId,
    field: &str,
    order: OrderId,
) -> Result<Vec<StockChange>, Error> {
    let field = Some(field.to_owned());
    let may_know = call.caller.may(Permission::InventoryRead) || call.caller.may(Permission::ReservationsWrite);
    let found = if may_know { rows::get_for_write(&call.tx, &call.scope(), id).await? } else { None };
    let before = found.ok_or(Error::NotFound { thing: Thing::Reservation, field: field.clone() })?;
    match before.clone().at(call.now).status {
        ReservationStatus::Held => {}
        ReservationStatus::Expired => return Err(Error::ReservationExpired { field }),
        status @ (ReservationStatus::Committed | ReservationStatus::Released) => {
            return Err(illegal(status, ReservationAction::Commit, field));
        }
    }
    let committed = before.committed(Some(order), call.now);
    rows::save(&call.tx, &call.scope(), &before, &committed).await?;
    call.tell(EventType::ReservationCommitted, Subject::Reservation(&committed));
    Ok(committed.releases(MovementType::Released))
}

/// Writes down that a reservation, which is locked and due, has run out. Answers what giving back its units does.
pub(super) async fn expire(call: &Call, due: &Reservation) -> Result<Vec<StockChange>, Error> {
    let expired = due.clone().at(call.now);
    rows::save(&call.tx, &call.scope(), due, &expired).await?;
    call.tell(EventType::ReservationExpired, Subject::Reservation(&expired));
    Ok(expired.releases(MovementType::Expired))
}

fn illegal(status: ReservationStatus, action: ReservationAction, field: Option<String>) -> Error {
    let allowed = status.legal().into_iter().filter(|action| *action != ReservationAction::Expire);
    let allowed = allowed.map(ReservationAction::as_str).collect();
    Error::IllegalTransition { from: status.as_str(), action: action.as_str(), allowed, field }
}
