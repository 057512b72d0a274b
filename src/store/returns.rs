//! Returns and their lines.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
    Set,
};
use uuid::Uuid;

use super::entities::return_items::{self, Column as Line};
use super::entities::returns::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, merged, one_of, part};
use super::rows::{from_json, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{CustomerId, OrderId, OrderItemId, ProductId, ReturnId, TypedId};
use crate::domain::page::Sort;
use crate::domain::returns::{Return, ReturnFilter, ReturnHead, ReturnItem, ReturnStatus};
use crate::domain::time::Time;

/// Lines written in one statement: 10 columns each, and SQLite takes 32,766 parameters.
const ITEMS_PER_INSERT: usize = 1000;

/// How often a return is read that is changed while it is read.
const READS: u32 = 5;

/// Adds a return with its lines.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, new: &Return) -> Result<(), Error> {
    Entity::insert(row(scope, &new.head)?).exec_without_returning(&tx.executor()).await?;
    insert_items(tx, new).await
}

async fn insert_items(tx: &Tx, new: &Return) -> Result<(), Error> {
    let rows: Vec<_> = (0..).zip(&new.items).map(|(place, item)| item_row(new.head.id, place, item)).collect();
    for some in rows.chunks(ITEMS_PER_INSERT) {
        return_items::Entity::insert_many(some.to_vec()).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// Writes a return over the one that was read.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &Return, after: &Return) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(row(scope, &after.head)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.head.id.uuid()))
        .filter(Column::Version.eq(before.head.version))
        .exec(&tx.executor())
        .await?;
    hit(&saved)?;
    if after.items != before.items {
        let old = return_items::Entity::delete_many().filter(Line::ReturnId.eq(before.head.id.uuid()));
        old.exec(&tx.executor()).await?;
        insert_items(tx, after).await?;
    }
    Ok(())
}

/// The return with this id, with its lines.
pub async fn get(from: &impl Source, scope: &Scope, id: ReturnId) -> Result<Option<Return>, Error> {
    let heads = by_ids(from, scope, &[id]).await?;
    Ok(with_items(from, scope, heads).await?.pop())
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: ReturnId) -> Result<Option<Return>, Error> {
    let locked = scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive();
    let Some(row) = locked.all(&tx.executor()).await?.pop() else { return Ok(None) };
    Ok(with_items(tx, scope, vec![head(row)?]).await?.pop())
}

async fn by_ids(from: &impl Source, scope: &Scope, ids: &[ReturnId]) -> Result<Vec<ReturnHead>, Error> {
    let found = scoped(scope).filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    Ok(found.all(&from.executor()).await?.into_iter().map(head).collect::<Result<_, CorruptRow>>()?)
}

/// The order that it is of.
pub async fn order_of(from: &impl Source, scope: &Scope, id: ReturnId) -> Result<Option<OrderId>, Error> {
    let found = scoped(scope).filter(Column::Id.eq(id.uuid())).select_only().column(Column::OrderId);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(OrderId::from_uuid))
}

/// The return of this customer that has this reference.
pub async fn by_reference(
    from: &impl Source,
    scope: &Scope,
    customer: CustomerId,
    reference: &str,
) -> Result<Option<ReturnId>, Error> {
    let found = scoped(scope).filter(Column::CustomerId.eq(customer.uuid())).filter(Column::Reference.eq(reference));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(ReturnId::from_uuid))
}

/// At most `limit` returns after a position, without their lines.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &ReturnFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<ReturnHead>, Error> {
    let rows = page(scope, filter, sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(head).collect::<Result<_, CorruptRow>>()?)
}

/// An order leaves few returns, and a customer some: whatever else is asked is looked up in those. Else the page runs along the
/// states, each of which is a list of its own.
fn page(scope: &Scope, filter: &ReturnFilter, sort: Sort, after: Option<Position>, limit: u64) -> Select<Entity> {
    let key = (Column::CreateTime, Column::Id);
    let statuses = filter.statuses.iter().copied().map(ReturnStatus::as_str);
    let tenants = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    let mut query = created_in(tenants, Column::CreateTime, filter.created);
    let customers = scope.customer.into_iter().chain(filter.customer);
    if let Some(order) = filter.order {
        query = query.filter(Column::OrderId.eq(order.uuid()));
        for customer in customers {
            query = query.filter(one_of(Column::CustomerId, std::iter::once(customer.uuid())));
        }
    } else {
        for customer in customers.clone() {
            query = query.filter(Column::CustomerId.eq(customer.uuid()));
        }
        if customers.count() == 0 {
            let each = statuses.map(|status| query.clone().filter(Column::Status.eq(status))).collect();
            return merged(query, each, key, sort, after, limit);
        }
    }
    part(query.filter(one_of(Column::Status, statuses)), key, sort, after, limit)
}

/// How many lines each of these returns has.
pub async fn item_counts(from: &impl Source, ids: &[ReturnId]) -> Result<HashMap<ReturnId, usize>, Error> {
    let counts: Vec<(Uuid, i64)> = return_items::Entity::find()
        .select_only()
        .column(Line::ReturnId)
        .column_as(Line::ItemId.count(), "items")
        .filter(Line::ReturnId.is_in(ids.iter().map(|id| id.uuid())))
        .group_by(Line::ReturnId)
        .into_tuple()
        .all(&from.executor())
        .await?;
    let counts = counts.into_iter();
    Ok(counts.map(|(id, count)| (ReturnId::from_uuid(id), usize::try_from(count).unwrap_or(usize::MAX))).collect())
}

/// A line, and the version that its return had when the line was read.
#[derive(FromQueryResult)]
struct ItemRow {
    #[sea_orm(nested)]
    item: return_items::Model,
    return_version: i64,
}

/// Reads the lines of returns. Head and lines are two statements, and a return may change between them: one that does not
/// belong together is read again.
pub async fn with_items(from: &impl Source, scope: &Scope, heads: Vec<ReturnHead>) -> Result<Vec<Return>, Error> {
    let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
    let (mut heads, mut whole) = (heads, HashMap::with_capacity(ids.len()));
    for _ in 0..READS {
        let mut items = items_of(from, &heads).await?;
        let mut torn = Vec::new();
        for head in heads {
            match items.remove(&head.id.uuid()) {
                Some((version, items)) if version == head.version => {
                    whole.insert(head.id, Return { head, items });
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

/// The lines of each return, with the version that it had when they were read.
async fn items_of(from: &impl Source, heads: &[ReturnHead]) -> Result<HashMap<Uuid, (i64, Vec<ReturnItem>)>, Error> {
    let rows = return_items::Entity::find()
        .join(JoinType::InnerJoin, return_items::Relation::Return.def())
        .column_as(Column::Version, "return_version")
        .filter(Line::ReturnId.is_in(heads.iter().map(|head| head.id.uuid())))
        .order_by_asc(Line::ReturnId)
        .order_by_asc(Line::Position)
        .into_model::<ItemRow>()
        .all(&from.executor())
        .await?;
    let mut found: HashMap<Uuid, (i64, Vec<ReturnItem>)> = HashMap::with_capacity(heads.len());
    for row in rows {
        let (_, items) = found.entry(row.item.return_id).or_insert_with(|| (row.return_version, Vec::new()));
        items.push(item(row.item));
    }
    Ok(found)
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}

fn row(scope: &Scope, head: &ReturnHead) -> Result<ActiveModel, CorruptRow> {
    Ok(ActiveModel {
        id: Set(head.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        order_id: Set(head.order.uuid()),
        customer_id: Set(head.customer.uuid()),
        status: Set(head.status.as_str().to_owned()),
        reference: Set(head.reference.clone()),
        metadata: Set(to_json(&head.metadata)?),
        version: Set(head.version),
        create_time: Set(head.create_time.micros()),
        update_time: Set(head.update_time.micros()),
        reason: Set(head.reason.clone()),
        reject_reason: Set(head.reject_reason.clone()),
        authorize_time: Set(head.authorize_time.map(Time::micros)),
        receive_time: Set(head.receive_time.map(Time::micros)),
        inspect_time: Set(head.inspect_time.map(Time::micros)),
        reject_time: Set(head.reject_time.map(Time::micros)),
        close_time: Set(head.close_time.map(Time::micros)),
    })
}

fn head(row: Model) -> Result<ReturnHead, CorruptRow> {
    Ok(ReturnHead {
        id: ReturnId::from_uuid(row.id),
        order: OrderId::from_uuid(row.order_id),
        customer: CustomerId::from_uuid(row.customer_id),
        status: named(&row.status)?,
        reason: row.reason,
        reject_reason: row.reject_reason,
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
        authorize_time: row.authorize_time.map(Time::from_micros),
        receive_time: row.receive_time.map(Time::from_micros),
        inspect_time: row.inspect_time.map(Time::from_micros),
        reject_time: row.reject_time.map(Time::from_micros),
        close_time: row.close_time.map(Time::from_micros),
    })
}

fn item_row(of: ReturnId, position: i32, item: &ReturnItem) -> return_items::ActiveModel {
    return_items::ActiveModel {
        return_id: Set(of.uuid()),
        item_id: Set(item.item.uuid()),
        position: Set(position),
        product_id: Set(item.product.uuid()),
        sku: Set(item.sku.clone()),
        quantity: Set(item.quantity),
        quantity_received: Set(item.quantity_received),
        quantity_restocked: Set(item.quantity_restocked),
        quantity_scrapped: Set(item.quantity_scrapped),
        quantity_sent_back: Set(item.quantity_sent_back),
    }
}

fn item(row: return_items::Model) -> ReturnItem {
    ReturnItem {
        item: OrderItemId::from_uuid(row.item_id),
        product: ProductId::from_uuid(row.product_id),
        sku: row.sku,
        quantity: row.quantity,
        quantity_received: row.quantity_received,
        quantity_restocked: row.quantity_restocked,
        quantity_scrapped: row.quantity_scrapped,
        quantity_sent_back: row.quantity_sent_back,
    }
}
