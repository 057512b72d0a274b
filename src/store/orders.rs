//! Orders and their lines: queries. Rows become orders in `order_rows`.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::entities::{order_items, orders};
use super::order_rows::{head, head_row, item, item_row};
use super::pages::{Position, part};
use super::{CorruptRow, Error, Scope, Source, Tx};
use crate::domain::ids::{CustomerId, OrderId, TypedId};
use crate::domain::order::{Order, OrderFilter, OrderHead};
use crate::domain::page::Sort;

/// Lines written in one statement: 14 columns each, and PostgreSQL takes 65,535 parameters, SQLite 32,766.
const ITEMS_PER_INSERT: usize = 1000;

/// Adds an order with its lines.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, order: &Order) -> Result<(), Error> {
    orders::Entity::insert(head_row(scope, &order.head)?).exec_without_returning(&tx.executor()).await?;
    let rows: Vec<_> = (0..).zip(&order.items).map(|(place, line)| item_row(order.head.id, place, line)).collect();
    for some in rows.chunks(ITEMS_PER_INSERT) {
        order_items::Entity::insert_many(some.to_vec()).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// The order with this id, with its lines.
pub async fn get(from: &impl Source, scope: &Scope, id: OrderId) -> Result<Option<Order>, Error> {
    let mut rows = scoped(scope).filter(orders::Column::Id.eq(id.uuid())).all(&from.executor()).await?;
    let Some(row) = rows.pop() else { return Ok(None) };
    let head = head(row)?;
    let lines = order_items::Entity::find()
        .filter(order_items::Column::OrderId.eq(id.uuid()))
        .order_by_asc(order_items::Column::Position)
        .all(&from.executor())
        .await?;
    let items = lines.into_iter().map(|line| item(head.currency, line)).collect::<Result<_, CorruptRow>>()?;
    Ok(Some(Order { head, items }))
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
    let mut query = scoped(scope);
    if let Some(customer) = filter.customer {
        query = query.filter(orders::Column::CustomerId.eq(customer.uuid()));
    }
    if !filter.statuses.is_empty() {
        query = query.filter(orders::Column::Status.is_in(filter.statuses.iter().map(|status| status.as_str())));
    }
    let query = part(query, (orders::Column::CreateTime, orders::Column::Id), sort, after, limit);
    let rows = query.all(&from.executor()).await?;
    Ok(rows.into_iter().map(head).collect::<Result<_, CorruptRow>>()?)
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

fn scoped(scope: &Scope) -> Select<orders::Entity> {
    let query = orders::Entity::find().filter(orders::Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(orders::Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}
