//! Runs jobs, a few at a time. It is woken when one was asked for here, and looks by itself for those of other processes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::app::jobs::{bury, claim, run as run_job};

/// Jobs that run at a time.
const AT_ONCE: usize = 2;

/// How often it looks by itself.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs until `stop`, and then gives back what is not done.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = app.signals.job.notified() => {}
            Some(_) = running.join_next() => {}
            _ = ticks.tick() => {
                if let Err(error) = bury(&app).await {
                    tracing::debug!(%error, "jobs without a worker were not looked for");
                }
            }
        }
        while running.len() < AT_ONCE && !stop.is_cancelled() {
            match claim(&app).await {
                Ok(Some(claimed)) => drop(running.spawn(run_job(Arc::clone(&app), claimed, stop.clone()))),
                Ok(None) => break,
                Err(error) => {
                    tracing::debug!(%error, "no job can be claimed");
                    break;
                }
            }
        }
    }
    running.join_all().await;
}
