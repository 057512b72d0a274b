//! Reports, and the pieces of their files.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::report_parts;
use super::entities::reports::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, merged};
use super::rows::{from_json, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{JobId, ReportId, TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::report::{Report, ReportFile, ReportFilter, ReportStatus};
use crate::domain::time::{Time, TimeRange};

/// Adds a report.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, report: &Report) -> Result<(), Error> {
    Entity::insert(row(scope, report)?).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Writes a report over the one that was read.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &Report, after: &Report) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(row(scope, after)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version));
    hit(&saved.exec(&tx.executor()).await?)
}

/// The report with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: ReportId) -> Result<Option<Report>, Error> {
    Ok(many(scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?)?.pop())
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: ReportId) -> Result<Option<Report>, Error> {
    Ok(many(scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?)?.pop())
}

/// The report that has this reference.
pub async fn by_reference(from: &impl Source, scope: &Scope, reference: &str) -> Result<Option<ReportId>, Error> {
    let found = scoped(scope).filter(Column::Reference.eq(reference)).select_only().column(Column::Id);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(ReportId::from_uuid))
}

/// At most `limit` reports after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &ReportFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Report>, Error> {
    let query = scoped(scope);
    let each = filter.statuses.iter().map(|status| query.clone().filter(Column::Status.eq(status.as_str()))).collect();
    let page = merged(query, each, (Column::CreateTime, Column::Id), sort, after, limit);
    many(page.all(&from.executor()).await?)
}

/// Some reports of all tenants whose files were kept long enough, the longest ago first.
pub async fn due(from: &impl Source, now: Time, limit: u64) -> Result<Vec<(TenantId, ReportId)>, Error> {
    let found = Entity::find()
        .filter(Column::Status.eq(ReportStatus::Succeeded.as_str()))
        .filter(Column::ExpireTime.lte(now.micros()))
        .order_by_asc(Column::ExpireTime)
        .limit(limit)
        .select_only()
        .columns([Column::TenantId, Column::Id]);
    let ids: Vec<(Uuid, Uuid)> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.into_iter().map(|(tenant, id)| (TenantId::from_uuid(tenant), ReportId::from_uuid(id))).collect())
}

/// Stores a piece that an attempt made. Whoever calls has locked the job as the one that the attempt has.
pub async fn insert_part(tx: &Tx, report: ReportId, token: Uuid, number: i32, bytes: Vec<u8>) -> Result<(), Error> {
    let row = report_parts::ActiveModel {
        report_id: Set(report.uuid()),
        token: Set(token),
        number: Set(number),
        bytes: Set(bytes),
    };
    report_parts::Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// A piece of a file; `None` when it is gone.
pub async fn part(from: &impl Source, report: ReportId, token: Uuid, number: i32) -> Result<Option<Vec<u8>>, Error> {
    let key = (report.uuid(), token, number);
    Ok(report_parts::Entity::find_by_id(key).all(&from.executor()).await?.pop().map(|row| row.bytes))
}

/// Removes every piece of a report, whoever made it.
pub async fn delete_parts(tx: &Tx, report: ReportId) -> Result<(), Error> {
    let parts = report_parts::Entity::delete_many().filter(report_parts::Column::ReportId.eq(report.uuid()));
    parts.exec(&tx.executor()).await?;
    Ok(())
}

/// Reports are the tenant's: keys that are bound to a customer may not read them at all.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}

fn many(rows: Vec<Model>) -> Result<Vec<Report>, Error> {
    Ok(rows.into_iter().map(report).collect::<Result<_, CorruptRow>>()?)
}

fn row(scope: &Scope, report: &Report) -> Result<ActiveModel, CorruptRow> {
    let file = report.file.as_ref();
    Ok(ActiveModel {
        id: Set(report.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        job_id: Set(report.job.uuid()),
        kind: Set(report.kind.as_str().to_owned()),
        format: Set(report.format.as_str().to_owned()),
        status: Set(report.status.as_str().to_owned()),
        create_time_after: Set(report.created.after.map(Time::micros)),
        create_time_before: Set(report.created.before.map(Time::micros)),
        reference: Set(report.reference.clone()),
        metadata: Set(to_json(&report.metadata)?),
        row_count: Set(file.map_or(0, |file| file.row_count)),
        size_bytes: Set(file.map_or(0, |file| file.size_bytes)),
        file_token: Set(file.map(|file| file.token)),
        file_parts: Set(file.map_or(0, |file| file.parts)),
        file_object: Set(file.and_then(|file| file.object.clone())),
        expire_time: Set(report.expire_time.map(Time::micros)),
        version: Set(report.version),
        create_time: Set(report.create_time.micros()),
        update_time: Set(report.update_time.micros()),
    })
}

fn report(row: Model) -> Result<Report, CorruptRow> {
    let (row_count, size_bytes) = (row.row_count, row.size_bytes);
    let (parts, object) = (row.file_parts, row.file_object);
    Ok(Report {
        id: ReportId::from_uuid(row.id),
        job: JobId::from_uuid(row.job_id),
        kind: named(&row.kind)?,
        format: named(&row.format)?,
        status: named(&row.status)?,
        created: TimeRange {
            after: row.create_time_after.map(Time::from_micros),
            before: row.create_time_before.map(Time::from_micros),
        },
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        file: row.file_token.map(|token| ReportFile { token, parts, object, row_count, size_bytes }),
        expire_time: row.expire_time.map(Time::from_micros),
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
    })
}
