//! Shipments and their lines. The lines never change.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::shipment_items::{self, Column as Line};
use super::entities::shipments::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, merged, one_of, part};
use super::rows::{from_json, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{CustomerId, LocationId, OrderId, OrderItemId, ProductId, ShipmentId, TypedId};
use crate::domain::page::Sort;
use crate::domain::shipment::{Shipment, ShipmentFilter, ShipmentHead, ShipmentItem, ShipmentStatus};
use crate::domain::time::Time;

/// Lines written in one statement: 7 columns each, and SQLite takes 32,766 parameters.
const ITEMS_PER_INSERT: usize = 1000;

/// Adds a shipment with its lines.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, shipment: &Shipment) -> Result<(), Error> {
    Entity::insert(row(scope, &shipment.head)?).exec_without_returning(&tx.executor()).await?;
    let rows: Vec<_> =
        (0..).zip(&shipment.items).map(|(place, item)| item_row(shipment.head.id, place, item)).collect();
    for some in rows.chunks(ITEMS_PER_INSERT) {
        shipment_items::Entity::insert_many(some.to_vec()).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// Writes a shipment over the one that was read; its lines stay.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &ShipmentHead, shipment: &ShipmentHead) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(row(scope, shipment)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version))
        .exec(&tx.executor())
        .await?;
    hit(&saved)
}

/// The shipment with this id, with its lines.
pub async fn get(from: &impl Source, scope: &Scope, id: ShipmentId) -> Result<Option<Shipment>, Error> {
    let rows = scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?;
    whole(from, rows).await
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: ShipmentId) -> Result<Option<Shipment>, Error> {
    let rows = scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?;
    whole(tx, rows).await
}

async fn whole(from: &impl Source, mut rows: Vec<Model>) -> Result<Option<Shipment>, Error> {
    let Some(row) = rows.pop() else { return Ok(None) };
    Ok(with_items(from, vec![head(row)?]).await?.pop())
}

/// The order that it is of.
pub async fn order_of(from: &impl Source, scope: &Scope, id: ShipmentId) -> Result<Option<OrderId>, Error> {
    let found = scoped(scope).filter(Column::Id.eq(id.uuid())).select_only().column(Column::OrderId);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(OrderId::from_uuid))
}

/// The shipment of this customer that has this reference.
pub async fn by_reference(
    from: &impl Source,
    scope: &Scope,
    customer: CustomerId,
    reference: &str,
) -> Result<Option<ShipmentId>, Error> {
    let found = scoped(scope).filter(Column::CustomerId.eq(customer.uuid())).filter(Column::Reference.eq(reference));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(ShipmentId::from_uuid))
}

/// At most `limit` shipments after a position, without their lines.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &ShipmentFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<ShipmentHead>, Error> {
    let rows = page(scope, filter, sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(head).collect::<Result<_, CorruptRow>>()?)
}

/// An order or a tracking number leaves few shipments, and a customer some: whatever else is asked is looked up in those. Else
/// the page runs along the states, each of which is a list of its own.
fn page(scope: &Scope, filter: &ShipmentFilter, sort: Sort, after: Option<Position>, limit: u64) -> Select<Entity> {
    let key = (Column::CreateTime, Column::Id);
    let statuses = filter.statuses.iter().copied().map(ShipmentStatus::as_str);
    let tenants = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    let mut query = created_in(tenants, Column::CreateTime, filter.created);
    let customers = scope.customer.into_iter().chain(filter.customer);
    match (filter.order, &filter.tracking_number) {
        (None, None) => {
            for customer in customers.clone() {
                query = query.filter(Column::CustomerId.eq(customer.uuid()));
            }
            if customers.count() == 0 {
                let each = statuses.map(|status| query.clone().filter(Column::Status.eq(status))).collect();
                return merged(query, each, key, sort, after, limit);
            }
        }
        (order, number) => {
            if let Some(number) = number {
                query = query.filter(Column::TrackingNumber.eq(number.as_str()));
            }
            if let Some(order) = order {
                let beside = number.is_some();
                let of_order = one_of(Column::OrderId, std::iter::once(order.uuid()));
                query = if beside { query.filter(of_order) } else { query.filter(Column::OrderId.eq(order.uuid())) };
            }
            for customer in customers {
                query = query.filter(one_of(Column::CustomerId, std::iter::once(customer.uuid())));
            }
        }
    }
    part(query.filter(one_of(Column::Status, statuses)), key, sort, after, limit)
}

/// How many lines each of these shipments has.
pub async fn item_counts(from: &impl Source, ids: &[ShipmentId]) -> Result<HashMap<ShipmentId, usize>, Error> {
    let counts: Vec<(Uuid, i64)> = shipment_items::Entity::find()
        .select_only()
        .column(Line::ShipmentId)
        .column_as(Line::ItemId.count(), "items")
        .filter(Line::ShipmentId.is_in(ids.iter().map(|id| id.uuid())))
        .group_by(Line::ShipmentId)
        .into_tuple()
        .all(&from.executor())
        .await?;
    let counts = counts.into_iter();
    Ok(counts.map(|(id, count)| (ShipmentId::from_uuid(id), usize::try_from(count).unwrap_or(usize::MAX))).collect())
}

/// Reads the lines of shipments.
pub async fn with_items(from: &impl Source, heads: Vec<ShipmentHead>) -> Result<Vec<Shipment>, Error> {
    let rows = shipment_items::Entity::find()
        .filter(Line::ShipmentId.is_in(heads.iter().map(|head| head.id.uuid())))
        .order_by_asc(Line::ShipmentId)
        .order_by_asc(Line::Position)
        .all(&from.executor())
        .await?;
    let mut found: HashMap<Uuid, Vec<ShipmentItem>> = HashMap::with_capacity(heads.len());
    for row in rows {
        found.entry(row.shipment_id).or_default().push(item(row));
    }
    let whole = heads.into_iter().map(|head| {
        let items = found.remove(&head.id.uuid()).unwrap_or_default();
        Shipment { head, items }
    });
    Ok(whole.collect())
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}

fn row(scope: &Scope, head: &ShipmentHead) -> Result<ActiveModel, CorruptRow> {
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
        location_id: Set(head.location.map(TypedId::uuid)),
        carrier: Set(head.carrier.clone()),
        tracking_number: Set(head.tracking_number.clone()),
        tracking_url: Set(head.tracking_url.clone()),
        deliver_time: Set(head.deliver_time.map(Time::micros)),
        cancel_time: Set(head.cancel_time.map(Time::micros)),
        cancel_reason: Set(head.cancel_reason.clone()),
    })
}

fn head(row: Model) -> Result<ShipmentHead, CorruptRow> {
    Ok(ShipmentHead {
        id: ShipmentId::from_uuid(row.id),
        order: OrderId::from_uuid(row.order_id),
        customer: CustomerId::from_uuid(row.customer_id),
        location: row.location_id.map(LocationId::from_uuid),
        carrier: row.carrier,
        tracking_number: row.tracking_number,
        tracking_url: row.tracking_url,
        status: named(&row.status)?,
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        cancel_reason: row.cancel_reason,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
        deliver_time: row.deliver_time.map(Time::from_micros),
        cancel_time: row.cancel_time.map(Time::from_micros),
    })
}

fn item_row(shipment: ShipmentId, position: i32, item: &ShipmentItem) -> shipment_items::ActiveModel {
    shipment_items::ActiveModel {
        shipment_id: Set(shipment.uuid()),
        item_id: Set(item.item.uuid()),
        position: Set(position),
        product_id: Set(item.product.uuid()),
        sku: Set(item.sku.clone()),
        quantity: Set(item.quantity),
        is_counted: Set(item.is_counted),
    }
}

fn item(row: shipment_items::Model) -> ShipmentItem {
    ShipmentItem {
        item: OrderItemId::from_uuid(row.item_id),
        product: ProductId::from_uuid(row.product_id),
        sku: row.sku,
        quantity: row.quantity,
        is_counted: row.is_counted,
    }
}
