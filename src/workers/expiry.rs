//! Lets expire what is due: orders that nobody paid, reservations, quotes, approvals.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::app::expiry::sweep;

/// How often it looks.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs until `stop`. A round that has begun ends.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        sweep(&app).await;
    }
}
