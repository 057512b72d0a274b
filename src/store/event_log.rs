//! The order of events. The database logs each event that is told. On SQLite, where writes follow each other, it gives the event
//! its sequence at once; on PostgreSQL it gets one when it is committed, since a transaction that began earlier may commit later.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use uuid::Uuid;

use super::db::Engine;
use super::entities::event_log::{Column, Entity};
use super::entities::events;
use super::events::{Numbered, matching};
use super::{Db, Error, Reader, Scope, Source, Tx};
use crate::domain::event::{Event, EventFilter};
use crate::domain::ids::{TenantId, TypedId};
use crate::domain::time::Time;

/// Where processes tell each other that the log has grown.
pub const CHANNEL: &str = "tradepost_log";

/// How many events are numbered at once.
const BATCH: u64 = 1_000;

/// Numbers what is committed and has no number yet, in the order in which it was written: of one thing that is the order of its
/// changes, since whoever changes it holds its row. One process does it at a time, and the statements see what was committed
/// before they began, so that every number is greater than all that anybody could have read. One message: whoever freezes in
/// it keeps nobody else from it.
fn numbering() -> String {
    const LOCK: i64 = 0x7472_6164_6571;
    format!(
        "SELECT pg_advisory_xact_lock({LOCK}); \
         WITH due AS (SELECT number, ROW_NUMBER() OVER (ORDER BY number) AS place FROM event_log \
                      WHERE sequence IS NULL ORDER BY number LIMIT {BATCH}), \
              numbered AS (UPDATE event_log SET sequence = (SELECT COALESCE(MAX(sequence), 0) FROM event_log) + due.place \
                           FROM due WHERE event_log.number = due.number RETURNING 1) \
         SELECT pg_notify('{CHANNEL}', '') WHERE EXISTS (SELECT 1 FROM numbered)"
    )
}

/// Numbers all that is committed by now. What is committed meanwhile may have to wait for the next time: under many writes there
/// is always more.
pub async fn number(db: &Db) -> Result<(), Error> {
    if db.engine() == Engine::Sqlite {
        return Ok(());
    }
    let reader = db.reader();
    let Some(newest) = waiting(&reader, Order::Desc).await? else { return Ok(()) };
    while waiting(&reader, Order::Asc).await?.is_some_and(|oldest| oldest <= newest) {
        db.at_once(&numbering()).await?;
    }
    Ok(())
}

/// The first or the last row that waits for its sequence.
async fn waiting(from: &Reader, order: Order) -> Result<Option<i64>, Error> {
    let waiting = Entity::find().filter(Column::Sequence.is_null()).select_only().column(Column::Number);
    let found: Vec<i64> = waiting.order_by(Column::Number, order).limit(1).into_tuple().all(&from.executor()).await?;
    Ok(found.first().copied())
}

/// The sequence of the last event that has one; 0: there is none.
pub async fn last(from: &impl Source) -> Result<i64, Error> {
    end(from, Order::Desc).await
}

/// The sequence of the first event that is still kept; 0: there is none.
pub async fn first(from: &impl Source) -> Result<i64, Error> {
    end(from, Order::Asc).await
}

async fn end(from: &impl Source, order: Order) -> Result<i64, Error> {
    let query = Entity::find().filter(Column::Sequence.is_not_null()).select_only().column(Column::Sequence);
    let found: Vec<i64> = query.order_by(Column::Sequence, order).limit(1).into_tuple().all(&from.executor()).await?;
    Ok(found.first().copied().unwrap_or(0))
}

/// The sequences of events. Those without one are missing.
pub(super) async fn of(from: &impl Source, ids: Vec<Uuid>) -> Result<HashMap<Uuid, i64>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = Entity::find().filter(Column::EventId.is_in(ids)).filter(Column::Sequence.is_not_null());
    let rows: Vec<(Uuid, i64)> =
        query.select_only().column(Column::EventId).column(Column::Sequence).into_tuple().all(&from.executor()).await?;
    Ok(rows.into_iter().collect())
}

/// At most `limit` events after a sequence and up to another, in their order.
pub async fn between(
    from: &impl Source,
    scope: &Scope,
    filter: &EventFilter,
    (after, upto): (i64, i64),
    limit: u64,
) -> Result<Vec<Event>, Error> {
    let events = matching(scope, filter)
        .join(JoinType::InnerJoin, to_event().rev())
        .filter(Expr::col((Entity, Column::TenantId)).eq(scope.tenant.uuid()))
        .filter(Expr::col((Entity, Column::Sequence)).gt(after))
        .filter(Expr::col((Entity, Column::Sequence)).lte(upto))
        .column_as(Column::Sequence, "sequence")
        .order_by_asc(Column::Sequence)
        .limit(limit);
    let rows = events.into_model::<Numbered>().all(&from.executor()).await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

/// Whose event it is, and of which type.
pub type Headline = (i64, TenantId, String);

/// The headlines of at most `limit` events of all tenants after a sequence and up to another, in their order.
pub async fn headlines(from: &impl Source, (after, upto): (i64, i64), limit: u64) -> Result<Vec<Headline>, Error> {
    let found = Entity::find()
        .join(JoinType::InnerJoin, to_event())
        .filter(Column::Sequence.gt(after))
        .filter(Column::Sequence.lte(upto))
        .select_only()
        .column(Column::Sequence)
        .column(Column::TenantId)
        .column(events::Column::Type)
        .order_by_asc(Column::Sequence)
        .limit(limit);
    let rows: Vec<(i64, Uuid, String)> = found.into_tuple().all(&from.executor()).await?;
    Ok(rows.into_iter().map(|(sequence, tenant, name)| (sequence, TenantId::from_uuid(tenant), name)).collect())
}

/// Removes events that were told before a time, the oldest first, but never the last one, from which the next sequence follows.
/// Answers whether there may be more.
pub async fn purge(tx: &Tx, before: Time, limit: u64) -> Result<bool, Error> {
    let last = last(tx).await?;
    let oldest = Entity::find()
        .join(JoinType::InnerJoin, to_event())
        .filter(Column::Sequence.lt(last))
        .select_only()
        .column(Column::EventId)
        .column(events::Column::CreateTime)
        .order_by_asc(Column::Sequence)
        .limit(limit);
    let rows: Vec<(Uuid, i64)> = oldest.into_tuple().all(&tx.executor()).await?;
    let old: Vec<_> = rows.iter().filter(|(_, time)| *time < before.micros()).map(|(id, _)| *id).collect();
    if old.is_empty() {
        return Ok(false);
    }
    let is_full = old.len() as u64 == limit;
    Entity::delete_many().filter(Column::EventId.is_in(old.clone())).exec(&tx.executor()).await?;
    events::Entity::delete_many().filter(events::Column::Id.is_in(old)).exec(&tx.executor()).await?;
    Ok(is_full)
}

fn to_event() -> RelationDef {
    Entity::belongs_to(events::Entity).from(Column::EventId).to(events::Column::Id).into()
}
