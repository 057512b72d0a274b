//! Deliveries of webhooks and their attempts.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};

use super::entities::webhook_attempts;
use super::entities::webhook_deliveries::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, merged, one_of, part};
use super::rows::named;
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{EventId, TypedId, WebhookDeliveryId, WebhookEndpointId};
use crate::domain::page::Sort;
use crate::domain::time::Time;
use crate::domain::webhook::{Attempt, AttemptError, DeliveryFilter, DeliveryStatus, Outcome, WebhookDelivery};

/// Adds a delivery.
pub async fn insert(tx: &Tx, scope: &Scope, delivery: &WebhookDelivery) -> Result<(), Error> {
    let row = ActiveModel { tenant_id: Set(scope.tenant.uuid()), ..row(delivery) };
    Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Replaces a delivery that was read in this transaction.
///
/// # Errors
/// `Stale` when it is no longer as it was.
pub async fn save(tx: &Tx, before: &WebhookDelivery, delivery: &WebhookDelivery) -> Result<(), Error> {
    let written = Entity::update_many()
        .set(row(delivery))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version));
    hit(&written.exec(&tx.executor()).await?)
}

/// The delivery with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>, Error> {
    only(scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?)
}

/// The same, which nobody else changes until the transaction is over.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>, Error> {
    only(scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?)
}

/// At most `limit` deliveries after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &DeliveryFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<WebhookDelivery>, Error> {
    let (mut query, key) = (scoped(scope), (Column::CreateTime, Column::Id));
    let statuses = filter.statuses.iter().copied().map(DeliveryStatus::as_str);
    // An event has as many deliveries as there are endpoints, and the rest is looked up in those.
    if let Some(event) = filter.event {
        let endpoint = filter.endpoint.map(TypedId::uuid);
        query = query.filter(Column::EventId.eq(event.uuid())).filter(one_of(Column::EndpointId, endpoint.into_iter()));
        return many(
            part(query.filter(one_of(Column::Status, statuses)), key, sort, after, limit).all(&from.executor()).await?,
        );
    }
    let page = if let Some(endpoint) = filter.endpoint {
        query = query.filter(Column::EndpointId.eq(endpoint.uuid()));
        part(query.filter(one_of(Column::Status, statuses)), key, sort, after, limit)
    } else {
        let each = statuses.map(|status| query.clone().filter(Column::Status.eq(status))).collect();
        merged(query, each, key, sort, after, limit)
    };
    many(page.all(&from.executor()).await?)
}

/// The last attempts of each delivery, at most so many of each, the oldest first.
pub async fn attempts(
    from: &impl Source,
    of: &[WebhookDelivery],
    at_most: i32,
) -> Result<HashMap<WebhookDeliveryId, Vec<Attempt>>, Error> {
    use webhook_attempts::Column as Of;
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    let mut wanted = sea_orm::Condition::any();
    for delivery in of.iter().filter(|delivery| delivery.attempt_count > 0) {
        let this = Of::DeliveryId.eq(delivery.id.uuid());
        wanted = wanted.add(this.and(Expr::col(Of::Number).gt(delivery.attempt_count - at_most)));
    }
    if wanted.is_empty() {
        return Ok(found);
    }
    let rows = webhook_attempts::Entity::find().filter(wanted).order_by_asc(Of::DeliveryId).order_by_asc(Of::Number);
    for row in rows.all(&from.executor()).await? {
        found.entry(WebhookDeliveryId::from_uuid(row.delivery_id)).or_default().push(attempt(row)?);
    }
    Ok(found)
}

/// Adds an attempt.
pub async fn append(tx: &Tx, of: WebhookDeliveryId, attempt: &Attempt) -> Result<(), Error> {
    let outcome = &attempt.outcome;
    let row = webhook_attempts::ActiveModel {
        delivery_id: Set(of.uuid()),
        number: Set(attempt.number),
        url: Set(attempt.url.clone()),
        response_status: Set(outcome.status.into()),
        response_body: Set(outcome.body.clone()),
        error: Set(outcome.error.map(AttemptError::as_str).unwrap_or_default().to_owned()),
        duration: Set(i64::try_from(outcome.duration.as_micros()).unwrap_or(i64::MAX)),
        create_time: Set(attempt.create_time.micros()),
    };
    webhook_attempts::Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

fn attempt(row: webhook_attempts::Model) -> Result<Attempt, CorruptRow> {
    let error = if row.error.is_empty() { None } else { Some(named(&row.error)?) };
    Ok(Attempt {
        number: row.number,
        url: row.url,
        outcome: Outcome {
            status: u16::try_from(row.response_status).unwrap_or_default(),
            body: row.response_body,
            error,
            duration: std::time::Duration::from_micros(u64::try_from(row.duration).unwrap_or_default()),
        },
        create_time: Time::from_micros(row.create_time),
    })
}

fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}

fn only(rows: Vec<Model>) -> Result<Option<WebhookDelivery>, Error> {
    Ok(many(rows)?.pop())
}

pub(super) fn many(rows: Vec<Model>) -> Result<Vec<WebhookDelivery>, Error> {
    Ok(rows.into_iter().map(WebhookDelivery::try_from).collect::<Result<_, CorruptRow>>()?)
}

/// Everything but the tenant.
pub(super) fn row(delivery: &WebhookDelivery) -> ActiveModel {
    ActiveModel {
        id: Set(delivery.id.uuid()),
        endpoint_id: Set(delivery.endpoint.uuid()),
        event_id: Set(delivery.event.uuid()),
        event_type: Set(delivery.event_type.clone()),
        resource_id: Set(delivery.resource),
        resource_sequence: Set(delivery.resource_sequence),
        status: Set(delivery.status.as_str().to_owned()),
        attempt_count: Set(delivery.attempt_count),
        step: Set(delivery.step),
        next_attempt_time: Set(delivery.next_attempt_time.map(Time::micros)),
        scheduled_time: Set(delivery.scheduled_time.map(Time::micros)),
        deliver_time: Set(delivery.deliver_time.map(Time::micros)),
        version: Set(delivery.version),
        create_time: Set(delivery.create_time.micros()),
        update_time: Set(delivery.update_time.micros()),
        ..ActiveModel::default()
    }
}

impl TryFrom<Model> for WebhookDelivery {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        Ok(Self {
            id: WebhookDeliveryId::from_uuid(row.id),
            endpoint: WebhookEndpointId::from_uuid(row.endpoint_id),
            event: EventId::from_uuid(row.event_id),
            event_type: row.event_type,
            resource: row.resource_id,
            resource_sequence: row.resource_sequence,
            status: named(&row.status)?,
            attempt_count: row.attempt_count,
            step: row.step,
            next_attempt_time: row.next_attempt_time.map(Time::from_micros),
            scheduled_time: row.scheduled_time.map(Time::from_micros),
            deliver_time: row.deliver_time.map(Time::from_micros),
            version: row.version,
            create_time: Time::from_micros(row.create_time),
            update_time: Time::from_micros(row.update_time),
        })
    }
}
