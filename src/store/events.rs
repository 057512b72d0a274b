//! The outbox: events, written in the transaction that made them true.

use sea_orm::{EntityTrait, JsonValue, Set};
use uuid::Uuid;

use super::entities::events::{ActiveModel, Entity};
use super::{Error, Source, Tx};
use crate::domain::event::EventType;
use crate::domain::ids::{ApiKeyId, CustomerId, EventId, TenantId, TypedId};
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
