//! History: how long it is kept that something happened.

use std::sync::Arc;

use super::{App, Error};
use crate::store::{event_log, jobs};

/// Rows removed in one transaction: few enough that a write hardly waits for it on SQLite, which has one writer.
const ROWS_PER_TRANSACTION: u64 = 500;

/// Removes some events, and jobs that are over with their reports, that are older than they are kept. Answers whether there may
/// be others.
///
/// # Errors
/// When the database does not do it; then they wait for the next time.
pub async fn purge_history(app: &Arc<App>) -> Result<bool, Error> {
    let Some(retention) = app.settings.history_retention else { return Ok(false) };
    let purged = app.work(move |tx| {
        Box::pin(async move {
            let before = tx.time().await?.minus(retention);
            let events = event_log::purge(tx, before, ROWS_PER_TRANSACTION).await?;
            let jobs = jobs::purge(tx, before, ROWS_PER_TRANSACTION).await?;
            Ok(events || jobs)
        })
    });
    purged.await
}
