//! Customers. What else holds their personal data is in `personal`.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::customers::{ActiveModel, Column, Entity, Model};
use super::entities::{api_keys, orders, quotes};
use super::pages::{Position, created_in, part};
use super::rows::{from_json, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::customer::{Customer, CustomerFilter, Standing};
use crate::domain::ids::{ApiKeyId, CustomerId, TypedId};
use crate::domain::page::Sort;
use crate::domain::time::Time;

/// Adds a customer.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, customer: &Customer) -> Result<(), Error> {
    Entity::insert(row(scope, customer)?).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Replaces a customer that was read in this transaction.
///
/// # Errors
/// `Stale` when it is no longer as it was; `Duplicate` when its new reference is taken.
pub async fn save(tx: &Tx, scope: &Scope, before: &Customer, customer: &Customer) -> Result<(), Error> {
    let written =
        Entity::update_many().set(row(scope, customer)?).filter(as_it_was(scope, before)).exec(&tx.executor()).await?;
    hit(&written)
}

/// Removes a customer that was read in this transaction.
///
/// # Errors
/// `Stale` when it is no longer as it was; `ForeignKey` when it has an order.
pub async fn delete(tx: &Tx, scope: &Scope, before: &Customer) -> Result<(), Error> {
    let removed = Entity::delete_many().filter(as_it_was(scope, before)).exec(&tx.executor()).await?;
    if removed.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// The customer with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: CustomerId) -> Result<Option<Customer>, Error> {
    let mut rows = with_id(scope, id).all(&from.executor()).await?;
    Ok(rows.pop().map(Customer::try_from).transpose()?)
}

/// The customer with this id, which nobody else changes until the transaction is over, and who orders nothing in the
/// meantime. SQLite has one writer anyway.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: CustomerId) -> Result<Option<Customer>, Error> {
    let mut rows = with_id(scope, id).lock_exclusive().all(&tx.executor()).await?;
    Ok(rows.pop().map(Customer::try_from).transpose()?)
}

/// Whether the customer with this id can order, and goes on to until the transaction is over: it is neither deleted nor
/// erased before.
pub async fn standing(tx: &Tx, scope: &Scope, id: CustomerId) -> Result<Option<Standing>, Error> {
    let mut rows = with_id(scope, id).lock_shared().all(&tx.executor()).await?;
    Ok(rows.pop().map(Customer::try_from).transpose()?.map(|customer| customer.standing()))
}

/// At most `limit` customers after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &CustomerFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Customer>, Error> {
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    if let Some(reference) = &filter.reference {
        query = query.filter(Column::Reference.eq(reference.as_str()));
    }
    if let Some(email) = &filter.email {
        query = query.filter(Column::Email.eq(email.as_str()));
    }
    let query = part(query, (Column::CreateTime, Column::Id), sort, after, limit);
    let rows = query.all(&from.executor()).await?;
    Ok(rows.into_iter().map(Customer::try_from).collect::<Result<_, CorruptRow>>()?)
}

/// The customer that has this reference.
pub async fn by_reference(from: &impl Source, scope: &Scope, reference: &str) -> Result<Option<CustomerId>, Error> {
    let found = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid())).filter(Column::Reference.eq(reference));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(CustomerId::from_uuid))
}

/// Whether the customer has any order.
pub async fn has_orders(from: &impl Source, scope: &Scope, id: CustomerId) -> Result<bool, Error> {
    let found = orders::Entity::find()
        .filter(orders::Column::TenantId.eq(scope.tenant.uuid()))
        .filter(orders::Column::CustomerId.eq(id.uuid()))
        .select_only()
        .column(orders::Column::Id)
        .limit(1);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(!ids.is_empty())
}

/// Whether the customer has any quote.
pub async fn has_quotes(from: &impl Source, scope: &Scope, id: CustomerId) -> Result<bool, Error> {
    let found = quotes::Entity::find()
        .filter(quotes::Column::TenantId.eq(scope.tenant.uuid()))
        .filter(quotes::Column::CustomerId.eq(id.uuid()))
        .select_only()
        .column(quotes::Column::Id)
        .limit(1);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(!ids.is_empty())
}

/// Revokes the keys that are bound to the customer and still open something, and answers which. They are locked in the order
/// of their ids, as everybody does who locks several.
pub async fn revoke_keys(tx: &Tx, scope: &Scope, id: CustomerId, now: Time) -> Result<Vec<ApiKeyId>, Error> {
    use api_keys::Column as Key;
    let not_over = Condition::any().add(Key::ExpireTime.is_null()).add(Key::ExpireTime.gt(now.micros()));
    let live = api_keys::Entity::find()
        .filter(Key::TenantId.eq(scope.tenant.uuid()))
        .filter(Key::CustomerId.eq(id.uuid()))
        .filter(Key::RevokeTime.is_null())
        .filter(not_over)
        .select_only()
        .column(Key::Id)
        .order_by_asc(Key::Id)
        .lock_exclusive();
    let ids: Vec<Uuid> = live.into_tuple().all(&tx.executor()).await?;
    api_keys::Entity::update_many()
        .filter(Key::TenantId.eq(scope.tenant.uuid()))
        .filter(Key::Id.is_in(ids.iter().copied()))
        .col_expr(Key::RevokeTime, Expr::value(now.micros()))
        .col_expr(Key::UpdateTime, Expr::value(now.micros()))
        .col_expr(Key::Version, Expr::col(Key::Version).add(1))
        .exec(&tx.executor())
        .await?;
    Ok(ids.into_iter().map(ApiKeyId::from_uuid).collect())
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(own) => query.filter(Column::Id.eq(own.uuid())),
        None => query,
    }
}

fn with_id(scope: &Scope, id: CustomerId) -> Select<Entity> {
    scoped(scope).filter(Column::Id.eq(id.uuid()))
}

fn as_it_was(scope: &Scope, before: &Customer) -> Condition {
    Condition::all()
        .add(Column::TenantId.eq(scope.tenant.uuid()))
        .add(Column::Id.eq(before.id.uuid()))
        .add(Column::Version.eq(before.version))
}

fn row(scope: &Scope, customer: &Customer) -> Result<ActiveModel, CorruptRow> {
    Ok(ActiveModel {
        id: Set(customer.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        name: Set(customer.name.clone()),
        email: Set(customer.email.clone()),
        company: Set(customer.company.clone()),
        addresses: Set(to_json(&customer.addresses)?),
        reference: Set(customer.reference.clone()),
        metadata: Set(to_json(&customer.metadata)?),
        version: Set(customer.version),
        create_time: Set(customer.create_time.micros()),
        update_time: Set(customer.update_time.micros()),
        erase_time: Set(customer.erase_time.map(Time::micros)),
    })
}

impl TryFrom<Model> for Customer {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        Ok(Self {
            id: CustomerId::from_uuid(row.id),
            name: row.name,
            email: row.email,
            company: row.company,
            addresses: from_json(row.addresses)?,
            reference: row.reference,
            metadata: from_json(row.metadata)?,
            version: row.version,
            create_time: Time::from_micros(row.create_time),
            update_time: Time::from_micros(row.update_time),
            erase_time: row.erase_time.map(Time::from_micros),
        })
    }
}
