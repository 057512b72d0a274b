//! Orders and their lines: queries. Rows become orders in `order_rows`.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
};
use uuid::Uuid;

use super::entities::{order_items, orders};
use super::order_pages::page;
use super::order_rows::{head, head_row, item, item_row};
use super::pages::Position;
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{CustomerId, OrderId, TenantId, TypedId};
use crate::domain::money::Money;
use crate::domain::order::{Order, OrderFilter, OrderHead, OrderItem, OrderStatus, PaymentStatus};
use crate::domain::page::Sort;
use crate::domain::time::Time;

/// Lines written in one statement: 23 columns each, and PostgreSQL takes 65,535 parameters, SQLite 32,766.
const ITEMS_PER_INSERT: usize = 1000;

/// How often an order is read that is changed while it is read.
const READS: u32 = 5;

/// Adds an order with its lines.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, order: &Order) -> Result<(), Error> {
    orders::Entity::insert(head_row(scope, &order.head)?).exec_without_returning(&tx.executor()).await?;
    insert_items(tx, scope, &order.head, order.items.iter().enumerate()).await
}

async fn insert_items(
    tx: &Tx,
    scope: &Scope,
    order: &OrderHead,
    items: impl Iterator<Item = (usize, &OrderItem)>,
) -> Result<(), Error> {
    let row = |(place, item)| item_row(scope, order, i32::try_from(place).unwrap_or(i32::MAX), item);
    let rows: Vec<_> = items.map(row).collect();
    for some in rows.chunks(ITEMS_PER_INSERT) {
        order_items::Entity::insert_many(some.to_vec()).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// Writes an order over the one that was read.
///
/// # Errors
/// `Stale` when it was changed since; `Duplicate` when the reference is taken.
pub async fn save(tx: &Tx, scope: &Scope, before: &Order, order: &Order) -> Result<(), Error> {
    let saved = orders::Entity::update_many()
        .set(head_row(scope, &order.head)?)
        .filter(unchanged(scope, before))
        .exec(&tx.executor())
        .await?;
    hit(&saved)?;
    save_items(tx, scope, before, order).await
}

/// Writes what refunds hold of the order that was read, and nothing else. Nobody sees it, so the version stays.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save_claims(tx: &Tx, scope: &Scope, before: &Order, claims: Money) -> Result<(), Error> {
    let saved = orders::Entity::update_many()
        .col_expr(orders::Column::RefundClaims, Expr::value(claims.minor_units()))
        .filter(unchanged(scope, before))
        .filter(orders::Column::RefundClaims.eq(before.head.refund_claims.minor_units()))
        .exec(&tx.executor())
        .await?;
    hit(&saved)
}

/// Writes the lines that are no longer what and where they were.
async fn save_items(tx: &Tx, scope: &Scope, before: &Order, order: &Order) -> Result<(), Error> {
    let is_same = |place: usize, a: &[OrderItem], b: &[OrderItem]| a.get(place) == b.get(place);
    let gone = before.items.iter().enumerate().filter(|(place, _)| !is_same(*place, &before.items, &order.items));
    let gone: Vec<_> = gone.map(|(_, item)| item.id.uuid()).collect();
    for some in gone.chunks(ITEMS_PER_INSERT) {
        let items = order_items::Entity::delete_many().filter(order_items::Column::Id.is_in(some.iter().copied()));
        items.exec(&tx.executor()).await?;
    }
    let new = order.items.iter().enumerate().filter(|(place, _)| !is_same(*place, &before.items, &order.items));
    insert_items(tx, scope, &order.head, new).await
}

/// Deletes the order that was read.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn delete(tx: &Tx, scope: &Scope, before: &Order) -> Result<(), Error> {
    delete_items(tx, before.head.id).await?;
    let deleted = orders::Entity::delete_many().filter(unchanged(scope, before)).exec(&tx.executor()).await?;
    if deleted.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// Completes lines that a program of the release before wrote while this one was there already: it knows nothing of their
/// tenant and time, and the list by SKU does not see them without. The index tells at once that there are none.
pub async fn complete_lines(tx: &Tx) -> Result<(), Error> {
    let of_order = |column| {
        let of_line = Expr::col((orders::Entity, orders::Column::Id));
        let select = Query::select()
            .column(column)
            .from(orders::Entity)
            .and_where(of_line.equals((order_items::Entity, order_items::Column::OrderId)))
            .to_owned();
        Expr::SubQuery(None, Box::new(select.into()))
    };
    order_items::Entity::update_many()
        .filter(order_items::Column::TenantId.is_null())
        .col_expr(order_items::Column::TenantId, of_order(orders::Column::TenantId))
        .col_expr(order_items::Column::OrderTime, of_order(orders::Column::CreateTime))
        .exec(&tx.executor())
        .await?;
    Ok(())
}

async fn delete_items(tx: &Tx, order: OrderId) -> Result<(), Error> {
    let items = order_items::Entity::delete_many().filter(order_items::Column::OrderId.eq(order.uuid()));
    items.exec(&tx.executor()).await?;
    Ok(())
}

fn unchanged(scope: &Scope, order: &Order) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(orders::Column::TenantId.eq(scope.tenant.uuid()))
        .add(orders::Column::Id.eq(order.head.id.uuid()))
        .add(orders::Column::Version.eq(order.head.version))
}

/// The order with this id, with its lines.
pub async fn get(from: &impl Source, scope: &Scope, id: OrderId) -> Result<Option<Order>, Error> {
    let mut found = by_ids(from, scope, &[id]).await?;
    let Some(head) = found.pop() else { return Ok(None) };
    Ok(with_items(from, scope, vec![head]).await?.pop())
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: OrderId) -> Result<Option<Order>, Error> {
    let locked = scoped(scope).filter(orders::Column::Id.eq(id.uuid())).lock_exclusive();
    let Some(row) = locked.all(&tx.executor()).await?.pop() else { return Ok(None) };
    Ok(with_items(tx, scope, vec![head(row)?]).await?.pop())
}

/// Whose order it is.
pub async fn customer_of(from: &impl Source, scope: &Scope, id: OrderId) -> Result<Option<CustomerId>, Error> {
    let found = scoped(scope).filter(orders::Column::Id.eq(id.uuid())).select_only().column(orders::Column::CustomerId);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(CustomerId::from_uuid))
}

/// The orders with these ids, without their lines; those that do not exist are missing.
pub async fn by_ids(from: &impl Source, scope: &Scope, ids: &[OrderId]) -> Result<Vec<OrderHead>, Error> {
    let query = match ids {
        [one] => scoped(scope).filter(orders::Column::Id.eq(one.uuid())),
        many => scoped(scope).filter(orders::Column::Id.is_in(many.iter().map(|id| id.uuid()))),
    };
    let rows = query.all(&from.executor()).await?;
    Ok(rows.into_iter().map(head).collect::<Result<_, CorruptRow>>()?)
}

/// Some orders of a tenant that were placed by this time, that nobody has paid, and that nothing holds.
pub async fn unpaid(from: &impl Source, tenant: TenantId, placed_by: Time, limit: u64) -> Result<Vec<OrderId>, Error> {
    let found = orders::Entity::find()
        .filter(orders::Column::TenantId.eq(tenant.uuid()))
        .filter(orders::Column::Status.eq(OrderStatus::Placed.as_str()))
        .filter(orders::Column::PaymentStatus.eq(PaymentStatus::Unpaid.as_str()))
        .filter(orders::Column::PlaceTime.lte(placed_by.micros()))
        .filter(orders::Column::IsHeld.eq(false))
        .order_by_asc(orders::Column::PlaceTime)
        .limit(limit);
    let ids: Vec<Uuid> = found.select_only().column(orders::Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.into_iter().map(OrderId::from_uuid).collect())
}

/// Whether the caller may see an order with this id.
pub async fn exists(from: &impl Source, scope: &Scope, id: OrderId) -> Result<bool, Error> {
    let found = scoped(scope).filter(orders::Column::Id.eq(id.uuid()));
    let ids: Vec<Uuid> = found.select_only().column(orders::Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(!ids.is_empty())
}

/// At most `limit` orders after a position, without their lines.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &OrderFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<OrderHead>, Error> {
    let rows = page(scope, filter, sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(head).collect::<Result<_, CorruptRow>>()?)
}

/// How many lines each of these orders has.
pub async fn item_counts(from: &impl Source, ids: &[OrderId]) -> Result<HashMap<OrderId, usize>, Error> {
    let counts: Vec<(Uuid, i64)> = order_items::Entity::find()
        .select_only()
        .column(order_items::Column::OrderId)
        .column_as(order_items::Column::Id.count(), "items")
        .filter(order_items::Column::OrderId.is_in(ids.iter().map(|id| id.uuid())))
        .group_by(order_items::Column::OrderId)
        .into_tuple()
        .all(&from.executor())
        .await?;
    let counts = counts.into_iter();
    Ok(counts.map(|(id, count)| (OrderId::from_uuid(id), usize::try_from(count).unwrap_or(usize::MAX))).collect())
}

/// A line, and the version that its order had when the line was read.
#[derive(FromQueryResult)]
struct ItemRow {
    #[sea_orm(nested)]
    item: order_items::Model,
    order_version: i64,
}

/// Reads the lines of orders. Head and lines are two statements, and an order may change between them: one that does not
/// belong together is read again. Orders that are gone by then are missing.
pub async fn with_items(from: &impl Source, scope: &Scope, heads: Vec<OrderHead>) -> Result<Vec<Order>, Error> {
    let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
    let (mut heads, mut whole) = (heads, HashMap::with_capacity(ids.len()));
    for _ in 0..READS {
        let mut items = items_of(from, &heads).await?;
        let mut torn = Vec::new();
        for head in heads {
            match items.remove(&head.id) {
                Some((version, items)) if version == head.version => {
                    whole.insert(head.id, Order { head, items });
                }
                _ => torn.push(head.id),
            }
        }
        if torn.is_empty() {
            return Ok(ids.iter().filter_map(|id| whole.remove(id)).collect());
        }
        heads = by_ids(from, scope, &torn).await?;
    }
    Err(Error::Stale)
}

/// The lines of each order, with the version that it had when they were read.
async fn items_of(from: &impl Source, heads: &[OrderHead]) -> Result<HashMap<OrderId, (i64, Vec<OrderItem>)>, Error> {
    let currencies: HashMap<_, _> = heads.iter().map(|head| (head.id.uuid(), head.currency)).collect();
    let query = order_items::Entity::find()
        .join(JoinType::InnerJoin, order_items::Relation::Order.def())
        .column_as(orders::Column::Version, "order_version");
    let query = match heads {
        [one] => query.filter(order_items::Column::OrderId.eq(one.id.uuid())),
        many => query.filter(order_items::Column::OrderId.is_in(many.iter().map(|head| head.id.uuid()))),
    };
    let rows = query
        .order_by_asc(order_items::Column::OrderId)
        .order_by_asc(order_items::Column::Position)
        .into_model::<ItemRow>()
        .all(&from.executor())
        .await?;
    let mut found: HashMap<OrderId, (i64, Vec<OrderItem>)> = HashMap::with_capacity(heads.len());
    for row in rows {
        let Some(currency) = currencies.get(&row.item.order_id) else { continue };
        let id = OrderId::from_uuid(row.item.order_id);
        let (_, items) = found.entry(id).or_insert_with(|| (row.order_version, Vec::new()));
        items.push(item(*currency, row.item)?);
    }
    Ok(found)
}

/// The order of this customer that has this reference.
pub async fn by_reference(
    from: &impl Source,
    scope: &Scope,
    customer: CustomerId,
    reference: &str,
) -> Result<Option<OrderId>, Error> {
    let found = scoped(scope)
        .filter(orders::Column::CustomerId.eq(customer.uuid()))
        .filter(orders::Column::Reference.eq(reference));
    let ids: Vec<Uuid> = found.select_only().column(orders::Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(OrderId::from_uuid))
}

pub(super) fn scoped(scope: &Scope) -> Select<orders::Entity> {
    let query = orders::Entity::find().filter(orders::Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(orders::Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}
