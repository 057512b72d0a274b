//! History: how long it is kept that something happened.

use std::sync::Arc;

use super::{App, Error};
use crate::store::{event_log, jobs, webhook_work};

/// Rows removed in one transaction: few enough that a write hardly waits for it on SQLite, which has one writer.
const ROWS_PER_TRANSACTION: u64 = 500;

/// Removes some events, deliveries of webhooks that are over, and jobs that are over with their reports, that are older than they are kept. Answers whether there may
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
            let deliveries = webhook_work::purge(tx, before, ROWS_PER_TRANSACTION).await?;
            Ok(events || jobs || deliveries)
        })
    });
    purged.await
}

/// Removes what is left of webhook endpoints that were deleted. Answers whether there may be more.
///
/// # Errors
/// When the database does not do it; then it waits for the next time.
pub async fn purge_endpoints(app: &Arc<App>) -> Result<bool, Error> {
    app.work(|tx| Box::pin(async move { Ok(webhook_work::purge_deleted(tx, ROWS_PER_TRANSACTION).await?) })).await
}
