//! Writes down when keys were used.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::app::access::write_uses;

/// How often it looks.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs until `stop`; what was noted by then is written at the end.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_last = tokio::select! {
            _ = ticks.tick() => false,
            () = stop.cancelled() => true,
        };
        // Nothing is lost that would be worth more than a line: the uses wait for the next time.
        if let Err(error) = write_uses(&app).await {
            tracing::debug!(%error, "the uses of keys were not written down");
        }
        if is_last {
            return;
        }
    }
}
