//! Jobs: lists, claims, and writes that only the holder of a lease can make.

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Set, UpdateMany,
};
use uuid::Uuid;

use super::entities::jobs::{ActiveModel, Column, Entity, Model};
use super::entities::{report_parts, reports};
use super::pages::{Position, merged};
use super::rows::named;
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{JobId, TenantId, TypedId};
use crate::domain::job::{Job, JobError, JobFilter, JobStatus, Lease};
use crate::domain::page::Sort;
use crate::domain::report::ReportStatus;
use crate::domain::resource::Resource;
use crate::domain::time::Time;

/// Adds a job.
pub async fn insert(tx: &Tx, scope: &Scope, job: &Job) -> Result<(), Error> {
    Entity::insert(row(scope, job)).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Writes a job over the one that was read. Whoever had it read as one that runs must still have its lease.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &Job, after: &Job) -> Result<(), Error> {
    let token = match before.lease {
        Some(lease) => Column::LeaseToken.eq(lease.token),
        None => Column::LeaseToken.is_null(),
    };
    let saved = Entity::update_many()
        .set(row(scope, after))
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version))
        .filter(Column::Status.eq(before.status.as_str()))
        .filter(token);
    hit(&saved.exec(&tx.executor()).await?)
}

/// The job with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: JobId) -> Result<Option<Job>, Error> {
    Ok(many(scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?)?.pop())
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: JobId) -> Result<Option<Job>, Error> {
    Ok(many(scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?)?.pop())
}

/// The job that an attempt has, locked until the transaction ends: until then nobody else gets it. `None`: it was lost.
pub async fn held_for_write(tx: &Tx, scope: &Scope, id: JobId, token: Uuid) -> Result<Option<Job>, Error> {
    let held = scoped(scope).filter(held(id, token)).lock_exclusive();
    Ok(many(held.all(&tx.executor()).await?)?.pop())
}

/// Whether an attempt still has its job.
pub async fn is_held(from: &impl Source, id: JobId, token: Uuid) -> Result<bool, Error> {
    let found = Entity::find().filter(held(id, token)).select_only().column(Column::Id);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(!ids.is_empty())
}

/// Moves the end of a lease. `false`: it was lost.
pub async fn renew(tx: &Tx, id: JobId, token: Uuid, until: Time) -> Result<bool, Error> {
    let renewed: UpdateMany<Entity> =
        Entity::update_many().col_expr(Column::LeaseUntil, Expr::value(until.micros())).filter(held(id, token));
    Ok(renewed.exec(&tx.executor()).await?.rows_affected == 1)
}

fn held(id: JobId, token: Uuid) -> Condition {
    Condition::all()
        .add(Column::Id.eq(id.uuid()))
        .add(Column::LeaseToken.eq(token))
        .add(Column::Status.eq(JobStatus::Running.as_str()))
}

/// A job of any tenant that may run now, locked until the transaction ends: one whose worker is gone before one that waits. Jobs
/// that somebody else looks at are left to them.
pub async fn claimable(tx: &Tx, now: Time) -> Result<Option<(TenantId, Job)>, Error> {
    let lost = running_out(now).filter(Expr::col(Column::Attempt).lt(Expr::col(Column::MaxAttempts)));
    let due = Entity::find()
        .filter(Column::Status.eq(JobStatus::Queued.as_str()))
        .filter(Column::RunTime.lte(now.micros()))
        .order_by_asc(Column::RunTime);
    for query in [lost, due] {
        let first = query.limit(1).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        if let Some(row) = first.all(&tx.executor()).await?.pop() {
            return Ok(Some((TenantId::from_uuid(row.tenant_id), job(row)?)));
        }
    }
    Ok(None)
}

/// Some jobs of all tenants whose worker is gone, and which have no attempt left.
pub async fn lost(from: &impl Source, now: Time, limit: u64) -> Result<Vec<(TenantId, JobId)>, Error> {
    let found = running_out(now).filter(Expr::col(Column::Attempt).gte(Expr::col(Column::MaxAttempts)));
    let found = found.select_only().columns([Column::TenantId, Column::Id]).limit(limit);
    let ids: Vec<(Uuid, Uuid)> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.into_iter().map(|(tenant, id)| (TenantId::from_uuid(tenant), JobId::from_uuid(id))).collect())
}

fn running_out(now: Time) -> Select<Entity> {
    Entity::find()
        .filter(Column::Status.eq(JobStatus::Running.as_str()))
        .filter(Column::LeaseUntil.lte(now.micros()))
        .order_by_asc(Column::LeaseUntil)
}

/// At most `limit` jobs after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &JobFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Job>, Error> {
    let query = scoped(scope);
    let each = filter.statuses.iter().map(|status| query.clone().filter(Column::Status.eq(status.as_str()))).collect();
    let page = merged(query, each, (Column::CreateTime, Column::Id), sort, after, limit);
    many(page.all(&from.executor()).await?)
}

/// Removes jobs that were over before a time, the oldest first, with reports of theirs that have no file. Jobs whose report has
/// one stay until it has expired. Answers whether there may be more.
pub async fn purge(tx: &Tx, before: Time, limit: u64) -> Result<bool, Error> {
    use reports::Column as Report;
    let needed = [ReportStatus::Pending, ReportStatus::Succeeded].map(ReportStatus::as_str);
    let needed = Query::select()
        .expr(Expr::val(1))
        .from(reports::Entity)
        .and_where(Expr::col((reports::Entity, Report::JobId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((reports::Entity, Report::Status)).is_in(needed))
        .to_owned();
    let old = Entity::find()
        .filter(Column::EndTime.lt(before.micros()))
        .filter(Expr::not_exists(needed))
        .order_by_asc(Column::EndTime)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let old: Vec<Uuid> = old.select_only().column(Column::Id).into_tuple().all(&tx.executor()).await?;
    if old.is_empty() {
        return Ok(false);
    }
    let is_full = old.len() as u64 == limit;
    let of_them = reports::Entity::find().select_only().column(Report::Id).filter(Report::JobId.is_in(old.clone()));
    let parts =
        report_parts::Entity::delete_many().filter(report_parts::Column::ReportId.in_subquery(of_them.into_query()));
    parts.exec(&tx.executor()).await?;
    reports::Entity::delete_many().filter(Report::JobId.is_in(old.clone())).exec(&tx.executor()).await?;
    Entity::delete_many().filter(Column::Id.is_in(old)).exec(&tx.executor()).await?;
    Ok(is_full)
}

/// Jobs are the tenant's: keys that are bound to a customer may not read them at all.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}

fn many(rows: Vec<Model>) -> Result<Vec<Job>, Error> {
    Ok(rows.into_iter().map(job).collect::<Result<_, CorruptRow>>()?)
}

fn row(scope: &Scope, job: &Job) -> ActiveModel {
    let error = job.error.as_ref();
    ActiveModel {
        id: Set(job.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        r#type: Set(job.kind.as_str().to_owned()),
        status: Set(job.status.as_str().to_owned()),
        progress: Set(job.progress),
        attempt: Set(job.attempt),
        max_attempts: Set(job.max_attempts),
        run_time: Set(job.run_time.micros()),
        lease_token: Set(job.lease.map(|lease| lease.token)),
        lease_until: Set(job.lease.map(|lease| lease.until.micros())),
        error_code: Set(error.map(|error| error.code.clone())),
        error_message: Set(error.map(|error| error.message.clone()).unwrap_or_default()),
        resource_type: Set(job.resource.kind.as_str().to_owned()),
        resource_id: Set(job.resource.id),
        start_time: Set(job.start_time.map(Time::micros)),
        end_time: Set(job.end_time.map(Time::micros)),
        version: Set(job.version),
        create_time: Set(job.create_time.micros()),
        update_time: Set(job.update_time.micros()),
    }
}

fn job(row: Model) -> Result<Job, CorruptRow> {
    let lease = row.lease_token.zip(row.lease_until);
    let message = row.error_message;
    Ok(Job {
        id: JobId::from_uuid(row.id),
        kind: named(&row.r#type)?,
        status: named(&row.status)?,
        progress: row.progress,
        attempt: row.attempt,
        max_attempts: row.max_attempts,
        run_time: Time::from_micros(row.run_time),
        lease: lease.map(|(token, until)| Lease { token, until: Time::from_micros(until) }),
        error: row.error_code.map(|code| JobError { code, message }),
        resource: Resource { kind: named(&row.resource_type)?, id: row.resource_id },
        start_time: row.start_time.map(Time::from_micros),
        end_time: row.end_time.map(Time::from_micros),
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
    })
}
