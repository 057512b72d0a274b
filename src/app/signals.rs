//! Who waits for what in this process. Signals only wake: what there is to do, the database says, and everybody also looks by
//! itself from time to time.

use tokio::sync::{Notify, watch};

/// The signals of one process.
#[derive(Debug)]
pub struct Signals {
    /// Something was committed that may have told events.
    pub wrote: Notify,
    /// There may be a job to run.
    pub job: Notify,
    log: watch::Sender<i64>,
}

impl Default for Signals {
    fn default() -> Self {
        Self { wrote: Notify::new(), job: Notify::new(), log: watch::Sender::new(0) }
    }
}

impl Signals {
    /// Tells everybody that waits for events how far the log goes.
    pub fn log_reaches(&self, sequence: i64) {
        self.log.send_if_modified(|last| {
            let is_news = sequence > *last;
            *last = sequence.max(*last);
            is_news
        });
    }

    /// How far the log goes, and a way to wait until it goes farther.
    #[must_use]
    pub fn log(&self) -> watch::Receiver<i64> {
        self.log.subscribe()
    }
}
