//! Approval policies.

use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, JsonValue, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use serde::{Deserialize, Serialize};

use super::entities::approval_policies::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, part};
use super::rows::{currency, from_json, money, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::approval::{ApprovalPolicy, ApprovalSubject, PolicyFilter, Tier};
use crate::domain::ids::{ApprovalPolicyId, TypedId};
use crate::domain::money::Currency;
use crate::domain::money::Money;
use crate::domain::page::Sort;
use crate::domain::time::Time;

/// A tier, as it is kept.
#[derive(Serialize, Deserialize)]
struct TierRow {
    currency_code: Option<String>,
    amount_over: Option<i64>,
    discount_over_bps: Option<i32>,
    role: String,
}

/// Adds a policy.
pub async fn insert(tx: &Tx, scope: &Scope, policy: &ApprovalPolicy) -> Result<(), Error> {
    Entity::insert(row(scope, policy)?).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Writes a policy over the one that was read.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &ApprovalPolicy, policy: &ApprovalPolicy) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(row(scope, policy)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version));
    hit(&saved.exec(&tx.executor()).await?)
}

/// Deletes the policy that was read.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn delete(tx: &Tx, scope: &Scope, before: &ApprovalPolicy) -> Result<(), Error> {
    let deleted = Entity::delete_many()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version));
    if deleted.exec(&tx.executor()).await?.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// The policy with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: ApprovalPolicyId) -> Result<Option<ApprovalPolicy>, Error> {
    only(scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?)
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: ApprovalPolicyId) -> Result<Option<ApprovalPolicy>, Error> {
    only(scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?)
}

/// Every policy about this kind of thing, the oldest first.
pub async fn about(from: &impl Source, scope: &Scope, subject: ApprovalSubject) -> Result<Vec<ApprovalPolicy>, Error> {
    let found = scoped(scope).filter(Column::Subject.eq(subject.as_str()));
    many(found.order_by_asc(Column::CreateTime).order_by_asc(Column::Id).all(&from.executor()).await?)
}

/// At most `limit` policies after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &PolicyFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<ApprovalPolicy>, Error> {
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    if let Some(subject) = filter.subject {
        query = query.filter(Column::Subject.eq(subject.as_str()));
    }
    many(part(query, (Column::CreateTime, Column::Id), sort, after, limit).all(&from.executor()).await?)
}

/// Policies are the tenant's. They catch what its customers do, too: those who may not read them must meet them.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}

fn only(rows: Vec<Model>) -> Result<Option<ApprovalPolicy>, Error> {
    Ok(many(rows)?.pop())
}

fn many(rows: Vec<Model>) -> Result<Vec<ApprovalPolicy>, Error> {
    Ok(rows.into_iter().map(policy).collect::<Result<_, CorruptRow>>()?)
}

fn row(scope: &Scope, policy: &ApprovalPolicy) -> Result<ActiveModel, CorruptRow> {
    let tier = |tier: &Tier| TierRow {
        currency_code: tier.amount_over.map(|amount| amount.currency().to_string()),
        amount_over: tier.amount_over.map(Money::minor_units),
        discount_over_bps: tier.discount_over_bps,
        role: tier.role.as_str().to_owned(),
    };
    Ok(ActiveModel {
        id: Set(policy.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        name: Set(policy.name.clone()),
        subject: Set(policy.subject.as_str().to_owned()),
        tiers: Set(to_json(&policy.tiers.iter().map(tier).collect::<Vec<_>>())?),
        expires_after: Set(i64::try_from(policy.expires_after.as_micros()).unwrap_or(i64::MAX)),
        metadata: Set(to_json(&policy.metadata)?),
        version: Set(policy.version),
        create_time: Set(policy.create_time.micros()),
        update_time: Set(policy.update_time.micros()),
    })
}

fn policy(row: Model) -> Result<ApprovalPolicy, CorruptRow> {
    let expires_after =
        u64::try_from(row.expires_after).map_err(|_| CorruptRow::new("a policy that ends before it begins"));
    Ok(ApprovalPolicy {
        id: ApprovalPolicyId::from_uuid(row.id),
        name: row.name,
        subject: named(&row.subject)?,
        tiers: tiers(row.tiers)?,
        expires_after: Duration::from_micros(expires_after?),
        metadata: from_json(row.metadata)?,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
    })
}

fn tiers(rows: JsonValue) -> Result<Vec<Tier>, CorruptRow> {
    let rows: Vec<TierRow> = from_json(rows)?;
    let tier = |row: TierRow| {
        let currency: Option<Currency> = row.currency_code.as_deref().map(currency).transpose()?;
        let amount_over = currency.zip(row.amount_over).map(|(currency, units)| money(currency, units)).transpose()?;
        Ok(Tier { amount_over, discount_over_bps: row.discount_over_bps, role: named(&row.role)? })
    };
    rows.into_iter().map(tier).collect()
}
