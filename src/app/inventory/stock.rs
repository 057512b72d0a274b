//! Counting stock: levels, adjustments, transfers and the ledger.

use super::claims::{location_or_default, moved};
use crate::app::{Call, Error, Page, Placed, Read, Thing};
use crate::contract::policy::Permission;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{LocationId, ProductId, TypedId};
use crate::domain::product::Product;
use crate::domain::stock::{
    Adjustment, Counters, MovementList, MovementType, Place, Source, StockAdjustment, StockChange, StockLevel,
    StockList, StockMovement, StockTransfer,
};
use crate::store::{Position, catalog, stock as rows, stock_movements};

impl Placed for StockLevel {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id }
    }
}

impl Placed for StockMovement {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// A page of stock. Whoever may not know how many units there are may not ask for less than so many either: that would tell.
pub async fn list_stock_levels(call: &Read, list: &StockList) -> Result<Page<StockLevel>, Error> {
    if list.filter.available_below.is_some() && !call.caller.may(Permission::InventoryRead) {
        let field = Some("available_below".to_owned());
        return Err(Error::PermissionDenied { permission: Permission::InventoryRead, field });
    }
    let fetch = async |after, limit| {
        let (filter, scope) = (&list.filter, call.scope());
        let Some(product) = named_product(call, filter.sku.as_deref()).await? else { return Ok(Vec::new()) };
        Ok(rows::list(&call.reader, &scope, filter, product, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// A page of the ledger.
pub async fn list_stock_movements(call: &Read, list: &MovementList) -> Result<Page<StockMovement>, Error> {
    let fetch = async |after, limit| {
        let (filter, scope) = (&list.filter, call.scope());
        let Some(product) = named_product(call, filter.sku.as_deref()).await? else { return Ok(Vec::new()) };
        Ok(stock_movements::list(&call.reader, &scope, filter, product, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// The product that a filter names: none when it names none; `None` when there is no such product.
pub(super) async fn named_product(call: &Read, sku: Option<&str>) -> Result<Option<Option<ProductId>>, Error> {
    let Some(sku) = sku else { return Ok(Some(None)) };
    Ok(catalog::id_by_sku(&call.reader, &call.scope(), sku).await?.map(Some))
}

/// Changes a count.
pub async fn adjust_stock(call: &Call, new: StockAdjustment) -> Result<StockLevel, Error> {
    call.because(&new.reason);
    let product = counted_product(call, &new.sku).await?;
    let location = location_or_default(call, new.location, "location_id").await?;
    let place = Place { product: product.id, location };
    let (on_hand, movement, field) = match new.adjustment {
        Adjustment::Delta(delta) => (delta, MovementType::Adjusted, "delta"),
        Adjustment::Counted { counted, expected } => {
            let on_hand = lock_one(call, place).await?.on_hand;
            if on_hand != expected {
                return Err(Error::StockChanged { on_hand });
            }
            (counted - on_hand, MovementType::Counted, "counted")
        }
    };
    let change = StockChange {
        product: product.id,
        sku: product.sku.clone(),
        location,
        on_hand,
        reserved: 0,
        movement,
        source: Source::Stock,
        field: Some(field.to_owned()),
    };
    tell(call, &moved(call, vec![change]).await?, EventType::StockAdjusted);
    level(call, &product, location).await
}

/// Moves units between locations.
pub async fn transfer_stock(call: &Call, new: StockTransfer) -> Result<(StockLevel, StockLevel), Error> {
    call.because(&new.reason);
    let product = counted_product(call, &new.sku).await?;
    let from = location_or_default(call, new.from, "from_location_id").await?;
    let to = location_or_default(call, Some(new.to), "to_location_id").await?;
    if from == to {
        return Err(Error::invalid("to_location_id", "not_allowed", "must be another location"));
    }
    let change = |location, on_hand| StockChange {
        product: product.id,
        sku: product.sku.clone(),
        location,
        on_hand,
        reserved: 0,
        movement: MovementType::Transferred,
        source: Source::Stock,
        field: Some("quantity".to_owned()),
    };
    let changes = vec![change(from, -new.quantity), change(to, new.quantity)];
    tell(call, &moved(call, changes).await?, EventType::StockTransferred);
    Ok((level(call, &product, from).await?, level(call, &product, to).await?))
}

/// The product with this SKU, whose stock is counted, and is as long as this transaction lasts.
async fn counted_product(call: &Call, sku: &str) -> Result<Product, Error> {
    let field = || "sku".to_owned();
    let found = catalog::by_sku_shared(&call.tx, &call.scope(), sku).await?;
    let product = found.ok_or_else(|| Error::NotFound { thing: Thing::Product, field: Some(field()) })?;
    if product.track_inventory { Ok(product) } else { Err(Error::InventoryNotTracked { field: field() }) }
}

/// The counters at a place, which nobody else changes until the transaction is over.
async fn lock_one(call: &Call, place: Place) -> Result<Counters, Error> {
    // A row that is not there cannot be locked, and two counts would both find nothing.
    if rows::counters(&call.tx, &call.scope(), &[place]).await?.is_empty() {
        rows::insert(&call.tx, &call.scope(), &[(call.uuid(), place)], call.now).await?;
    }
    let found = rows::lock(&call.tx, &call.scope(), &[place]).await?;
    Ok(found.get(&place).map(|row| row.counters).unwrap_or_default())
}

/// What somebody moved is told as such; reservations that ran out on the way tell of themselves.
fn tell(call: &Call, movements: &[StockMovement], event: EventType) {
    for movement in movements.iter().filter(|movement| movement.change.source == Source::Stock) {
        call.tell(event, Subject::StockMovement(movement));
    }
}

async fn level(call: &Call, product: &Product, location: LocationId) -> Result<StockLevel, Error> {
    let place = Place { product: product.id, location };
    let nothing = || StockLevel {
        id: uuid::Uuid::nil(),
        place,
        sku: product.sku.clone(),
        counters: Counters::default(),
        create_time: call.now,
    };
    Ok(rows::get(&call.tx, &call.scope(), place).await?.unwrap_or_else(nothing))
}
