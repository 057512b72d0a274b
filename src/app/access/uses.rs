//! When keys were used. Requests note it in memory, and a worker writes it down, so that reads stay reads.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::app::{App, Error};
use crate::domain::ids::ApiKeyId;
use crate::domain::time::Time;
use crate::store::keys::{self as rows, Key};

/// Uses that are not written down yet. Sorted, so that replicas which write at the same time lock in the same order.
#[derive(Debug, Default)]
pub(in crate::app) struct Uses(Mutex<BTreeMap<ApiKeyId, Time>>);

impl Uses {
    /// Notes a use, unless a recent one is known.
    pub(super) fn note(&self, key: &Key, now: Time) {
        if key.use_is_news(now) {
            self.pending().insert(key.id, now);
        }
    }

    fn take(&self) -> Vec<(ApiKeyId, Time)> {
        std::mem::take(&mut *self.pending()).into_iter().collect()
    }

    /// Uses that could not be written wait on; newer ones stay.
    fn put_back(&self, uses: Vec<(ApiKeyId, Time)>) {
        let mut pending = self.pending();
        for (key, time) in uses {
            pending.entry(key).or_insert(time);
        }
    }

    fn pending(&self) -> MutexGuard<'_, BTreeMap<ApiKeyId, Time>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what was noted, in one transaction.
///
/// # Errors
/// When the database does not do it; then the uses wait for the next time.
pub async fn write_uses(app: &App) -> Result<(), Error> {
    let uses = app.uses.take();
    if uses.is_empty() {
        return Ok(());
    }
    let written = write(app, &uses).await;
    if written.is_err() {
        app.uses.put_back(uses);
    }
    written
}

async fn write(app: &App, uses: &[(ApiKeyId, Time)]) -> Result<(), Error> {
    let tx = app.db.begin().await?;
    match rows::used(&tx, uses).await {
        Ok(()) => Ok(tx.commit().await?),
        Err(error) => {
            tx.rollback().await;
            Err(error.into())
        }
    }
}
