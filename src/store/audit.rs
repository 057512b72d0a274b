//! Audit rows: who did what, when. Written with every effect, never changed; only the reasons go with whom they were about.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::audit_events::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, one_of, part};
use super::{Error, Scope, Source, Tx};
use crate::domain::audit::{AuditEvent, AuditFilter};
use crate::domain::ids::{ApiKeyId, AuditEventId, TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::resource::{RecordedResource, Resource};
use crate::domain::time::Time;

/// One audited act.
#[derive(Debug)]
#[allow(missing_docs, reason = "the fields are the columns")]
pub struct AuditRow<'a> {
    pub id: AuditEventId,
    pub tenant: TenantId,
    pub actor: ApiKeyId,
    pub owner: &'a str,
    pub method: &'a str,
    pub resource_type: &'a str,
    pub resource_id: Uuid,
    pub request_id: &'a str,
    pub reason: &'a str,
    pub time: Time,
}

/// Appends rows.
pub async fn append(tx: &Tx, rows: impl IntoIterator<Item = AuditRow<'_>>) -> Result<(), Error> {
    let models: Vec<_> = rows.into_iter().map(|row| model(&row)).collect();
    if !models.is_empty() {
        Entity::insert_many(models).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// The owners of those who changed a thing by one of these methods, each once; only after this time, when there is one.
/// Whoever asks may be bound to a customer.
pub async fn owners_of(
    from: &impl Source,
    scope: &Scope,
    thing: Resource,
    methods: &[&str],
    since: Option<Time>,
) -> Result<Vec<String>, Error> {
    let mut query = Entity::find()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::ResourceId.eq(thing.id))
        .filter(Column::ResourceType.eq(thing.kind.as_str()))
        .filter(Column::Method.is_in(methods.iter().copied()));
    if let Some(since) = since {
        query = query.filter(Column::CreateTime.gt(since.micros()));
    }
    let owners = query.select_only().column(Column::Owner).distinct().order_by_asc(Column::Owner);
    Ok(owners.into_tuple().all(&from.executor()).await?)
}

/// The audit event with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: AuditEventId) -> Result<Option<AuditEvent>, Error> {
    let Some(query) = scoped(scope) else { return Ok(None) };
    let mut rows = query.filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?;
    Ok(rows.pop().map(AuditEvent::from))
}

/// At most `limit` audit events after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &AuditFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<AuditEvent>, Error> {
    let Some(query) = scoped(scope) else { return Ok(Vec::new()) };
    let mut query = created_in(query, Column::CreateTime, filter.created);
    if let Some(kind) = &filter.resource_type {
        query = query.filter(Column::ResourceType.eq(kind.as_str()));
    }
    if let Some(resource) = filter.resource {
        query = query.filter(Column::ResourceType.eq(resource.kind.as_str()));
        query = query.filter(Column::ResourceId.eq(resource.id));
    }
    // A thing has few changes, and who made them is looked up in those.
    query = match (filter.actor, filter.resource) {
        (Some(actor), Some(_)) => query.filter(one_of(Column::ActorId, std::iter::once(actor.uuid()))),
        (Some(actor), None) => query.filter(Column::ActorId.eq(actor.uuid())),
        (None, _) => query,
    };
    let rows = part(query, (Column::CreateTime, Column::Id), sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(AuditEvent::from).collect())
}

/// Audit events belong to the tenant as a whole: a caller that is bound to a customer sees none.
fn scoped(scope: &Scope) -> Option<Select<Entity>> {
    let all = || Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    scope.customer.is_none().then(all)
}

impl From<Model> for AuditEvent {
    fn from(row: Model) -> Self {
        Self {
            id: AuditEventId::from_uuid(row.id),
            actor: ApiKeyId::from_uuid(row.actor_id),
            owner: row.owner,
            method: row.method,
            resource: RecordedResource { kind: row.resource_type, id: row.resource_id },
            request_id: row.request_id,
            reason: row.reason,
            create_time: Time::from_micros(row.create_time),
        }
    }
}

fn model(row: &AuditRow<'_>) -> ActiveModel {
    ActiveModel {
        id: Set(row.id.uuid()),
        tenant_id: Set(row.tenant.uuid()),
        actor_id: Set(row.actor.uuid()),
        owner: Set(row.owner.to_owned()),
        method: Set(row.method.to_owned()),
        resource_type: Set(row.resource_type.to_owned()),
        resource_id: Set(row.resource_id),
        request_id: Set(row.request_id.to_owned()),
        reason: Set(row.reason.to_owned()),
        create_time: Set(row.time.micros()),
    }
}
