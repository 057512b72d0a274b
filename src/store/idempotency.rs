//! Keys of writes. A key is claimed first, and gets its reply last, in the transaction of the effect.
//!
//! The unique index is what makes a twin in another process wait: its claim blocks until the first one commits or rolls back.

use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set};

use super::entities::idempotency_keys::{ActiveModel, Column, Entity};
use super::{CorruptRow, Error, Source, Tx};
use crate::domain::ids::{ApiKeyId, CustomerId, TenantId, TypedId};
use crate::domain::time::Time;

/// How many bytes a fingerprint has.
pub const FINGERPRINT_BYTES: usize = 32;

/// Whose key it is: keys of different tenants, callers and methods never meet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyId {
    /// The tenant.
    pub tenant: TenantId,
    /// The caller, the same after its secret was rotated.
    pub principal: ApiKeyId,
    /// The method's gRPC path.
    pub method: &'static str,
    /// What the client sent.
    pub key: String,
}

/// What came of a claim.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// The key is ours: the effect may happen.
    Won,
    /// The key has an answer.
    Taken {
        /// Of the request that got it.
        fingerprint: Vec<u8>,
        /// The encoded reply message.
        reply: Vec<u8>,
    },
    /// The key was claimed, and was released while we looked. Try again.
    Vanished,
}

/// Claims a key. Answers that are older than `expired_before` no longer count.
pub async fn claim(tx: &Tx, id: &KeyId, fingerprint: &[u8], now: Time, expired_before: Time) -> Result<Claim, Error> {
    if insert(tx, id, fingerprint, now).await? {
        return Ok(Claim::Won);
    }
    let mut rows = Entity::find_by_id(primary_key(id)).all(&tx.executor()).await?;
    match rows.pop() {
        Some(row) if row.create_time < expired_before.micros() => {
            renew(tx, id, fingerprint, now, row.create_time).await
        }
        Some(row) => Ok(Claim::Taken { fingerprint: row.fingerprint, reply: row.reply.ok_or_else(unanswered)? }),
        None => Ok(Claim::Vanished),
    }
}

/// A key is committed with its answer or not at all.
fn unanswered() -> CorruptRow {
    CorruptRow::new("an idempotency key without its reply")
}

async fn insert(tx: &Tx, id: &KeyId, fingerprint: &[u8], now: Time) -> Result<bool, Error> {
    let row = ActiveModel {
        tenant_id: Set(id.tenant.uuid()),
        principal_id: Set(id.principal.uuid()),
        method: Set(id.method.to_owned()),
        key: Set(id.key.clone()),
        fingerprint: Set(fingerprint.to_vec()),
        reply: Set(None),
        customer_id: Set(None),
        create_time: Set(now.micros()),
    };
    let columns = [Column::TenantId, Column::PrincipalId, Column::Method, Column::Key];
    let keep_the_first = OnConflict::columns(columns).do_nothing().to_owned();
    let inserted = Entity::insert(row).on_conflict(keep_the_first).exec_without_returning(&tx.executor()).await?;
    Ok(inserted == 1)
}

/// Takes over a key whose answer is too old to count. Guarded, because a twin may do the same.
async fn renew(tx: &Tx, id: &KeyId, fingerprint: &[u8], now: Time, seen: i64) -> Result<Claim, Error> {
    let renewed = filtered(id)
        .filter(Column::CreateTime.eq(seen))
        .col_expr(Column::Fingerprint, Expr::value(fingerprint.to_vec()))
        .col_expr(Column::Reply, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::CustomerId, Expr::value(None::<uuid::Uuid>))
        .col_expr(Column::CreateTime, Expr::value(now.micros()))
        .exec(&tx.executor())
        .await?;
    Ok(if renewed.rows_affected == 1 { Claim::Won } else { Claim::Vanished })
}

/// Stores the answer of a key that was won, with the customer whose personal data it may hold.
pub async fn answer(tx: &Tx, id: &KeyId, reply: Vec<u8>, person: Option<CustomerId>) -> Result<(), Error> {
    filtered(id)
        .col_expr(Column::Reply, Expr::value(reply))
        .col_expr(Column::CustomerId, Expr::value(person.map(TypedId::uuid)))
        .exec(&tx.executor())
        .await?;
    Ok(())
}

/// Removes at most `limit` keys that are older than `expired_before`, the oldest first, and answers how many. A key that
/// another replica removes or gives away at this moment is left to it.
pub async fn purge(tx: &Tx, expired_before: Time, limit: u64) -> Result<u64, Error> {
    let columns = [Column::TenantId, Column::PrincipalId, Column::Method, Column::Key];
    let old = Entity::find()
        .select_only()
        .columns(columns)
        .filter(Column::CreateTime.lt(expired_before.micros()))
        .order_by_asc(Column::CreateTime)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let key = Expr::tuple(columns.map(Expr::col));
    let gone = Entity::delete_many().filter(key.in_subquery(old.into_query())).exec(&tx.executor()).await?;
    Ok(gone.rows_affected)
}

fn primary_key(id: &KeyId) -> (uuid::Uuid, uuid::Uuid, String, String) {
    (id.tenant.uuid(), id.principal.uuid(), id.method.to_owned(), id.key.clone())
}

fn filtered(id: &KeyId) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::TenantId.eq(id.tenant.uuid()))
        .filter(Column::PrincipalId.eq(id.principal.uuid()))
        .filter(Column::Method.eq(id.method))
        .filter(Column::Key.eq(id.key.as_str()))
}
