//! Twins in this process wait here, before they take a connection: a pile-up of one key must not empty the pool.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::store::idempotency::KeyId;

/// How long a twin waits for the first one.
const PATIENCE: Duration = Duration::from_secs(2);

type Slots = HashMap<KeyId, Arc<AsyncMutex<()>>>;

/// Lets one call a key through at a time.
#[derive(Debug, Default)]
pub(super) struct Gate {
    slots: Mutex<Slots>,
}

/// The right to use a key, until it is dropped.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    gate: &'a Gate,
    key: &'a KeyId,
    lock: Option<OwnedMutexGuard<()>>,
}

impl Gate {
    /// Waits for the key; `None` when the one before takes too long.
    pub(super) async fn enter<'a>(&'a self, key: &'a KeyId) -> Option<Pass<'a>> {
        let slot = self.slots().entry(key.clone()).or_default().clone();
        // Made before the wait, so that giving up cleans up as leaving does.
        let mut pass = Pass { gate: self, key, lock: None };
        pass.lock = Some(tokio::time::timeout(PATIENCE, slot.lock_owned()).await.ok()?);
        Some(pass)
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut slots = self.gate.slots();
        self.lock = None;
        // Whoever waits holds a clone, and a newcomer needs the map, which is ours.
        if slots.get(self.key).is_some_and(|slot| Arc::strong_count(slot) == 1) {
            slots.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ApiKeyId, TenantId, TypedId};
    use uuid::Uuid;

    fn key(text: &str) -> KeyId {
        let (tenant, principal) = (TenantId::from_uuid(Uuid::nil()), ApiKeyId::from_uuid(Uuid::nil()));
        KeyId { tenant, principal, method: "/x", key: text.to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_and_nothing_is_left_behind() {
        let (gate, one, other) = (Gate::default(), key("one"), key("other"));
        let first = gate.enter(&one).await.expect("free");
        assert!(gate.enter(&other).await.is_some(), "another key is another gate");
        assert!(gate.enter(&one).await.is_none(), "a twin gives up after a while");
        let (second, ()) = tokio::join!(gate.enter(&one), async { drop(first) });
        assert!(second.is_some(), "a twin follows the first");
        drop(second);
        assert!(gate.slots().is_empty());
    }
}
