//! Stock of products at locations: the counters, and nothing but the counters.
//!
//! Whoever changes them locks them first, all in one order, and writes what they become over what they were.

use std::collections::HashMap;

use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, IntoIden, OnConflict, Query, SimpleExpr, TableRef, Value as Bound, ValueTuple,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait, Select, Set,
};
use uuid::Uuid;

use super::entities::{order_items, orders, products, stock_levels};
use super::pages::{Position, part};
use super::{Error, Scope, Source, Tx};
use crate::domain::ids::{LocationId, ProductId, TypedId};
use crate::domain::order::OrderStatus;
use crate::domain::page::Sort;
use crate::domain::stock::{Counters, Place, StockFilter, StockLevel};
use crate::domain::time::Time;
use stock_levels::{ActiveModel, Column, Entity};

/// Places asked for, or written, in one statement.
const PLACES_PER_STATEMENT: usize = 500;

/// Counters that are to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// The row.
    pub id: Uuid,
    /// What it holds.
    pub before: Counters,
    /// What it will hold.
    pub after: Counters,
}

/// A row that says how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its UUID.
    pub id: Uuid,
    /// What it holds.
    pub counters: Counters,
}

/// The counters at these places; those that have none are missing.
pub async fn counters(from: &impl Source, scope: &Scope, places: &[Place]) -> Result<HashMap<Place, Row>, Error> {
    let mut found = HashMap::with_capacity(places.len());
    for some in places.chunks(PLACES_PER_STATEMENT) {
        let rows = at(scope, some).all(&from.executor()).await?;
        found.extend(rows.iter().map(row));
    }
    Ok(found)
}

/// The same, locked until the transaction ends. The places are sorted, so that transactions never wait for each other in a
/// circle.
pub async fn lock(tx: &Tx, scope: &Scope, places: &[Place]) -> Result<HashMap<Place, Row>, Error> {
    let mut found = HashMap::with_capacity(places.len());
    for some in places.chunks(PLACES_PER_STATEMENT) {
        let sorted = at(scope, some).order_by_asc(Column::ProductId).order_by_asc(Column::LocationId);
        let rows = sorted.lock_exclusive().all(&tx.executor()).await?;
        found.extend(rows.iter().map(row));
    }
    Ok(found)
}

/// Locks all that is counted of these products, in the order in which everybody locks it.
pub async fn lock_products(tx: &Tx, scope: &Scope, products: &[ProductId]) -> Result<(), Error> {
    let mut ids: Vec<_> = products.iter().map(|product| product.uuid()).collect();
    ids.sort_unstable();
    for some in ids.chunks(PLACES_PER_STATEMENT) {
        let sorted = scoped(scope)
            .filter(Column::ProductId.is_in(some.iter().copied()))
            .order_by_asc(Column::ProductId)
            .order_by_asc(Column::LocationId);
        let _: Vec<Uuid> =
            sorted.lock_exclusive().select_only().column(Column::Id).into_tuple().all(&tx.executor()).await?;
    }
    Ok(())
}

fn at(scope: &Scope, places: &[Place]) -> Select<Entity> {
    let query = scoped(scope);
    match places {
        [one] => {
            query.filter(Column::ProductId.eq(one.product.uuid())).filter(Column::LocationId.eq(one.location.uuid()))
        }
        many => {
            let key = Expr::tuple([of_row(Column::ProductId), of_row(Column::LocationId)]);
            query.filter(key.in_tuples(many.iter().map(|place| (place.product.uuid(), place.location.uuid()))))
        }
    }
}

fn of_row(column: Column) -> SimpleExpr {
    Expr::col((Entity, column))
}

fn row(row: &stock_levels::Model) -> (Place, Row) {
    let place =
        Place { product: ProductId::from_uuid(row.product_id), location: LocationId::from_uuid(row.location_id) };
    (place, Row { id: row.id, counters: Counters { on_hand: row.on_hand, reserved: row.reserved } })
}

/// Adds rows that say that there is nothing. Somebody else may have been faster: then theirs stay.
pub async fn insert(tx: &Tx, scope: &Scope, new: &[(Uuid, Place)], now: Time) -> Result<(), Error> {
    for some in new.chunks(PLACES_PER_STATEMENT) {
        let rows = some.iter().map(|(id, place)| ActiveModel {
            id: Set(*id),
            tenant_id: Set(scope.tenant.uuid()),
            product_id: Set(place.product.uuid()),
            location_id: Set(place.location.uuid()),
            on_hand: Set(0),
            reserved: Set(0),
            create_time: Set(now.micros()),
            update_time: Set(now.micros()),
        });
        let keep_the_first = OnConflict::columns([Column::ProductId, Column::LocationId]).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(keep_the_first).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// Writes counters over those that were read.
///
/// # Errors
/// `Stale` when one of them is no longer as it was.
pub async fn write(tx: &Tx, writes: &[Write], now: Time) -> Result<(), Error> {
    for some in writes.chunks(PLACES_PER_STATEMENT) {
        let written = tx.executor().execute(&update(some, now)).await?;
        if written.rows_affected() != some.len() as u64 {
            return Err(Error::Stale);
        }
    }
    Ok(())
}

/// All of them in one statement: a list of values, joined to their rows.
fn update(writes: &[Write], now: Time) -> sea_orm::sea_query::UpdateStatement {
    const NEW: &str = "new";
    // Both engines call the columns of a list of values so.
    let new = |column: usize| -> SimpleExpr { Expr::col((NEW, Alias::new(format!("column{column}")))) };
    let values = writes.iter().map(|write| {
        let counters = [write.before.on_hand, write.before.reserved, write.after.on_hand, write.after.reserved];
        let mut row = vec![Bound::from(write.id)];
        row.extend(counters.map(Bound::from));
        ValueTuple::Many(row)
    });
    Query::update()
        .table(Entity)
        .value(Column::OnHand, new(4))
        .value(Column::Reserved, new(5))
        .value(Column::UpdateTime, now.micros())
        .from(TableRef::ValuesList(values.collect(), NEW.into_iden()))
        .and_where(of_row(Column::Id).eq(new(1)))
        .and_where(of_row(Column::OnHand).eq(new(2)))
        .and_where(of_row(Column::Reserved).eq(new(3)))
        .to_owned()
}

/// A row with the SKU of its product.
#[derive(FromQueryResult)]
struct LevelRow {
    #[sea_orm(nested)]
    level: stock_levels::Model,
    sku: String,
}

/// At most `limit` levels after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &StockFilter,
    product: Option<ProductId>,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<StockLevel>, Error> {
    let mut query = scoped(scope);
    if let Some(product) = product {
        query = query.filter(Column::ProductId.eq(product.uuid()));
    }
    if let Some(location) = filter.location {
        query = query.filter(Column::LocationId.eq(location.uuid()));
    }
    if let Some(below) = filter.available_below {
        query = query.filter(of_row(Column::OnHand).sub(of_row(Column::Reserved)).lt(below));
    }
    levels(from, part(query, (Column::CreateTime, Column::Id), sort, after, limit)).await
}

/// The level at a place, with its SKU.
pub async fn get(from: &impl Source, scope: &Scope, place: Place) -> Result<Option<StockLevel>, Error> {
    Ok(levels(from, at(scope, &[place])).await?.pop())
}

async fn levels(from: &impl Source, query: Select<Entity>) -> Result<Vec<StockLevel>, Error> {
    let rows = query
        // Every level has its product. Joined so, they are read in the order of the levels.
        .join(JoinType::LeftJoin, stock_levels::Relation::Product.def())
        .column_as(products::Column::Sku, "sku")
        .into_model::<LevelRow>()
        .all(&from.executor())
        .await?;
    let level = |LevelRow { level, sku }: LevelRow| {
        let (id, create_time) = (level.id, Time::from_micros(level.create_time));
        let (place, Row { counters, .. }) = row(&level);
        StockLevel { id, place, sku, counters, create_time }
    };
    Ok(rows.into_iter().map(level).collect())
}

/// Whether units of a product are in stock, or in orders and not shipped yet.
pub async fn is_in_use(from: &impl Source, scope: &Scope, product: ProductId) -> Result<bool, Error> {
    use order_items::Column as Item;
    let any = Condition::any().add(Column::OnHand.ne(0)).add(Column::Reserved.ne(0));
    let counted = scoped(scope).filter(Column::ProductId.eq(product.uuid())).filter(any).limit(1);
    let counted: Vec<Uuid> = counted.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    if !counted.is_empty() {
        return Ok(true);
    }
    let of_item = |column: Item| Expr::col((order_items::Entity, column));
    let is_open = of_item(Item::Quantity).gt(of_item(Item::QuantityCanceled).add(of_item(Item::QuantityShipped)));
    let states = [OrderStatus::PendingApproval, OrderStatus::Placed, OrderStatus::Confirmed];
    let open: Vec<Uuid> = order_items::Entity::find()
        .join(JoinType::InnerJoin, order_items::Relation::Order.def())
        .filter(Item::ProductId.eq(product.uuid()))
        .filter(is_open)
        .filter(orders::Column::Status.is_in(states.map(OrderStatus::as_str)))
        .limit(1)
        .select_only()
        .column(Item::Id)
        .into_tuple()
        .all(&from.executor())
        .await?;
    Ok(!open.is_empty())
}

/// The stock is the tenant's: whoever may read it reads all of it.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}
