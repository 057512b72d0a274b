//! What ends because nobody did anything in time. One process of those that share a database looks every second.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::{App, Error, approvals, inventory, orders, quotes, reports};
use crate::domain::ids::{TenantId, TypedId};

/// Things of a kind that are looked at in one round; the next round takes the others.
const PER_ROUND: u64 = 100;

/// How long something that did not expire is left alone.
const REST: Duration = Duration::from_mins(1);

/// How long a round removes files.
const FOR_FILES: Duration = Duration::from_secs(5);

/// How many things are left alone at most. Where more fail, it is not they that are at fault.
const MOST: usize = 10_000;

/// Lets everything expire that is due. What fails waits for a later round, and keeps nothing else from it.
pub async fn sweep(app: &Arc<App>) {
    tell("approvals", approvals::sweep_approvals(app).await);
    tell("reservations", inventory::sweep_reservations(app).await);
    tell("orders", orders::sweep_unpaid(app).await);
    tell("quotes", quotes::sweep_quotes(app).await);
    // A storage that does not answer keeps nothing else from its end.
    let reports = timeout(FOR_FILES, reports::sweep_reports(app)).await;
    tell("reports", reports.unwrap_or_else(|_| Err(Error::Upstream("the storage of files is slow".to_owned()))));
}

fn tell(what: &str, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, what, "what is due did not expire");
    }
}

/// Things that did not expire, and until when each is left alone. A round takes the oldest, so that without it a hundred of them would
/// keep all others waiting for ever.
#[derive(Debug, Default)]
pub(super) struct Failing(Mutex<HashMap<Uuid, Instant>>);

impl Failing {
    /// How many things a round must find for [`PER_ROUND`] of them to be looked at.
    pub(super) fn room(&self) -> u64 {
        let mut failing = self.lock();
        failing.retain(|_, until| *until > Instant::now());
        PER_ROUND + failing.len() as u64
    }

    fn rests(&self, id: Uuid) -> bool {
        self.lock().contains_key(&id)
    }

    fn note(&self, id: Uuid) {
        let mut failing = self.lock();
        if failing.len() < MOST {
            failing.insert(id, Instant::now() + REST);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does something with each thing that is due. One that fails is left alone for a while, and keeps no other from it.
pub(super) async fn each<T, F>(app: &App, what: &str, due: Vec<(TenantId, T)>, run: impl Fn(TenantId, T) -> F)
where
    T: TypedId + Display,
    F: Future<Output = Result<(), Error>>,
{
    for (tenant, id) in due {
        if app.failing.rests(id.uuid()) {
            continue;
        }
        if let Err(error) = run(tenant, id).await {
            tracing::warn!(%error, what, %id, "what is due did not expire");
            app.failing.note(id.uuid());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_fails_makes_room_for_others() {
        let (failing, id) = (Failing::default(), Uuid::from_u128(1));
        assert_eq!((failing.room(), failing.rests(id)), (PER_ROUND, false));
        failing.note(id);
        failing.note(id);
        assert_eq!((failing.room(), failing.rests(id)), (PER_ROUND + 1, true));
        tokio::time::advance(REST).await;
        assert_eq!((failing.room(), failing.rests(id)), (PER_ROUND, false));
    }
}
