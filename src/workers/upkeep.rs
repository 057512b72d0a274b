//! What is done once a minute: idempotency keys whose answers count no more are removed, and lines of orders that the release
//! before wrote are completed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::app::orders::complete_lines;
use crate::app::replies::purge_keys;

/// How long after the start it looks for the first time.
const FIRST: Duration = Duration::from_secs(1);

/// How often it looks.
const PERIOD: Duration = Duration::from_mins(1);

/// How long it leaves the database to others between two batches.
const PAUSE: Duration = Duration::from_millis(50);

/// Runs until `stop`. A batch that has begun ends.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval_at(Instant::now() + FIRST, PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = complete_lines(&app).await {
            tracing::debug!(%error, "lines of another version were not completed");
        }
        if purge(&app, &stop).await.is_none() {
            return;
        }
    }
}

/// Everything there is, batch by batch; `None` when it was told to stop.
async fn purge(app: &App, stop: &CancellationToken) -> Option<()> {
    loop {
        match purge_keys(app).await {
            Ok(true) => stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await?,
            Ok(false) => return Some(()),
            Err(error) => {
                tracing::debug!(%error, "old idempotency keys were not removed");
                return Some(());
            }
        }
    }
}
