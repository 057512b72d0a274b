//! Payments: queries.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::payments::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, merged, one_of, part};
use super::rows::{currency, from_json, money, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{CustomerId, OrderId, PaymentId, TypedId};
use crate::domain::money::Money;
use crate::domain::page::Sort;
use crate::domain::payment::{Payment, PaymentFilter, PaymentState};
use crate::domain::time::Time;

/// Adds a payment.
///
/// # Errors
/// `Duplicate` when the provider's reference or the client's is taken.
pub async fn insert(tx: &Tx, scope: &Scope, payment: &Payment) -> Result<(), Error> {
    Entity::insert(row(scope, payment)?).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Writes a payment over the one that was read.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &Payment, payment: &Payment) -> Result<(), Error> {
    let saved = Entity::update_many().set(row(scope, payment)?).filter(unchanged(scope, before));
    hit(&saved.exec(&tx.executor()).await?)
}

/// Writes what refunds hold of the payment that was read, and nothing else. Nobody sees it, so the version stays.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save_claims(tx: &Tx, scope: &Scope, before: &Payment, claims: Money) -> Result<(), Error> {
    let saved = Entity::update_many()
        .col_expr(Column::RefundClaims, Expr::value(claims.minor_units()))
        .filter(unchanged(scope, before));
    hit(&saved.exec(&tx.executor()).await?)
}

fn unchanged(scope: &Scope, payment: &Payment) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(Column::TenantId.eq(scope.tenant.uuid()))
        .add(Column::Id.eq(payment.id.uuid()))
        .add(Column::Version.eq(payment.version))
        .add(Column::RefundClaims.eq(payment.refund_claims.minor_units()))
}

/// The payment with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: PaymentId) -> Result<Option<Payment>, Error> {
    one(from, scoped(scope).filter(Column::Id.eq(id.uuid()))).await
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: PaymentId) -> Result<Option<Payment>, Error> {
    one(tx, scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive()).await
}

async fn one(from: &impl Source, query: Select<Entity>) -> Result<Option<Payment>, Error> {
    let found = query.all(&from.executor()).await?.pop();
    Ok(found.map(payment).transpose()?)
}

/// Which order it is for.
pub async fn order_of(from: &impl Source, scope: &Scope, id: PaymentId) -> Result<Option<OrderId>, Error> {
    let found = scoped(scope).filter(Column::Id.eq(id.uuid())).select_only().column(Column::OrderId);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(OrderId::from_uuid))
}

/// The payment of the tenant that has this reference of this provider, whoever may see it.
pub async fn by_provider_reference(
    from: &impl Source,
    scope: &Scope,
    provider: &str,
    reference: &str,
) -> Result<Option<PaymentId>, Error> {
    let of_tenant = scoped(&Scope { customer: None, ..*scope });
    let found = of_tenant.filter(Column::Provider.eq(provider)).filter(Column::ProviderReference.eq(reference));
    first_id(from, found).await
}

/// The payment of this customer that has this reference.
pub async fn by_reference(
    from: &impl Source,
    scope: &Scope,
    customer: CustomerId,
    reference: &str,
) -> Result<Option<PaymentId>, Error> {
    let found = scoped(scope).filter(Column::CustomerId.eq(customer.uuid())).filter(Column::Reference.eq(reference));
    first_id(from, found).await
}

async fn first_id(from: &impl Source, query: Select<Entity>) -> Result<Option<PaymentId>, Error> {
    let ids: Vec<Uuid> = query.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(PaymentId::from_uuid))
}

/// At most `limit` payments after a position. An order, a customer or a reference leaves few of them, and whatever else is
/// asked is looked up in those.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &PaymentFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Payment>, Error> {
    let key = (Column::CreateTime, Column::Id);
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    let states = filter.states.iter().copied().map(PaymentState::as_str);
    let providers = filter.provider.iter().map(String::as_str);
    let page = if let Some(reference) = &filter.provider_reference {
        query = filter.provider.iter().fold(query, |query, name| query.filter(Column::Provider.eq(name.as_str())));
        query = query.filter(Column::ProviderReference.eq(reference.as_str()));
        query = query.filter(one_of(Column::OrderId, filter.order.iter().map(|id| id.uuid())));
        query = query.filter(one_of(Column::CustomerId, filter.customer.iter().map(|id| id.uuid())));
        part(query.filter(one_of(Column::Status, states)), key, sort, after, limit)
    } else if let Some(order) = filter.order {
        query = query.filter(Column::OrderId.eq(order.uuid())).filter(one_of(Column::Provider, providers));
        query = query.filter(one_of(Column::CustomerId, filter.customer.iter().map(|id| id.uuid())));
        part(query.filter(one_of(Column::Status, states)), key, sort, after, limit)
    } else if filter.customer.or(scope.customer).is_some() {
        query = filter.customer.iter().fold(query, |query, id| query.filter(Column::CustomerId.eq(id.uuid())));
        query = query.filter(one_of(Column::Provider, providers));
        part(query.filter(one_of(Column::Status, states)), key, sort, after, limit)
    } else if let Some(provider) = &filter.provider {
        query = query.filter(Column::Provider.eq(provider.as_str()));
        part(query.filter(one_of(Column::Status, states)), key, sort, after, limit)
    } else {
        let each = states.map(|state| query.clone().filter(Column::Status.eq(state))).collect();
        merged(query, each, key, sort, after, limit)
    };
    let rows = page.all(&from.executor()).await?;
    Ok(rows.into_iter().map(payment).collect::<Result<_, CorruptRow>>()?)
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}

fn row(scope: &Scope, payment: &Payment) -> Result<ActiveModel, CorruptRow> {
    Ok(ActiveModel {
        id: Set(payment.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        order_id: Set(payment.order.uuid()),
        customer_id: Set(payment.customer.uuid()),
        currency_code: Set(payment.amount.currency().to_string()),
        amount: Set(payment.amount.minor_units()),
        provider: Set(payment.provider.clone()),
        provider_reference: Set(payment.provider_reference.clone()),
        status: Set(payment.state.as_str().to_owned()),
        refund_claims: Set(payment.refund_claims.minor_units()),
        reference: Set(payment.reference.clone()),
        metadata: Set(to_json(&payment.metadata)?),
        version: Set(payment.version),
        create_time: Set(payment.create_time.micros()),
        update_time: Set(payment.update_time.micros()),
        void_time: Set(payment.void_time.map(Time::micros)),
    })
}

fn payment(row: Model) -> Result<Payment, CorruptRow> {
    let currency = currency(&row.currency_code)?;
    Ok(Payment {
        id: PaymentId::from_uuid(row.id),
        order: OrderId::from_uuid(row.order_id),
        customer: CustomerId::from_uuid(row.customer_id),
        amount: money(currency, row.amount)?,
        provider: row.provider,
        provider_reference: row.provider_reference,
        state: named(&row.status)?,
        refund_claims: money(currency, row.refund_claims)?,
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
        void_time: row.void_time.map(Time::from_micros),
    })
}
