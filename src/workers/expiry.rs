//! Lets expire what is due: orders that nobody paid, reservations, quotes, approvals, files of reports. One process of those that share
//! a database does it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::expiry::sweep;
use crate::app::{App, Turn};

/// How often it looks.
const PERIOD: Duration = Duration::from_secs(1);

/// How long the process that does it may be silent before another one does.
const TERM: Duration = Duration::from_secs(10);

/// Runs until `stop`. A round that has begun ends.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = Turn::new("expiry", TERM);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if turn.is_mine(&app).await {
            sweep(&app).await;
        }
    }
    turn.give_back(&app).await;
}
