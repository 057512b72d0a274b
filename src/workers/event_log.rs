//! Keeps the log of events going: numbers what was committed here or elsewhere, and wakes those who wait for events.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::app::events::{advance, listen_to_others};

/// How often it looks by itself: hints may be lost, and whoever wrote may have died before it could give one.
const PERIOD: Duration = Duration::from_secs(1);

/// How long it leaves the database to others between two rounds; what is written meanwhile shares the next one.
const PAUSE: Duration = Duration::from_millis(2);

/// How long it waits before it listens again, when the database went away.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Runs until `stop`. A round that has begun ends.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let heard = Notify::new();
    let work = async {
        tokio::join!(keep_up(&app, &heard), listen(&app, &heard));
    };
    stop.run_until_cancelled(work).await;
}

async fn keep_up(app: &App, heard: &Notify) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.signals.wrote.notified() => {}
            () = heard.notified() => {}
            _ = ticks.tick() => {}
        }
        if let Err(error) = advance(app).await {
            tracing::debug!(%error, "the log of events does not go on");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Hears what other processes have numbered.
async fn listen(app: &App, heard: &Notify) {
    loop {
        match listen_to_others(app).await {
            Ok(None) => return,
            Ok(Some(mut listener)) => {
                while listener.hear().await.is_ok() {
                    heard.notify_one();
                }
            }
            Err(error) => tracing::debug!(%error, "nothing can be heard of other processes"),
        }
        tokio::time::sleep(AFTER_FAILURE).await;
    }
}
