//! Stored replies: how long they are kept for their keys, and how they go.

use super::{App, Error};
use crate::domain::time::Time;
use crate::store::idempotency as rows;

/// How long an answer is kept for its key.
const RETENTION_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// Keys removed in one transaction: few enough that a write hardly waits for it on SQLite, which has one writer.
const KEYS_PER_TRANSACTION: u64 = 1000;

/// What was answered before this counts no more.
pub(super) fn expired_before(now: Time) -> Time {
    Time::from_micros(now.micros() - RETENTION_MICROS)
}

/// Removes some keys whose answers count no more. Answers whether there may be others.
///
/// # Errors
/// When the database does not do it; then they wait for the next time.
pub async fn purge_keys(app: &App) -> Result<bool, Error> {
    let tx = app.db.begin().await?;
    let gone = rows::purge(&tx, expired_before(app.clock.now()), KEYS_PER_TRANSACTION).await?;
    tx.commit().await?;
    Ok(gone == KEYS_PER_TRANSACTION)
}
