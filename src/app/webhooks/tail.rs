//! The end of the log of events in memory, so that endpoints which an event does not concern cost no look into the database.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::app::{App, Error};
use crate::domain::ids::TenantId;
use crate::domain::webhook::Subscription;
use crate::store::event_log::{Headline, headlines};

/// How many events are kept in mind.
const KEPT: usize = 20_000;

/// How many are read at once.
const BATCH: u64 = 1_000;

/// Whether there is an event for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// There is none up to here.
    Nothing(i64),
    /// There is one, or it is too long ago to say.
    Maybe,
}

/// The end of the log.
#[derive(Debug)]
pub struct Tail {
    reaches: watch::Sender<i64>,
    known: Mutex<Known>,
}

/// Every event after a sequence.
#[derive(Debug, Default)]
struct Known {
    after: i64,
    events: VecDeque<Headline>,
}

impl Default for Tail {
    fn default() -> Self {
        Self { reaches: watch::Sender::new(0), known: Mutex::default() }
    }
}

impl Tail {
    /// Reads on to where the log reaches.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn advance(&self, app: &App) -> Result<(), Error> {
        let (upto, mut after) = (*app.signals.log().borrow(), self.reaches());
        if after == 0 {
            self.add(Vec::new(), upto, true);
            return Ok(());
        }
        while after < upto {
            let found = headlines(&app.db.reader(), (after, upto), BATCH).await?;
            let is_full = found.len() as u64 == BATCH;
            after = found.last().map_or(upto, |(sequence, ..)| if is_full { *sequence } else { upto });
            self.add(found, after, false);
        }
        Ok(())
    }

    fn add(&self, found: Vec<Headline>, upto: i64, is_first: bool) {
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if is_first {
                known.after = upto;
            }
            known.events.extend(found);
            while known.events.len() > KEPT {
                known.after = known.events.pop_front().map_or(upto, |(sequence, ..)| sequence);
            }
        }
        self.reaches.send_replace(upto);
    }

    /// How far it was read.
    #[must_use]
    pub fn reaches(&self) -> i64 {
        *self.reaches.borrow()
    }

    /// How far it was read, and a way to wait until it was read farther.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.reaches.subscribe()
    }

    /// Whether a tenant has an event after a sequence that somebody subscribes to.
    pub(super) fn look(&self, tenant: TenantId, wanted: Subscription<'_>, after: i64) -> Look {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if after < known.after {
            return Look::Maybe;
        }
        let from = known.events.partition_point(|(sequence, ..)| *sequence <= after);
        let is_wanted = |(_, whose, name): &Headline| *whose == tenant && wanted.has(name);
        if known.events.range(from..).any(is_wanted) { Look::Maybe } else { Look::Nothing(after.max(self.reaches())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;
    use uuid::Uuid;

    #[test]
    fn only_what_concerns_somebody_calls_for_a_look() {
        let [ours, theirs] = [1, 2].map(|number| TenantId::from_uuid(Uuid::from_u128(number)));
        let (tail, types) = (Tail::default(), ["order.*".to_owned()]);
        tail.add(Vec::new(), 10, true);
        tail.add(vec![(11, theirs, "order.placed".into()), (12, ours, "customer.created".into())], 12, false);
        let look = |after| tail.look(ours, Subscription(&types), after);
        assert_eq!((look(9), look(10), look(12)), (Look::Maybe, Look::Nothing(12), Look::Nothing(12)));
        tail.add(vec![(14, ours, "order.placed".into())], 15, false);
        assert_eq!((look(10), look(13), look(14)), (Look::Maybe, Look::Maybe, Look::Nothing(15)));
        let flood = (16..).map(|sequence| (sequence, theirs, "order.placed".to_owned())).take(KEPT);
        tail.add(flood.collect(), 30_000, false);
        assert_eq!((look(13), look(14)), (Look::Maybe, Look::Nothing(30_000)));
    }
}
