//! Webhook endpoints, as callers see and change them. What sends to them is in `webhook_work`.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::webhook_endpoints::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, part};
use super::rows::{from_json, named, to_json};
use super::webhook_work::remove;
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{TypedId, WebhookEndpointId};
use crate::domain::page::Sort;
use crate::domain::time::Time;
use crate::domain::webhook::{EndpointStatus, WebhookEndpoint};

/// Deliveries that go in the transaction that deletes their endpoint.
const AT_ONCE: u64 = 1_000;

/// Adds an endpoint, with its sealed secret and the last event that it does not get.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(
    tx: &Tx,
    scope: &Scope,
    endpoint: &WebhookEndpoint,
    sealed: &str,
    cursor: i64,
) -> Result<(), Error> {
    let row = ActiveModel { secret: Set(sealed.to_owned()), cursor: Set(cursor), ..row(scope, endpoint)? };
    Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Replaces an endpoint that was read in this transaction. Its secrets, its cursor and its lease stay.
///
/// # Errors
/// `Stale` when it is no longer as it was; `Duplicate` when its new reference is taken.
pub async fn save(tx: &Tx, scope: &Scope, before: &WebhookEndpoint, endpoint: &WebhookEndpoint) -> Result<(), Error> {
    let written = Entity::update_many().set(row(scope, endpoint)?).filter(as_it_was(scope, before));
    hit(&written.exec(&tx.executor()).await?)
}

/// Replaces the secret. The one that was there becomes the one before.
pub async fn rotate(tx: &Tx, scope: &Scope, id: WebhookEndpointId, sealed: &str) -> Result<(), Error> {
    let written = Entity::update_many()
        .col_expr(Column::PreviousSecret, Expr::col(Column::Secret))
        .col_expr(Column::Secret, Expr::val(sealed))
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(id.uuid()));
    hit(&written.exec(&tx.executor()).await?)
}

/// Moves the cursor back. `false`: it has not come as far.
pub async fn rewind(tx: &Tx, scope: &Scope, id: WebhookEndpointId, after: i64) -> Result<bool, Error> {
    let written = Entity::update_many()
        .col_expr(Column::Cursor, Expr::val(after))
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Cursor.gt(after));
    Ok(written.exec(&tx.executor()).await?.rows_affected == 1)
}

/// Removes an endpoint that was read in this transaction, and its deliveries; of very many the rest goes with
/// `webhook_work::purge_deleted`.
///
/// # Errors
/// `Stale` when it is no longer as it was.
pub async fn delete(tx: &Tx, scope: &Scope, before: &WebhookEndpoint) -> Result<(), Error> {
    let removed = Entity::update_many()
        .col_expr(Column::IsDeleted, Expr::val(true))
        .col_expr(Column::Status, Expr::val(EndpointStatus::Disabled.as_str()))
        .col_expr(Column::Reference, Expr::val(None::<String>))
        .col_expr(Column::Secret, Expr::val(""))
        .col_expr(Column::PreviousSecret, Expr::val(None::<String>))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(as_it_was(scope, before));
    hit(&removed.exec(&tx.executor()).await?)?;
    remove(tx, scope.tenant.uuid(), before.id.uuid(), AT_ONCE).await
}

/// The endpoint with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>, Error> {
    let mut rows = with_id(scope, id).all(&from.executor()).await?;
    Ok(rows.pop().map(WebhookEndpoint::try_from).transpose()?)
}

/// The same, which nobody else changes until the transaction is over.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>, Error> {
    let mut rows = with_id(scope, id).lock_exclusive().all(&tx.executor()).await?;
    Ok(rows.pop().map(WebhookEndpoint::try_from).transpose()?)
}

/// At most `limit` endpoints after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<WebhookEndpoint>, Error> {
    let query = part(scoped(scope), (Column::CreateTime, Column::Id), sort, after, limit);
    let rows = query.all(&from.executor()).await?;
    Ok(rows.into_iter().map(WebhookEndpoint::try_from).collect::<Result<_, CorruptRow>>()?)
}

/// The endpoint that has this reference.
pub async fn by_reference(
    from: &impl Source,
    scope: &Scope,
    reference: &str,
) -> Result<Option<WebhookEndpointId>, Error> {
    let found = scoped(scope).filter(Column::Reference.eq(reference)).select_only().column(Column::Id);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(WebhookEndpointId::from_uuid))
}

/// Endpoints are the tenant's; none belongs to a customer.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid())).filter(Column::IsDeleted.eq(false))
}

fn with_id(scope: &Scope, id: WebhookEndpointId) -> Select<Entity> {
    scoped(scope).filter(Column::Id.eq(id.uuid()))
}

fn as_it_was(scope: &Scope, before: &WebhookEndpoint) -> Condition {
    Condition::all()
        .add(Column::TenantId.eq(scope.tenant.uuid()))
        .add(Column::Id.eq(before.id.uuid()))
        .add(Column::Version.eq(before.version))
}

fn row(scope: &Scope, endpoint: &WebhookEndpoint) -> Result<ActiveModel, CorruptRow> {
    Ok(ActiveModel {
        id: Set(endpoint.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        url: Set(endpoint.url.clone()),
        event_types: Set(to_json(&endpoint.event_types)?),
        description: Set(endpoint.description.clone()),
        status: Set(endpoint.status.as_str().to_owned()),
        disable_reason: Set(endpoint.disable_reason.map(|reason| reason.as_str().to_owned())),
        previous_secret_expire_time: Set(endpoint.previous_secret_expire_time.map(Time::micros)),
        failing_since: Set(endpoint.failing_since.map(Time::micros)),
        reference: Set(endpoint.reference.clone()),
        metadata: Set(to_json(&endpoint.metadata)?),
        version: Set(endpoint.version),
        create_time: Set(endpoint.create_time.micros()),
        update_time: Set(endpoint.update_time.micros()),
        ..ActiveModel::default()
    })
}

impl TryFrom<Model> for WebhookEndpoint {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        Ok(Self {
            id: WebhookEndpointId::from_uuid(row.id),
            url: row.url,
            event_types: from_json(row.event_types)?,
            description: row.description,
            status: named(&row.status)?,
            disable_reason: row.disable_reason.as_deref().map(named).transpose()?,
            previous_secret_expire_time: row.previous_secret_expire_time.map(Time::from_micros),
            failing_since: row.failing_since.map(Time::from_micros),
            reference: row.reference,
            metadata: from_json(row.metadata)?,
            version: row.version,
            create_time: Time::from_micros(row.create_time),
            update_time: Time::from_micros(row.update_time),
        })
    }
}
