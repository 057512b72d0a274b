//! The outbox: events, written in the transaction that made them true.

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JsonValue, QueryFilter, Select, Set};
use uuid::Uuid;

use super::entities::events::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, merged, one_of, part};
use super::{Error, Scope, Source, Tx, event_log};
use crate::domain::event::{Event, EventFilter, EventType};
use crate::domain::ids::{ApiKeyId, CustomerId, EventId, TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::resource::RecordedResource;
use crate::domain::time::Time;

/// One event.
#[derive(Debug)]
#[allow(missing_docs, reason = "the fields are the columns")]
pub struct EventRow {
    pub id: EventId,
    pub tenant: TenantId,
    pub customer: Option<CustomerId>,
    pub event_type: EventType,
    pub resource_type: &'static str,
    pub resource_id: Uuid,
    /// The version of the resource that the event tells of.
    pub resource_sequence: i64,
    pub data: JsonValue,
    pub actor: ApiKeyId,
    pub time: Time,
}

/// Appends events.
pub async fn append(tx: &Tx, rows: impl IntoIterator<Item = EventRow>) -> Result<(), Error> {
    let models: Vec<_> = rows.into_iter().map(model).collect();
    if !models.is_empty() {
        Entity::insert_many(models).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// The event with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: EventId) -> Result<Option<Event>, Error> {
    let mut rows = scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?;
    Ok(rows.pop().map(unnumbered))
}

/// Tells each event its place in the log. `false`: some have none yet.
pub async fn number(from: &impl Source, events: &mut [Event]) -> Result<bool, Error> {
    let missing = events.iter().filter(|event| event.sequence == 0).map(|event| event.id.uuid()).collect();
    let sequences = event_log::of(from, missing).await?;
    for event in events.iter_mut() {
        if let Some(sequence) = sequences.get(&event.id.uuid()) {
            event.sequence = *sequence;
        }
    }
    Ok(events.iter().all(|event| event.sequence > 0))
}

/// At most `limit` events after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &EventFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Event>, Error> {
    let query = about(scope, filter);
    let types = filter.types.iter().map(String::as_str);
    let key = (Column::CreateTime, Column::Id);
    // A thing and a customer have few events, and their types are looked up in those.
    let page = if filter.resource.is_some() || scope.customer.is_some() {
        part(query.filter(one_of(Column::Type, types)), key, sort, after, limit)
    } else {
        let each = types.map(|name| query.clone().filter(Column::Type.eq(name))).collect();
        merged(query, each, key, sort, after, limit)
    };
    let rows = page.all(&from.executor()).await?;
    Ok(rows.into_iter().map(unnumbered).collect())
}

/// Every event that a filter lets through.
pub(super) fn matching(scope: &Scope, filter: &EventFilter) -> Select<Entity> {
    about(scope, filter).filter(one_of(Column::Type, filter.types.iter().map(String::as_str)))
}

/// The same, of all types.
fn about(scope: &Scope, filter: &EventFilter) -> Select<Entity> {
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    if let Some(kind) = &filter.resource_type {
        query = query.filter(Column::ResourceType.eq(kind.as_str()));
    }
    if let Some(customer) = filter.customer {
        query = query.filter(Column::CustomerId.eq(customer.uuid()));
    }
    if let Some(resource) = filter.resource {
        query = query.filter(Column::ResourceType.eq(resource.kind.as_str()));
        query = query.filter(Column::ResourceId.eq(resource.id));
    }
    query
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}

/// An event, and its place in the log.
#[derive(Debug, FromQueryResult)]
pub(super) struct Numbered {
    #[sea_orm(nested)]
    event: Model,
    sequence: i64,
}

impl From<Numbered> for Event {
    fn from(row: Numbered) -> Self {
        Self { sequence: row.sequence, ..unnumbered(row.event) }
    }
}

fn unnumbered(row: Model) -> Event {
    Event {
        id: EventId::from_uuid(row.id),
        sequence: 0,
        event_type: row.r#type,
        resource: RecordedResource { kind: row.resource_type, id: row.resource_id },
        resource_sequence: row.resource_sequence,
        data: row.data,
        actor: ApiKeyId::from_uuid(row.actor_id),
        create_time: Time::from_micros(row.create_time),
    }
}

fn model(row: EventRow) -> ActiveModel {
    ActiveModel {
        id: Set(row.id.uuid()),
        tenant_id: Set(row.tenant.uuid()),
        customer_id: Set(row.customer.map(TypedId::uuid)),
        r#type: Set(row.event_type.as_str().to_owned()),
        resource_type: Set(row.resource_type.to_owned()),
        resource_id: Set(row.resource_id),
        resource_sequence: Set(row.resource_sequence),
        data: Set(row.data),
        actor_id: Set(row.actor.uuid()),
        create_time: Set(row.time.micros()),
    }
}
