//! Approvals.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::approvals::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, beside, created_in, merged, part};
use super::rows::{currency, from_json, money, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::approval::{Approval, ApprovalFilter, ApprovalStatus, ApprovalSubject, Decision, Party};
use crate::domain::ids::{ApiKeyId, ApprovalId, ApprovalPolicyId, CustomerId, TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::time::Time;

/// Adds an approval.
///
/// # Errors
/// `Duplicate` when its subject has a pending one.
pub async fn insert(tx: &Tx, scope: &Scope, approval: &Approval) -> Result<(), Error> {
    Entity::insert(row(scope, approval)?).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Writes an approval over version `before`, which was read.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: i64, approval: &Approval) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(row(scope, approval)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(approval.id.uuid()))
        .filter(Column::Version.eq(before));
    hit(&saved.exec(&tx.executor()).await?)
}

/// The approval with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: ApprovalId) -> Result<Option<Approval>, Error> {
    Ok(many(scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?)?.pop())
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: ApprovalId) -> Result<Option<Approval>, Error> {
    Ok(many(scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?)?.pop())
}

/// The approval that a subject waits for, locked until the transaction ends.
pub async fn pending(tx: &Tx, scope: &Scope, subject: ApprovalSubject, id: Uuid) -> Result<Option<Approval>, Error> {
    let found = about(scope, subject, id).filter(Column::Status.eq(ApprovalStatus::Pending.as_str()));
    Ok(many(found.lock_exclusive().all(&tx.executor()).await?)?.pop())
}

/// When a subject was last approved.
pub async fn last_approved(
    from: &impl Source,
    scope: &Scope,
    subject: ApprovalSubject,
    id: Uuid,
) -> Result<Option<Time>, Error> {
    let found = about(scope, subject, id).filter(Column::Status.eq(ApprovalStatus::Approved.as_str()));
    let latest = found.order_by_desc(Column::DecideTime).limit(1).all(&from.executor()).await?;
    Ok(latest.first().and_then(|row| row.decide_time).map(Time::from_micros))
}

/// Some approvals whose time is over, of all tenants: the longest ago first.
pub async fn due(from: &impl Source, now: Time, limit: u64) -> Result<Vec<(TenantId, ApprovalId)>, Error> {
    let found: Vec<(Uuid, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::TenantId, Column::Id])
        .filter(Column::Status.eq(ApprovalStatus::Pending.as_str()))
        .filter(Column::ExpireTime.lte(now.micros()))
        .order_by_asc(Column::ExpireTime)
        .limit(limit)
        .into_tuple()
        .all(&from.executor())
        .await?;
    let found = found.into_iter();
    Ok(found.map(|(tenant, id)| (TenantId::from_uuid(tenant), ApprovalId::from_uuid(id))).collect())
}

/// At most `limit` approvals after a position, as they are at this time.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &ApprovalFilter,
    now: Time,
    (sort, after): (Sort, Option<Position>),
    limit: u64,
) -> Result<Vec<Approval>, Error> {
    let key = (Column::CreateTime, Column::Id);
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    if let Some(subject) = filter.subject {
        query = query.filter(Column::Subject.eq(subject.as_str()));
    }
    let states: Vec<_> = filter.statuses.iter().flat_map(|status| in_state(*status, now)).collect();
    let page = if let Some(id) = filter.subject_id {
        // A subject has few approvals, and their states are looked up in those.
        let any = states.into_iter().fold(Condition::any(), Condition::add);
        let any = if filter.statuses.is_empty() { Condition::all() } else { any };
        part(query.filter(Column::SubjectId.eq(id)).filter(any), key, sort, after, limit)
    } else {
        let each = states.into_iter().map(|state| query.clone().filter(state)).collect();
        merged(query, each, key, sort, after, limit)
    };
    many(page.all(&from.executor()).await?)
}

/// Where to look for approvals that are in a state at this time: what is due counts as expired already.
fn in_state(status: ApprovalStatus, now: Time) -> Vec<Condition> {
    let kept = |status: ApprovalStatus| Condition::all().add(Column::Status.eq(status.as_str()));
    match status {
        ApprovalStatus::Pending => vec![kept(status).add(beside(Column::ExpireTime).gt(now.micros()))],
        ApprovalStatus::Expired => {
            vec![kept(status), kept(ApprovalStatus::Pending).add(beside(Column::ExpireTime).lte(now.micros()))]
        }
        ApprovalStatus::Approved | ApprovalStatus::Rejected | ApprovalStatus::Voided => vec![kept(status)],
    }
}

fn about(scope: &Scope, subject: ApprovalSubject, id: Uuid) -> Select<Entity> {
    scoped(scope).filter(Column::SubjectId.eq(id)).filter(Column::Subject.eq(subject.as_str()))
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}

fn many(rows: Vec<Model>) -> Result<Vec<Approval>, Error> {
    Ok(rows.into_iter().map(approval).collect::<Result<_, CorruptRow>>()?)
}

fn row(scope: &Scope, approval: &Approval) -> Result<ActiveModel, CorruptRow> {
    let decision = approval.decision.as_ref();
    let policies: Vec<_> = approval.policies.iter().map(|id| id.uuid()).collect();
    Ok(ActiveModel {
        id: Set(approval.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        customer_id: Set(approval.customer.uuid()),
        subject: Set(approval.subject.as_str().to_owned()),
        subject_id: Set(approval.subject_id),
        status: Set(approval.status.as_str().to_owned()),
        currency_code: Set(approval.amount.currency().to_string()),
        amount: Set(approval.amount.minor_units()),
        discount_bps: Set(approval.discount_bps),
        role: Set(approval.role.as_str().to_owned()),
        policy_ids: Set(to_json(&policies)?),
        requested_by: Set(approval.requested_by.owner.clone()),
        requester_id: Set(approval.requested_by.key.uuid()),
        authors: Set(to_json(&approval.authors)?),
        reason: Set(approval.reason.clone()),
        decided_by: Set(decision.map_or_else(String::new, |decision| decision.by.owner.clone())),
        decider_id: Set(decision.map(|decision| decision.by.key.uuid())),
        decide_time: Set(decision.map(|decision| decision.time.micros())),
        expire_time: Set(approval.expire_time.micros()),
        version: Set(approval.version),
        create_time: Set(approval.create_time.micros()),
        update_time: Set(approval.update_time.micros()),
    })
}

fn approval(row: Model) -> Result<Approval, CorruptRow> {
    let policies: Vec<Uuid> = from_json(row.policy_ids)?;
    let decider = row.decider_id.map(|key| Party { key: ApiKeyId::from_uuid(key), owner: row.decided_by });
    let decision = decider.zip(row.decide_time).map(|(by, time)| Decision { by, time: Time::from_micros(time) });
    Ok(Approval {
        id: ApprovalId::from_uuid(row.id),
        subject: named(&row.subject)?,
        subject_id: row.subject_id,
        customer: CustomerId::from_uuid(row.customer_id),
        status: named(&row.status)?,
        amount: money(currency(&row.currency_code)?, row.amount)?,
        discount_bps: row.discount_bps,
        role: named(&row.role)?,
        policies: policies.into_iter().map(ApprovalPolicyId::from_uuid).collect(),
        requested_by: Party { key: ApiKeyId::from_uuid(row.requester_id), owner: row.requested_by },
        authors: from_json(row.authors)?,
        reason: row.reason,
        decision,
        expire_time: Time::from_micros(row.expire_time),
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
    })
}
