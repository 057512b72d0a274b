//! What one process of those that share a database does once a minute: idempotency keys whose answers count no more are removed, and
//! so is history that is old enough; lines of orders that the release before wrote are completed.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::app::history::{purge_endpoints, purge_history};
use crate::app::orders::complete_lines;
use crate::app::replies::purge_keys;
use crate::app::{App, Error, Turn};

/// How long after the start it looks for the first time.
const FIRST: Duration = Duration::from_secs(1);

/// How often it looks.
const PERIOD: Duration = Duration::from_mins(1);

/// How long the process that does it may be silent before another one does: longer than it sleeps.
const TERM: Duration = Duration::from_mins(4);

/// How long it leaves the database to others between two batches.
const PAUSE: Duration = Duration::from_millis(50);

/// Runs until `stop`. A batch that has begun ends.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval_at(Instant::now() + FIRST, PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = Turn::new("upkeep", TERM);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if !turn.is_mine(&app).await {
            continue;
        }
        if let Err(error) = complete_lines(&app).await {
            tracing::debug!(%error, "lines of another version were not completed");
        }
        all(&stop, || purge_keys(&app)).await;
        all(&stop, || purge_history(&app)).await;
        all(&stop, || purge_endpoints(&app)).await;
    }
    turn.give_back(&app).await;
}

/// Everything there is to remove, batch by batch, until it was told to stop.
async fn all<F: Future<Output = Result<bool, Error>>>(stop: &CancellationToken, batch: impl Fn() -> F) {
    loop {
        match batch().await {
            Ok(true) if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() => {}
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(%error, "what is old was not removed");
                return;
            }
        }
    }
}
