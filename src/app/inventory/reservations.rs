//! Reservations: units that are kept for somebody, for a while.

use std::sync::Arc;
use std::time::Duration;

use super::claims::{apply, locations_or_default};
use super::stock::named_product;
use crate::app::expiry::each;
use crate::app::{App, Call, Error, Page, Placed, Read, Thing, Unique};
use crate::contract::policy::Permission;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{OrderId, ReservationId, TypedId};
use crate::domain::page::View;
use crate::domain::reservation::{
    NewReservation, NewReservationLine, Reservation, ReservationAction, ReservationLine, ReservationList,
    ReservationStatus,
};
use crate::domain::states::Machine;
use crate::domain::stock::{MovementType, StockChange};
use crate::store::{Position, catalog, reservations as rows};

impl Placed for Reservation {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Keeps units of all lines, or of none.
pub async fn create_reservation(call: &Call, new: NewReservation) -> Result<Reservation, Error> {
    if let Some(reference) = &new.reference
        && let Some(existing) = rows::id_by_reference(&call.tx, &call.scope(), reference).await?
    {
        let (existing, field) = (existing.to_string(), "reference".to_owned());
        return Err(Error::Duplicate { unique: Unique::Reference, existing, field });
    }
    let lines = lines(call, &new.lines).await?;
    let reservation = Reservation::new(call.id(), lines, new, call.now);
    apply(call, reservation.claims()).await?;
    let ids: Vec<_> = reservation.lines.iter().map(|_| call.uuid()).collect();
    rows::insert(&call.tx, &call.scope(), &reservation, &ids).await?;
    call.tell(EventType::ReservationCreated, Subject::Reservation(&reservation));
    Ok(reservation)
}

/// The lines with their products and locations. The first that has none is named.
async fn lines(call: &Call, new: &[NewReservationLine]) -> Result<Vec<ReservationLine>, Error> {
    let skus: Vec<_> = new.iter().map(|line| line.sku.as_str()).collect();
    let products = catalog::by_skus(&call.tx, &call.scope(), &skus).await?;
    let field = |place: usize, name: &str| format!("lines[{place}].{name}");
    let wanted: Vec<_> =
        new.iter().enumerate().map(|(place, line)| (line.location, field(place, "location_id"))).collect();
    for (place, line) in new.iter().enumerate() {
        let field = field(place, "sku");
        match products.get(&line.sku) {
            None => return Err(Error::NotFound { thing: Thing::Product, field: Some(field) }),
            Some(product) if !product.track_inventory => return Err(Error::InventoryNotTracked { field }),
            Some(_) => {}
        }
    }
    let locations = locations_or_default(call, &wanted).await?;
    let lines = new.iter().zip(locations).filter_map(|(line, location)| {
        let product = products.get(&line.sku)?;
        let (sku, quantity) = (product.sku.clone(), line.quantity);
        Some(ReservationLine { product: product.id, sku, location, quantity })
    });
    Ok(lines.collect())
}

/// The reservation with this id, as it is now.
pub async fn get_reservation(call: &Read, id: ReservationId) -> Result<Reservation, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?.map(|found| found.at(call.now()));
    found.ok_or(Error::NotFound { thing: Thing::Reservation, field: None })
}

/// A page of reservations, as they are now.
pub async fn list_reservations(call: &Read, list: &ReservationList) -> Result<Page<Reservation>, Error> {
    let fetch = async |after, limit| {
        let (filter, scope, now) = (&list.filter, call.scope(), call.now());
        let Some(product) = named_product(call, filter.sku.as_deref()).await? else { return Ok(Vec::new()) };
        let found = rows::list(&call.reader, &scope, filter, product, now, list.page.sort, after, limit).await?;
        let found = match list.page.view {
            View::Basic => found,
            View::Full => rows::with_lines(&call.reader, found).await?,
        };
        Ok(found.into_iter().map(|reservation| reservation.at(now)).collect())
    };
    call.page(&list.page, fetch).await
}

/// Uses a reservation up without an order: its units leave the stock. Doing it again changes nothing.
pub async fn commit_reservation(call: &Call, (id, reason): (ReservationId, String)) -> Result<Reservation, Error> {
    call.because(&reason);
    let Some(before) = asked(call, id, ReservationAction::Commit).await? else { return as_it_is(call, id).await };
    let committed = before.committed(None, call.now);
    save(call, &before, &committed, EventType::ReservationCommitted).await?;
    apply(call, committed.deductions()).await?;
    Ok(committed)
}

/// Gives the units of a reservation back. Doing it again changes nothing.
pub async fn release_reservation(call: &Call, (id, reason): (ReservationId, String)) -> Result<Reservation, Error> {
    call.because(&reason);
    let Some(before) = asked(call, id, ReservationAction::Release).await? else { return as_it_is(call, id).await };
    let released = before.released(call.now);
    save(call, &before, &released, EventType::ReservationReleased).await?;
    apply(call, released.releases(MovementType::Released)).await?;
    Ok(released)
}

/// Lets a reservation end so long from now.
pub async fn extend_reservation(
    call: &Call,
    (id, ttl, reason): (ReservationId, Duration, String),
) -> Result<Reservation, Error> {
    call.because(&reason);
    let Some(before) = asked(call, id, ReservationAction::Extend).await? else { return as_it_is(call, id).await };
    let extended = before.extended(ttl, call.now);
    save(call, &before, &extended, EventType::ReservationExtended).await?;
    Ok(extended)
}

/// The reservation, locked, if this is still to be done with it; `None` when it was done already.
async fn asked(call: &Call, id: ReservationId, action: ReservationAction) -> Result<Option<Reservation>, Error> {
    let found = rows::get_for_write(&call.tx, &call.scope(), id).await?.map(|found| found.at(call.now));
    let before = call.expect(Thing::Reservation, found)?;
    match (before.status.asks(action), before.status, action) {
        // An order used it up: its units did not leave the stock.
        (Some(false), status, ReservationAction::Commit) if before.order.is_some() => {
            Err(illegal(status, action, None))
        }
        (Some(is_open), ..) => Ok(is_open.then_some(before)),
        (None, ReservationStatus::Expired, ReservationAction::Commit | ReservationAction::Extend) => {
            Err(Error::ReservationExpired { field: None })
        }
        (None, status, _) => Err(illegal(status, action, None)),
    }
}

async fn as_it_is(call: &Call, id: ReservationId) -> Result<Reservation, Error> {
    let found = rows::get(&call.tx, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Reservation, field: None })
}

async fn save(call: &Call, before: &Reservation, reservation: &Reservation, event: EventType) -> Result<(), Error> {
    rows::save(&call.tx, &call.scope(), before, reservation).await?;
    call.tell(event, Subject::Reservation(reservation));
    Ok(())
}

/// Uses a reservation up for an order. Answers what giving back its units does: the order's own claims go against that in one
/// [`apply`].
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
    save(call, &before, &committed, EventType::ReservationCommitted).await?;
    Ok(committed.releases(MovementType::Released))
}

fn illegal(status: ReservationStatus, action: ReservationAction, field: Option<String>) -> Error {
    let allowed = status.legal().into_iter().filter(|action| *action != ReservationAction::Expire);
    let allowed = allowed.map(ReservationAction::as_str).collect();
    Error::IllegalTransition { from: status.as_str(), action: action.as_str(), allowed, field }
}

/// Writes down that a reservation, which is locked and due, has run out. Answers what giving back its units does.
pub(super) async fn expire(call: &Call, due: &Reservation) -> Result<Vec<StockChange>, Error> {
    let expired = due.clone().at(call.now);
    save(call, due, &expired, EventType::ReservationExpired).await?;
    Ok(expired.releases(MovementType::Expired))
}

/// Writes down which reservations have run out, so that their units show as available again. One that fails keeps no other
/// from it.
///
/// # Errors
/// When the database does not do it; then they wait for the next time.
pub async fn sweep_reservations(app: &Arc<App>) -> Result<(), Error> {
    let due = rows::due_anywhere(&app.db.reader(), app.clock.now(), app.failing.room()).await?;
    each(app, "reservation", due, |tenant, id| {
        app.by_itself(tenant, "expire-reservation", move |call| Box::pin(expire_one(call, id)))
    })
    .await;
    Ok(())
}

/// Whatever happened to the reservation since it was found, it expires only if it is still due.
async fn expire_one(call: &Call, id: ReservationId) -> Result<(), Error> {
    let Some(due) = rows::lock_due(&call.tx, &call.scope(), &[id], call.now).await?.pop() else { return Ok(()) };
    let changes = expire(call, &due).await?;
    apply(call, changes).await
}
