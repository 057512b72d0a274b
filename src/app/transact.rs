//! One transaction a write: key, effect, events, audit and stored reply become true together, or not at all.
//!
//! A write runs in its own task. Once begun it runs to its end, whatever becomes of the client who asked for it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use super::replies::expired_before;
use super::{App, Call, Caller, Error, Read};
use crate::domain::etag::Precondition;
use crate::domain::ids::TenantId;
use crate::store::idempotency::{self, Claim, KeyId};
use crate::store::{self, Tx};

/// How often a transaction that met another one is run.
const TRIES: u32 = 3;

/// How long a write waits for a place when there are too many.
const PATIENCE: Duration = Duration::from_secs(1);

/// An idempotency key with the fingerprint of its request.
#[derive(Debug, Clone)]
pub struct Key {
    /// What the client sent.
    pub text: String,
    /// The digest of the normalized request.
    pub fingerprint: [u8; idempotency::FINGERPRINT_BYTES],
}

/// Everything about a write but what it does.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The method's gRPC path.
    pub method: &'static str,
    /// The name of the request in logs and audit.
    pub request_id: String,
    /// The key, for writes that have one.
    pub key: Option<Key>,
    /// The etags that the thing may have.
    pub condition: Option<Precondition>,
    /// Only the checks are wanted: nothing is stored, not even a key.
    pub dry_run: bool,
}

/// What came of a write.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It happened now.
    Done(T),
    /// It had happened; this is the encoded reply it was answered with.
    Replayed(Vec<u8>),
}

enum Attempt<T> {
    Over(Outcome<T>),
    Again(Error),
}

impl App {
    /// A read by this caller.
    #[must_use]
    pub fn read(self: &Arc<Self>, caller: Arc<Caller>) -> Read {
        Read { app: Arc::clone(self), caller, reader: self.db.reader() }
    }

    /// Does something that nobody asked for, in one transaction. `act` is what the audit calls it.
    ///
    /// # Errors
    /// Those of `run`, and what the database says.
    pub async fn by_itself<T, F>(self: &Arc<Self>, tenant: TenantId, act: &'static str, run: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a Call) -> BoxFuture<'a, Result<T, Error>> + Send + Sync + 'static,
    {
        let ticket = Ticket {
            caller: Arc::new(Caller::service(tenant)),
            method: act,
            request_id: String::new(),
            key: None,
            condition: None,
            dry_run: false,
        };
        match self.transact(ticket, run, |_| Vec::new()).await? {
            Outcome::Done(done) => Ok(done),
            Outcome::Replayed(_) => Err(Error::Fault(format!("{act} has no key, and was replayed"))),
        }
    }

    /// Runs a write in one transaction, at most once for its key. `encode` makes the reply that is stored with the key.
    pub async fn transact<T, F>(
        self: &Arc<Self>,
        ticket: Ticket,
        run: F,
        encode: fn(&T) -> Vec<u8>,
    ) -> Result<Outcome<T>, Error>
    where
        T: Send + 'static,
        F: for<'a> Fn(&'a Call) -> BoxFuture<'a, Result<T, Error>> + Send + Sync + 'static,
    {
        let (app, (tell, told)) = (Arc::clone(self), oneshot::channel());
        let task = async move {
            let outcome = app.once(&ticket, &run, encode).await;
            // Nobody waits any more: the client went away. A failure must not go unnoticed.
            if let Err(Err(error)) = tell.send(outcome) {
                tracing::warn!(%error, method = ticket.method, "a write failed after its client had left");
            }
        };
        self.tasks.spawn(task.instrument(Span::current()));
        told.await.unwrap_or_else(|_| Err(Error::Fault("a write panicked".to_owned())))
    }

    async fn once<T, F>(
        self: &Arc<Self>,
        ticket: &Ticket,
        run: &F,
        encode: fn(&T) -> Vec<u8>,
    ) -> Result<Outcome<T>, Error>
    where
        F: for<'a> Fn(&'a Call) -> BoxFuture<'a, Result<T, Error>>,
    {
        let key = ticket.key.as_ref().map(|key| KeyId {
            tenant: ticket.caller.tenant,
            principal: ticket.caller.key,
            method: ticket.method,
            key: key.text.clone(),
        });
        let _pass = match &key {
            Some(key) => Some(self.gate.enter(key).await.ok_or(Error::KeyInFlight)?),
            None => None,
        };
        // After the gate, so that twins that only wait keep nobody else out.
        let waiting = tokio::time::timeout(PATIENCE, self.writes.acquire());
        let _place = waiting.await.map_err(|_| Error::Overloaded)?.map_err(|_| Error::Overloaded)?;
        let mut tries = 1;
        loop {
            match self.attempt(ticket, key.as_ref(), run, encode).await? {
                Attempt::Over(outcome) => return Ok(outcome),
                Attempt::Again(error) if tries == TRIES => return Err(error),
                Attempt::Again(error) => tracing::debug!(%error, tries, "a transaction is run again"),
            }
            tries += 1;
            tokio::time::sleep(self.entropy.jitter()).await;
        }
    }

    async fn attempt<T, F>(
        self: &Arc<Self>,
        ticket: &Ticket,
        key: Option<&KeyId>,
        run: &F,
        encode: fn(&T) -> Vec<u8>,
    ) -> Result<Attempt<T>, Error>
    where
        F: for<'a> Fn(&'a Call) -> BoxFuture<'a, Result<T, Error>>,
    {
        let tx = match self.db.begin().await {
            Ok(tx) => tx,
            Err(error) => return again_or_not(error.into()),
        };
        let (caller, condition) = (Arc::clone(&ticket.caller), ticket.condition.clone());
        let now = self.clock.now();
        let (app, dry_run) = (Arc::clone(self), ticket.dry_run);
        let call = Call { app, caller, tx, now, dry_run, condition, notes: Mutex::default() };
        match self.effect(&call, ticket, key, run, encode).await {
            Ok(done @ Outcome::Done(_)) if ticket.dry_run => {
                call.tx.rollback().await;
                Ok(Attempt::Over(done))
            }
            Ok(Outcome::Done(reply)) => {
                let has_job = call.has_job();
                match call.tx.commit().await {
                    Ok(()) => {
                        self.signals.wrote.notify_one();
                        if has_job {
                            self.signals.job.notify_one();
                        }
                        Ok(Attempt::Over(Outcome::Done(reply)))
                    }
                    Err(error) => again_or_not(error.into()),
                }
            }
            Ok(replayed @ Outcome::Replayed(_)) => {
                call.tx.rollback().await;
                Ok(Attempt::Over(replayed))
            }
            Err(error) => {
                call.tx.rollback().await;
                again_or_not(error)
            }
        }
    }

    async fn effect<T, F>(
        &self,
        call: &Call,
        ticket: &Ticket,
        key: Option<&KeyId>,
        run: &F,
        encode: fn(&T) -> Vec<u8>,
    ) -> Result<Outcome<T>, Error>
    where
        F: for<'a> Fn(&'a Call) -> BoxFuture<'a, Result<T, Error>>,
    {
        if let (Some(id), Some(key)) = (key, &ticket.key)
            && let Some(reply) = claim(&call.tx, id, key, call).await?
        {
            return Ok(Outcome::Replayed(reply));
        }
        let reply = run(call).await?;
        if call.condition_forgotten() {
            return Err(Error::Fault(format!("{} did not look at the etag", ticket.method)));
        }
        let person = call.person();
        call.record(ticket.method, &ticket.request_id).await?;
        if let Some(id) = key {
            idempotency::answer(&call.tx, id, encode(&reply), person).await?;
        }
        Ok(Outcome::Done(reply))
    }
}

/// Claims the key; the stored reply when it has one.
async fn claim(tx: &Tx, id: &KeyId, key: &Key, call: &Call) -> Result<Option<Vec<u8>>, Error> {
    match idempotency::claim(tx, id, &key.fingerprint, call.now, expired_before(call.now)).await {
        Ok(Claim::Won) => Ok(None),
        Ok(Claim::Taken { fingerprint, .. }) if fingerprint != key.fingerprint => Err(Error::KeyReused),
        Ok(Claim::Taken { reply, .. }) => Ok(Some(reply)),
        // A twin in another process is still at it.
        Ok(Claim::Vanished) | Err(store::Error::LockTimeout(_)) => Err(Error::KeyInFlight),
        Err(error) => Err(error.into()),
    }
}

/// A transaction that another one got in the way of may pass when run again. So may one that lost a race for a unique
/// value, or for a row that it names or removes: next time it finds whoever won, and can say so.
fn again_or_not<T>(error: Error) -> Result<Attempt<T>, Error> {
    use store::Error::{Conflict, Duplicate, ForeignKey, Stale};
    match error {
        Error::Store(Conflict(_) | Stale | Duplicate(_) | ForeignKey(_)) => Ok(Attempt::Again(error)),
        other => Err(other),
    }
}
