//! What one of several processes does at a time, as long as it lives.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{App, Error};
use crate::store::leases;

/// A part of the term after which a lease is renewed.
const RENEWED_AFTER: u32 = 3;

/// Something that is this process's turn as long as it has the lease.
#[derive(Debug)]
pub struct Turn {
    name: &'static str,
    term: Duration,
    taken: Option<Instant>,
}

impl Turn {
    /// A turn that somebody else may take when nothing was heard for so long.
    #[must_use]
    pub const fn new(name: &'static str, term: Duration) -> Self {
        Self { name, term, taken: None }
    }

    /// Whether it is this process's turn. Others may think so soon after, so that whatever is done must bear being done twice.
    pub async fn is_mine(&mut self, app: &Arc<App>) -> bool {
        if self.taken.is_some_and(|taken| taken.elapsed() < self.term / RENEWED_AFTER) {
            return true;
        }
        let (name, term, process) = (self.name, self.term, app.process);
        let taken = app.work(move |tx| {
            Box::pin(async move { Ok(leases::take(tx, name, process, tx.time().await?, term).await?) })
        });
        let is_mine = told(taken.await, name);
        self.taken = is_mine.then(Instant::now);
        is_mine
    }

    /// Lets somebody else have it at once.
    pub async fn give_back(self, app: &Arc<App>) {
        if self.taken.is_none() {
            return;
        }
        let (name, process) = (self.name, app.process);
        let released = app.work(move |tx| {
            Box::pin(async move {
                leases::release(tx, name, process).await?;
                Ok(true)
            })
        });
        told(released.await, name);
    }
}

fn told(outcome: Result<bool, Error>, name: &str) -> bool {
    outcome.unwrap_or_else(|error| {
        tracing::debug!(%error, name, "nobody knows whose turn it is");
        false
    })
}
