//! Changing the counters of stock: for orders, reservations, shipments and returns alike.
//!
//! Whether there is enough is asked without a lock first, so that a claim that fails keeps nobody waiting. Then the rows are
//! locked, in one order for everybody, and asked again.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::{Call, Error, Shortage, Thing};
use super::reservations::expire;
use crate::contract::policy::Permission;
use crate::domain::ids::{LocationId, ProductId, ReservationId};
use crate::domain::location::DEFAULT_CODE;
use crate::domain::stock::{
    Counters, CountersError, MovementType, Place, Source, StockChange, StockMovement, ledger, sums,
};
use crate::store::stock::{self as rows, Row, Write};
use crate::store::{self, catalog, locations, reservations, stock_movements};

/// Due reservations that one claim takes over at once.
const DUE_AT_ONCE: u64 = 100;

/// How often a claim looks for due reservations. Whoever finds that many is better run again.
const ROUNDS: u32 = 20;

/// Changes counters, all or nothing: what asks for the same product at the same location is summed before it is checked.
/// A claim that is short takes over reservations whose time is over. Called once in a transaction, so that rows are locked
/// in one order, or after `lock_ahead`; reservations that it uses or gives back are saved before.
///
/// # Errors
/// `InsufficientStock` when there is not enough.
pub(in crate::app) async fn apply(call: &Call, changes: Vec<StockChange>) -> Result<(), Error> {
    moved(call, changes).await.map(drop)
}

/// The same; answers what the ledger says of it.
pub(super) async fn moved(call: &Call, mut changes: Vec<StockChange>) -> Result<Vec<StockMovement>, Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let missing = make_room(call, &mut changes).await?;
    let new: Vec<_> = missing.into_iter().map(|place| (call.uuid(), place)).collect();
    rows::insert(&call.tx, &call.scope(), &new, call.now).await?;
    let sums = sums(&changes);
    let places: Vec<_> = sums.keys().copied().collect();
    let found = rows::lock(&call.tx, &call.scope(), &places).await?;
    let plan = Plan::new(&found, &sums);
    plan.check(&changes)?;
    if !plan.short.is_empty() {
        // Somebody was faster. If there is something to take over now, the transaction is run again and does so.
        let due = due(call, &plan.short).await?;
        return Err(if due.is_empty() { plan.shortage(call, &changes, &found) } else { store::Error::Stale.into() });
    }
    rows::write(&call.tx, &plan.writes, call.now).await?;
    record(call, changes).await
}

/// Locks reservations and the stock of products ahead, for a transaction that calls `apply` more than once: rows are locked in
/// one order all the same.
pub(in crate::app) async fn lock_ahead(call: &Call, used: BTreeSet<ReservationId>, skus: &[&str]) -> Result<(), Error> {
    for id in used {
        reservations::get_for_write(&call.tx, &call.scope(), id).await?;
    }
    let products = catalog::by_skus(&call.tx, &call.scope(), skus).await?;
    let products: Vec<_> = products.into_values().map(|product| product.id).collect();
    let due = reservations::due(&call.tx, &call.scope(), &products, call.now, DUE_AT_ONCE).await?;
    reservations::lock_due(&call.tx, &call.scope(), &due, call.now).await?;
    Ok(rows::lock_products(&call.tx, &call.scope(), &products).await?)
}

/// Takes over due reservations until there is enough. Answers the places that have no row yet and need one.
async fn make_room(call: &Call, changes: &mut Vec<StockChange>) -> Result<Vec<Place>, Error> {
    for _ in 0..ROUNDS {
        let sums = sums(changes);
        let places: Vec<_> = sums.keys().copied().collect();
        let found = rows::counters(&call.tx, &call.scope(), &places).await?;
        let plan = Plan::new(&found, &sums);
        plan.check(changes)?;
        if plan.short.is_empty() {
            return Ok(plan.missing);
        }
        let due = due(call, &plan.short).await?;
        if due.is_empty() {
            return Err(plan.shortage(call, changes, &found));
        }
        // Those that somebody else expires meanwhile are waited for: their units are free then.
        for reservation in reservations::lock_due(&call.tx, &call.scope(), &due, call.now).await? {
            changes.extend(expire(call, &reservation).await?);
        }
    }
    Err(store::Error::Stale.into())
}

async fn due(call: &Call, short: &[Place]) -> Result<Vec<ReservationId>, Error> {
    let products: Vec<ProductId> = short.iter().map(|place| place.product).collect();
    Ok(reservations::due(&call.tx, &call.scope(), &products, call.now, DUE_AT_ONCE).await?)
}

/// What changes come to.
#[derive(Debug, Default)]
struct Plan {
    /// What is written.
    writes: Vec<Write>,
    /// Where nothing was ever counted.
    missing: Vec<Place>,
    /// Where there is not enough.
    short: Vec<Place>,
    /// Where something cannot be.
    wrong: Option<(Place, CountersError)>,
}

impl Plan {
    fn new(found: &HashMap<Place, Row>, sums: &BTreeMap<Place, Counters>) -> Self {
        let mut plan = Self::default();
        for (place, change) in sums.iter().filter(|(_, change)| **change != Counters::default()) {
            let row = found.get(place);
            let before = row.map(|row| row.counters).unwrap_or_default();
            match (before.after(*change), row) {
                (Ok(after), Some(row)) => plan.writes.push(Write { id: row.id, before, after }),
                (Ok(_), None) => plan.missing.push(*place),
                (Err(CountersError::Short), _) => plan.short.push(*place),
                (Err(error @ (CountersError::TooMany | CountersError::Unbalanced)), _) => {
                    plan.wrong = plan.wrong.or(Some((*place, error)));
                }
            }
        }
        plan
    }

    /// # Errors
    /// When counters would get a value that they cannot have for another reason than that there is too little.
    fn check(&self, changes: &[StockChange]) -> Result<(), Error> {
        let Some((place, error)) = self.wrong else { return Ok(()) };
        if error == CountersError::Unbalanced {
            let text = format!("the books of {place:?} are wrong: tradepost reconcile shows and mends them");
            return Err(Error::Fault(text));
        }
        let field = changes.iter().find(|change| change.place() == place).and_then(|change| change.field.clone());
        Err(Error::invalid(field.unwrap_or_default(), "out_of_range", "is more than can be counted"))
    }

    /// Every product that there is not enough of, as the request asks for them.
    fn shortage(&self, call: &Call, changes: &[StockChange], found: &HashMap<Place, Row>) -> Error {
        let is_told = call.caller.may(Permission::InventoryRead);
        let mut left: HashMap<_, _> =
            self.short.iter().map(|place| (*place, available(*place, changes, found))).collect();
        let mut shortages = Vec::new();
        for change in changes.iter().filter(|change| change.takes()) {
            let place = change.place();
            let Some(units) = left.get_mut(&place) else { continue };
            *units -= change.reserved.max(-change.on_hand);
            // The claim with which it is too much is the one that is told.
            if *units < 0 {
                left.remove(&place);
                let available = is_told.then(|| available(place, changes, found));
                shortages.push(Shortage { sku: change.sku.clone(), available, field: change.field.clone() });
            }
        }
        Error::InsufficientStock(shortages)
    }
}

/// What is available, with what was taken over.
fn available(place: Place, changes: &[StockChange], found: &HashMap<Place, Row>) -> i64 {
    let of_place = changes.iter().filter(|change| change.place() == place);
    let freed: i64 =
        of_place.filter(|change| change.movement == MovementType::Expired).map(|change| -change.reserved).sum();
    found.get(&place).map_or(0, |row| row.counters.available()) + freed
}

/// Writes the ledger. Of orders it does not say why: that is typed by people, and stands with the order.
async fn record(call: &Call, changes: Vec<StockChange>) -> Result<Vec<StockMovement>, Error> {
    let movement = |change: StockChange| {
        let is_told = matches!(change.source, Source::Stock | Source::Reservation(_));
        let reason = if is_told { call.reason() } else { String::new() };
        StockMovement { id: call.id(), change, reason, create_time: call.now }
    };
    let movements: Vec<_> = ledger(changes).into_iter().map(movement).collect();
    stock_movements::append(&call.tx, &call.scope(), &movements).await?;
    Ok(movements)
}

/// The location with this id, or the tenant's default one.
///
/// # Errors
/// `NotFound` with this field.
pub(in crate::app) async fn location_or_default(
    call: &Call,
    id: Option<LocationId>,
    field: &str,
) -> Result<LocationId, Error> {
    let found = locations_or_default(call, &[(id, field.to_owned())]).await?;
    found.first().copied().ok_or_else(|| Error::Fault("a location is missing".to_owned()))
}

/// Many locations, in the order asked for, each with the field that names it.
///
/// # Errors
/// `NotFound` with the first field that names none.
pub(in crate::app) async fn locations_or_default(
    call: &Call,
    wanted: &[(Option<LocationId>, String)],
) -> Result<Vec<LocationId>, Error> {
    let scope = call.scope();
    let named: HashSet<_> = wanted.iter().filter_map(|(id, _)| *id).collect();
    let existing: HashSet<_> = if named.is_empty() {
        HashSet::new()
    } else {
        let named: Vec<_> = named.into_iter().collect();
        locations::existing(&call.tx, &scope, &named).await?.into_iter().collect()
    };
    let default = if wanted.iter().any(|(id, _)| id.is_none()) {
        locations::id_by_code(&call.tx, &scope, DEFAULT_CODE).await?
    } else {
        None
    };
    let found = wanted.iter().map(|(id, field)| {
        let found = match id {
            Some(id) => existing.contains(id).then_some(*id),
            None => default,
        };
        found.ok_or_else(|| Error::NotFound { thing: Thing::Location, field: Some(field.clone()) })
    });
    found.collect()
}
