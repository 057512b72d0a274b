//! Refunds and what they give back of lines.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select, Set};
use uuid::Uuid;

use super::entities::refund_items;
use super::entities::refunds::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, merged, one_of, part};
use super::rows::{currency, from_json, money, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{CustomerId, OrderId, OrderItemId, PaymentId, RefundId, TypedId};
use crate::domain::page::Sort;
use crate::domain::refund::{Given, Refund, RefundFilter, RefundItem, RefundStatus};
use crate::domain::time::Time;

/// Lines written in one statement: five columns each, and SQLite takes 32,766 parameters.
const ITEMS_PER_INSERT: usize = 2_000;

/// Adds a refund with its lines.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, refund: &Refund) -> Result<(), Error> {
    Entity::insert(row(scope, refund)?).exec_without_returning(&tx.executor()).await?;
    let items: Vec<_> = (0..).zip(&refund.items).map(|(place, item)| item_row(refund.id, place, item)).collect();
    for some in items.chunks(ITEMS_PER_INSERT) {
        refund_items::Entity::insert_many(some.to_vec()).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// Writes a refund over the one that was read. Its lines never change.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &Refund, refund: &Refund) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(row(scope, refund)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version))
        .exec(&tx.executor())
        .await?;
    hit(&saved)
}

/// The refund with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: RefundId) -> Result<Option<Refund>, Error> {
    one(from, scoped(scope).filter(Column::Id.eq(id.uuid()))).await
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: RefundId) -> Result<Option<Refund>, Error> {
    one(tx, scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive()).await
}

async fn one(from: &impl Source, query: Select<Entity>) -> Result<Option<Refund>, Error> {
    let rows = query.all(&from.executor()).await?.into_iter();
    let heads = rows.map(head).collect::<Result<_, CorruptRow>>()?;
    Ok(with_items(from, heads).await?.pop())
}

/// Which order it is of.
pub async fn order_of(from: &impl Source, scope: &Scope, id: RefundId) -> Result<Option<OrderId>, Error> {
    let found = scoped(scope).filter(Column::Id.eq(id.uuid())).select_only().column(Column::OrderId);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(OrderId::from_uuid))
}

/// The refund of this customer that has this reference.
pub async fn by_reference(
    from: &impl Source,
    scope: &Scope,
    customer: CustomerId,
    reference: &str,
) -> Result<Option<RefundId>, Error> {
    let found = scoped(scope).filter(Column::CustomerId.eq(customer.uuid())).filter(Column::Reference.eq(reference));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(RefundId::from_uuid))
}

/// What the refunds of an order that count give back of each of its lines.
pub async fn given(from: &impl Source, scope: &Scope, order: OrderId) -> Result<BTreeMap<OrderItemId, Given>, Error> {
    use refund_items::Column as Item;
    let counting = RefundStatus::ALL.iter().filter(|status| status.counts()).map(|status| status.as_str());
    let sums: Vec<(Uuid, i64, i64)> = refund_items::Entity::find()
        .join(JoinType::InnerJoin, refund_items::Relation::Refund.def())
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::OrderId.eq(order.uuid()))
        .filter(one_of(Column::Status, counting))
        .select_only()
        .column(Item::ItemId)
        .column_as(Item::Quantity.sum().cast_as("bigint"), "units")
        .column_as(Item::Amount.sum().cast_as("bigint"), "amount")
        .group_by(Item::ItemId)
        .into_tuple()
        .all(&from.executor())
        .await?;
    let sums = sums.into_iter();
    Ok(sums.map(|(item, units, amount)| (OrderItemId::from_uuid(item), Given { units, amount })).collect())
}

/// What the refunds of an order that failed, and may be tried again, would give back each, in minor units.
pub async fn failed(from: &impl Source, scope: &Scope, order: OrderId) -> Result<Vec<i64>, Error> {
    let failed = Entity::find()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::OrderId.eq(order.uuid()))
        .filter(one_of(Column::Status, [RefundStatus::Failed.as_str()].into_iter()));
    Ok(failed.select_only().column(Column::Amount).into_tuple().all(&from.executor()).await?)
}

/// At most `limit` refunds after a position, without their lines. An order, a payment or a customer leaves few of them, and
/// whatever else is asked is looked up in those.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &RefundFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Refund>, Error> {
    let key = (Column::CreateTime, Column::Id);
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    let statuses = filter.statuses.iter().copied().map(RefundStatus::as_str);
    let customers = filter.customer.iter().map(|id| id.uuid());
    let page = if filter.payment.is_some() || filter.order.is_some() {
        query = match (filter.payment, filter.order) {
            (Some(payment), order) => query
                .filter(Column::PaymentId.eq(payment.uuid()))
                .filter(one_of(Column::OrderId, order.iter().map(|id| id.uuid()))),
            (None, Some(order)) => query.filter(Column::OrderId.eq(order.uuid())),
            (None, None) => query,
        };
        let query = query.filter(one_of(Column::CustomerId, customers)).filter(one_of(Column::Status, statuses));
        part(query, key, sort, after, limit)
    } else if filter.customer.or(scope.customer).is_some() {
        query = filter.customer.iter().fold(query, |query, id| query.filter(Column::CustomerId.eq(id.uuid())));
        part(query.filter(one_of(Column::Status, statuses)), key, sort, after, limit)
    } else {
        let each = statuses.map(|status| query.clone().filter(Column::Status.eq(status))).collect();
        merged(query, each, key, sort, after, limit)
    };
    let rows = page.all(&from.executor()).await?;
    Ok(rows.into_iter().map(head).collect::<Result<_, CorruptRow>>()?)
}

/// How many lines each of these refunds has; those without any are missing.
pub async fn item_counts(from: &impl Source, ids: &[RefundId]) -> Result<HashMap<RefundId, usize>, Error> {
    let counts: Vec<(Uuid, i64)> = refund_items::Entity::find()
        .select_only()
        .column(refund_items::Column::RefundId)
        .column_as(refund_items::Column::ItemId.count(), "items")
        .filter(refund_items::Column::RefundId.is_in(ids.iter().map(|id| id.uuid())))
        .group_by(refund_items::Column::RefundId)
        .into_tuple()
        .all(&from.executor())
        .await?;
    let counts = counts.into_iter();
    Ok(counts.map(|(id, count)| (RefundId::from_uuid(id), usize::try_from(count).unwrap_or(usize::MAX))).collect())
}

/// Reads the lines of refunds. They were written with their refund, and never change.
pub async fn with_items(from: &impl Source, refunds: Vec<Refund>) -> Result<Vec<Refund>, Error> {
    use refund_items::Column as Item;
    if refunds.is_empty() {
        return Ok(refunds);
    }
    let rows = refund_items::Entity::find()
        .filter(Item::RefundId.is_in(refunds.iter().map(|refund| refund.id.uuid())))
        .order_by_asc(Item::RefundId)
        .order_by_asc(Item::Position)
        .all(&from.executor())
        .await?;
    let mut items: HashMap<Uuid, Vec<refund_items::Model>> = HashMap::new();
    for row in rows {
        items.entry(row.refund_id).or_default().push(row);
    }
    let whole = refunds.into_iter().map(|mut refund| {
        let currency = refund.amount.currency();
        let rows = items.remove(&refund.id.uuid()).unwrap_or_default().into_iter();
        refund.items = rows
            .map(|row| {
                let (item, amount) = (OrderItemId::from_uuid(row.item_id), money(currency, row.amount)?);
                Ok(RefundItem { item, quantity: row.quantity, amount })
            })
            .collect::<Result<_, CorruptRow>>()?;
        Ok(refund)
    });
    Ok(whole.collect::<Result<_, CorruptRow>>()?)
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}

fn item_row(refund: RefundId, position: i32, item: &RefundItem) -> refund_items::ActiveModel {
    refund_items::ActiveModel {
        refund_id: Set(refund.uuid()),
        item_id: Set(item.item.uuid()),
        position: Set(position),
        quantity: Set(item.quantity),
        amount: Set(item.amount.minor_units()),
    }
}

fn row(scope: &Scope, refund: &Refund) -> Result<ActiveModel, CorruptRow> {
    Ok(ActiveModel {
        id: Set(refund.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        order_id: Set(refund.order.uuid()),
        customer_id: Set(refund.customer.uuid()),
        payment_id: Set(refund.payment.map(TypedId::uuid)),
        currency_code: Set(refund.amount.currency().to_string()),
        amount: Set(refund.amount.minor_units()),
        status: Set(refund.status.as_str().to_owned()),
        reason: Set(refund.reason.clone()),
        failure_reason: Set(refund.failure_reason.clone()),
        reference: Set(refund.reference.clone()),
        metadata: Set(to_json(&refund.metadata)?),
        version: Set(refund.version),
        create_time: Set(refund.create_time.micros()),
        update_time: Set(refund.update_time.micros()),
        succeed_time: Set(refund.succeed_time.map(Time::micros)),
        fail_time: Set(refund.fail_time.map(Time::micros)),
        cancel_time: Set(refund.cancel_time.map(Time::micros)),
    })
}

/// A row, as a refund without its lines.
fn head(row: Model) -> Result<Refund, CorruptRow> {
    let currency = currency(&row.currency_code)?;
    Ok(Refund {
        id: RefundId::from_uuid(row.id),
        order: OrderId::from_uuid(row.order_id),
        customer: CustomerId::from_uuid(row.customer_id),
        payment: row.payment_id.map(PaymentId::from_uuid),
        amount: money(currency, row.amount)?,
        items: Vec::new(),
        status: named(&row.status)?,
        reason: row.reason,
        failure_reason: row.failure_reason,
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
        succeed_time: row.succeed_time.map(Time::from_micros),
        fail_time: row.fail_time.map(Time::from_micros),
        cancel_time: row.cancel_time.map(Time::from_micros),
    })
}
