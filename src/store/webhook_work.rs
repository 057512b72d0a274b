//! What sends webhooks asks and writes: who sends to an endpoint, which events it gets next, what is due, what came of it. It
//! works for all tenants; each endpoint says whose it is. Whoever writes holds the lease, which each of these transactions proves.

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::webhook_deliveries::{self, Column};
use super::entities::webhook_endpoints::{Column as Endpoint, Entity as Endpoints, Model};
use super::rows::from_json;
use super::webhook_deliveries::{many, row};
use super::{CorruptRow, Error, Scope, Source, Tx};
use crate::domain::ids::{TenantId, TypedId, WebhookEndpointId};
use crate::domain::time::Time;
use crate::domain::webhook::{DeliveryStatus, EndpointStatus, WebhookDelivery, WebhookEndpoint};

/// No lease lasts longer.
const LONGEST_TERM: Duration = Duration::from_mins(1);

/// What waits before a delivery.
const EARLIER: &str = "earlier";

/// The right to send to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The process that has it.
    pub holder: Uuid,
    /// Greater than those of all that had it before.
    pub token: i64,
}

impl Lease {
    /// What the holder may read and change.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope { tenant: self.tenant, customer: None }
    }
}

/// An endpoint that may have something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// Whose it is.
    pub tenant: TenantId,
    /// The events it gets.
    pub event_types: Vec<String>,
    /// How far events were assigned.
    pub cursor: i64,
}

/// An endpoint as whoever sends to it needs it.
#[derive(Clone)]
pub struct Receiver {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// How far events were assigned.
    pub cursor: i64,
    /// Its secret, sealed.
    pub secret: String,
    /// The secret before, sealed.
    pub previous_secret: Option<String>,
}

/// Enabled endpoints that nobody sends to.
pub async fn idle(from: &impl Source, now: Time) -> Result<Vec<Candidate>, Error> {
    candidates(free(now).all(&from.executor()).await?)
}

/// Enabled endpoints that nobody sends to, and that have something due.
pub async fn waiting(from: &impl Source, now: Time) -> Result<Vec<Candidate>, Error> {
    let due = is_due(Query::select().expr(Expr::val(1)).from(webhook_deliveries::Entity).to_owned(), now)
        .and_where(Expr::col((webhook_deliveries::Entity, Column::EndpointId)).eq(Expr::col((Endpoints, Endpoint::Id))))
        .to_owned();
    candidates(free(now).filter(Expr::exists(due)).all(&from.executor()).await?)
}

fn free(now: Time) -> Select<Endpoints> {
    Endpoints::find().filter(Endpoint::Status.eq(EndpointStatus::Enabled.as_str())).filter(is_free(now, LONGEST_TERM))
}

/// A lease that ends later than any can was written by a clock that was ahead.
fn is_free(now: Time, term: Duration) -> Condition {
    Condition::any().add(Endpoint::LeaseUntil.lte(now.micros())).add(Endpoint::LeaseUntil.gt(now.plus(term).micros()))
}

fn candidates(rows: Vec<Model>) -> Result<Vec<Candidate>, Error> {
    let candidate = |row: Model| {
        Ok(Candidate {
            endpoint: WebhookEndpointId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            event_types: from_json(row.event_types)?,
            cursor: row.cursor,
        })
    };
    Ok(rows.into_iter().map(candidate).collect::<Result<_, CorruptRow>>()?)
}

/// Takes the lease of an endpoint; `None`: somebody else has it.
pub async fn take(
    tx: &Tx,
    endpoint: WebhookEndpointId,
    tenant: TenantId,
    holder: Uuid,
    term: Duration,
) -> Result<Option<Lease>, Error> {
    let now = tx.time().await?;
    let written = Endpoints::update_many()
        .col_expr(Endpoint::LeaseHolder, Expr::val(holder))
        .col_expr(Endpoint::LeaseToken, Expr::col(Endpoint::LeaseToken).add(1))
        .col_expr(Endpoint::LeaseUntil, Expr::val(now.plus(term).micros()))
        .filter(Endpoint::Id.eq(endpoint.uuid()))
        .filter(is_free(now, LONGEST_TERM))
        .exec(&tx.executor())
        .await?;
    if written.rows_affected != 1 {
        return Ok(None);
    }
    let token = Endpoints::find().filter(Endpoint::Id.eq(endpoint.uuid())).select_only().column(Endpoint::LeaseToken);
    let token: Vec<i64> = token.into_tuple().all(&tx.executor()).await?;
    Ok(token.first().map(|token| Lease { endpoint, tenant, holder, token: *token }))
}

/// Keeps a lease, and the endpoint as it is until the transaction ends. Answers the time; `None`: the lease is lost, and nothing
/// may be written.
pub async fn hold(tx: &Tx, lease: &Lease, term: Duration) -> Result<Option<Time>, Error> {
    let now = tx.time().await?;
    Ok(set_until(tx, lease, now.plus(term)).await?.then_some(now))
}

/// Gives a lease back.
pub async fn release(tx: &Tx, lease: &Lease) -> Result<(), Error> {
    set_until(tx, lease, Time::from_micros(0)).await.map(|_| ())
}

async fn set_until(tx: &Tx, lease: &Lease, until: Time) -> Result<bool, Error> {
    let kept = Endpoints::update_many()
        .col_expr(Endpoint::LeaseUntil, Expr::val(until.micros()))
        .filter(Endpoint::Id.eq(lease.endpoint.uuid()))
        .filter(Endpoint::LeaseHolder.eq(lease.holder))
        .filter(Endpoint::LeaseToken.eq(lease.token));
    Ok(kept.exec(&tx.executor()).await?.rows_affected == 1)
}

/// The endpoint of a lease; `None`: it was deleted.
pub async fn receiver(from: &impl Source, lease: &Lease) -> Result<Option<Receiver>, Error> {
    let mut rows = Endpoints::find().filter(Endpoint::Id.eq(lease.endpoint.uuid())).all(&from.executor()).await?;
    let receiver = |mut row: Model| {
        let (secret, previous_secret) = (std::mem::take(&mut row.secret), row.previous_secret.take());
        Ok(Receiver { cursor: row.cursor, secret, previous_secret, endpoint: WebhookEndpoint::try_from(row)? })
    };
    Ok(rows.pop().map(receiver).transpose().map_err(|error: CorruptRow| error)?)
}

/// Of how many things deliveries wait, and how many deliveries in all, each counted up to a limit: those that the schedule has not
/// tried yet, or every one. What waits behind another delivery of the same thing counts once, so that a receiver that refuses
/// one kind of event keeps nothing else from being assigned.
pub async fn backlog(
    from: &impl Source,
    lease: &Lease,
    tried_too: bool,
    (things, all): (u64, u64),
) -> Result<(u64, u64), Error> {
    let mut waiting = pending(lease.endpoint);
    if !tried_too {
        waiting = waiting.filter(Column::Step.eq(0));
    }
    let found = waiting.select_only().column(Column::ResourceId).limit(all);
    let found: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    let count = found.len() as u64;
    let distinct = found.into_iter().collect::<HashSet<_>>().len() as u64;
    Ok((std::cmp::min(distinct, things), count))
}

/// Adds deliveries, and moves the cursor. An event that was delivered before is delivered again.
pub async fn assign(tx: &Tx, lease: &Lease, deliveries: &[WebhookDelivery], cursor: i64) -> Result<(), Error> {
    let tenant = lease.tenant.uuid();
    let rows: Vec<_> = deliveries
        .iter()
        .map(|delivery| webhook_deliveries::ActiveModel { tenant_id: Set(tenant), ..row(delivery) })
        .collect();
    if !rows.is_empty() {
        let version = Expr::col((webhook_deliveries::Entity, Column::Version)).add(1);
        let again = OnConflict::columns([Column::EndpointId, Column::EventId])
            .update_columns([
                Column::Status,
                Column::Step,
                Column::NextAttemptTime,
                Column::ScheduledTime,
                Column::UpdateTime,
            ])
            .value(Column::Version, version)
            .to_owned();
        webhook_deliveries::Entity::insert_many(rows).on_conflict(again).exec_without_returning(&tx.executor()).await?;
    }
    let moved = Endpoints::update_many().col_expr(Endpoint::Cursor, Expr::val(cursor));
    moved.filter(Endpoint::Id.eq(lease.endpoint.uuid())).exec(&tx.executor()).await?;
    Ok(())
}

/// At most `limit` deliveries that are due, the oldest first, but for those that are on their way.
pub async fn due(
    from: &impl Source,
    lease: &Lease,
    now: Time,
    on_their_way: &[Uuid],
    limit: u64,
) -> Result<Vec<WebhookDelivery>, Error> {
    let mut found = webhook_deliveries::Entity::find().filter(Column::EndpointId.eq(lease.endpoint.uuid()));
    let query = is_due(QuerySelect::query(&mut found).to_owned(), now);
    *QuerySelect::query(&mut found) = query;
    if !on_their_way.is_empty() {
        found = found.filter(Column::Id.is_not_in(on_their_way.iter().copied()));
    }
    let found = found.order_by_asc(Column::NextAttemptTime).order_by_asc(Column::Id).limit(limit);
    many(found.all(&from.executor()).await?)
}

/// What is due of a selection: nothing that comes before it and is about the same thing waits.
fn is_due(mut select: SelectStatement, now: Time) -> SelectStatement {
    let own = |column| Expr::col((webhook_deliveries::Entity, column));
    let earlier = |column| Expr::col((EARLIER, column));
    let before = Query::select()
        .expr(Expr::val(1))
        .from_as(webhook_deliveries::Entity, EARLIER)
        .and_where(earlier(Column::EndpointId).eq(own(Column::EndpointId)))
        .and_where(earlier(Column::ResourceId).eq(own(Column::ResourceId)))
        .and_where(earlier(Column::Status).eq(DeliveryStatus::Pending.as_str()))
        .and_where(earlier(Column::ResourceSequence).lt(own(Column::ResourceSequence)))
        .to_owned();
    select
        .and_where(own(Column::Status).eq(DeliveryStatus::Pending.as_str()))
        .and_where(own(Column::NextAttemptTime).lte(now.micros()))
        .and_where(Expr::not_exists(before));
    select
}

/// Writes since when an endpoint has failed, where it is not known already.
pub async fn set_failing(tx: &Tx, lease: &Lease, since: Option<Time>) -> Result<(), Error> {
    let written = Endpoints::update_many().col_expr(Endpoint::FailingSince, Expr::val(since.map(Time::micros)));
    written.filter(Endpoint::Id.eq(lease.endpoint.uuid())).exec(&tx.executor()).await?;
    Ok(())
}

/// Makes everything due at once that waits for its time.
pub async fn call_waiting(tx: &Tx, endpoint: WebhookEndpointId, now: Time) -> Result<(), Error> {
    webhook_deliveries::Entity::update_many()
        .col_expr(Column::NextAttemptTime, Expr::val(now.micros()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdateTime, Expr::val(now.micros()))
        .filter(Condition::all().add(Column::EndpointId.eq(endpoint.uuid())))
        .filter(Column::Status.eq(DeliveryStatus::Pending.as_str()))
        .filter(Column::NextAttemptTime.gt(now.micros()))
        .exec(&tx.executor())
        .await?;
    Ok(())
}

fn pending(endpoint: WebhookEndpointId) -> Select<webhook_deliveries::Entity> {
    webhook_deliveries::Entity::find()
        .filter(Column::EndpointId.eq(endpoint.uuid()))
        .filter(Column::Status.eq(DeliveryStatus::Pending.as_str()))
}

/// Removes deliveries that are over and that began before a time, the oldest first, with their attempts. Answers whether there may
/// be more.
pub async fn purge(tx: &Tx, before: Time, limit: u64) -> Result<bool, Error> {
    // Ids begin with the milliseconds at which they were made (UUIDv7; RFC 9562, section 5.7).
    let first_kept = Uuid::from_u128(u128::try_from(before.micros() / 1_000).unwrap_or(0) << 80);
    let over = webhook_deliveries::Entity::find()
        .filter(Column::Id.lt(first_kept))
        .filter(Column::Status.ne(DeliveryStatus::Pending.as_str()))
        .order_by_asc(Column::Id)
        .limit(limit);
    let over: Vec<Uuid> = over.select_only().column(Column::Id).into_tuple().all(&tx.executor()).await?;
    let is_full = over.len() as u64 == limit;
    if !over.is_empty() {
        webhook_deliveries::Entity::delete_many().filter(Column::Id.is_in(over)).exec(&tx.executor()).await?;
    }
    Ok(is_full)
}

/// Removes some of what is left of an endpoint that was deleted. Answers whether there may be more.
pub async fn purge_deleted(tx: &Tx, limit: u64) -> Result<bool, Error> {
    let deleted = Endpoints::find().filter(Endpoint::IsDeleted.eq(true)).select_only();
    let deleted: Vec<(Uuid, Uuid)> =
        deleted.column(Endpoint::TenantId).column(Endpoint::Id).limit(1).into_tuple().all(&tx.executor()).await?;
    match deleted.first() {
        Some((tenant, endpoint)) => remove(tx, *tenant, *endpoint, limit).await.map(|()| true),
        None => Ok(false),
    }
}

/// Removes some deliveries of an endpoint, and the endpoint with the last of them.
pub(super) async fn remove(tx: &Tx, tenant: Uuid, endpoint: Uuid, limit: u64) -> Result<(), Error> {
    let theirs = webhook_deliveries::Entity::find()
        .filter(Column::TenantId.eq(tenant))
        .filter(Column::EndpointId.eq(endpoint))
        .limit(limit);
    let theirs: Vec<Uuid> = theirs.select_only().column(Column::Id).into_tuple().all(&tx.executor()).await?;
    if (theirs.len() as u64) < limit {
        Endpoints::delete_many().filter(Endpoint::Id.eq(endpoint)).exec(&tx.executor()).await?;
    } else {
        webhook_deliveries::Entity::delete_many().filter(Column::Id.is_in(theirs)).exec(&tx.executor()).await?;
    }
    Ok(())
}
