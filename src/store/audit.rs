//! Audit rows: who did what, when. Written with every effect, never changed.

use sea_orm::{EntityTrait, Set};

use super::entities::audit_events::{ActiveModel, Entity};
use super::{Error, Source, Tx};
use crate::domain::ids::{ApiKeyId, AuditEventId, TenantId, TypedId};
use crate::domain::time::Time;
use uuid::Uuid;

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
