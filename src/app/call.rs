//! What a use case is given: a read, or a write with its transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::{App, Caller, Error, Thing};
use crate::domain::etag::{Precondition, Versioned, etag};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{CustomerId, EventId, StockMovementId, TypedId};
use crate::domain::time::Time;
use crate::store::audit::{self, AuditRow};
use crate::store::events::{self, EventRow};
use crate::store::{Reader, Scope, Tx};

/// A read.
#[derive(Debug)]
pub struct Read {
    pub(super) app: Arc<App>,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// Where to read.
    pub reader: Reader,
}

impl Read {
    /// What may be read.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.caller.scope()
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Time {
        self.app.clock.now()
    }
}

/// A write, inside its transaction.
#[derive(Debug)]
pub struct Call {
    pub(super) app: Arc<App>,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The transaction.
    pub tx: Tx,
    /// The time of everything in it.
    pub now: Time,
    /// Whether only the checks are wanted: nothing of it stays.
    pub dry_run: bool,
    pub(super) condition: Option<Precondition>,
    pub(super) notes: Mutex<Notes>,
}

/// What a write leaves beside its effect.
#[derive(Debug, Default)]
pub(super) struct Notes {
    acts: Vec<Act>,
    reason: String,
    person: Option<CustomerId>,
    condition_checked: bool,
    has_job: bool,
}

/// Where a part of a write began.
#[derive(Debug)]
pub(super) struct Savepoint {
    acts: usize,
    person: Option<CustomerId>,
}

/// Something that a write changed.
#[derive(Debug)]
pub(super) struct Act {
    resource_type: &'static str,
    resource_id: Uuid,
    person: Option<CustomerId>,
    event: Option<EventRow>,
}

impl Call {
    /// What may be read and changed.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.caller.scope()
    }

    /// A new id.
    #[must_use]
    pub fn id<T: TypedId>(&self) -> T {
        self.app.entropy.id(self.now)
    }

    /// A new UUID, of a row that no client sees.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.id::<StockMovementId>().uuid()
    }

    /// A new secret.
    pub fn secret(&self) -> Result<String, Error> {
        self.app.entropy.secret().map_err(|error| Error::Fault(error.to_string()))
    }

    /// A secret as its answer shows it: one that is not kept would only mislead.
    #[must_use]
    pub fn shown(&self, secret: String) -> String {
        if self.dry_run { String::new() } else { secret }
    }

    /// The thing that a write is about: it is there, and as the caller expects it.
    ///
    /// # Errors
    /// `NotFound`; `EtagMismatch` when it is not as the caller expects it.
    pub fn expect<T: Versioned>(&self, thing: Thing, found: Option<T>) -> Result<T, Error> {
        let found = found.ok_or(Error::NotFound { thing, field: None })?;
        self.notes().condition_checked = true;
        match &self.condition {
            Some(condition) if !condition.admits(found.version()) => {
                Err(Error::EtagMismatch { current: etag(found.version()) })
            }
            _ => Ok(found),
        }
    }

    /// Whether an etag was asked for and nobody looked at it: a bug of the use case.
    pub(super) fn condition_forgotten(&self) -> bool {
        self.condition.is_some() && !self.notes().condition_checked
    }

    /// Notes why, for the audit.
    pub fn because(&self, reason: &str) {
        reason.clone_into(&mut self.notes().reason);
    }

    /// Why, as it was noted.
    #[must_use]
    pub fn reason(&self) -> String {
        self.notes().reason.clone()
    }

    /// Notes a change for the audit.
    pub fn changed(&self, subject: Subject<'_>) {
        let (resource_type, resource_id) = (subject.resource_type(), subject.id());
        self.notes().acts.push(Act { resource_type, resource_id, person: subject.person(), event: None });
    }

    /// Notes that there will be a job to run.
    pub(super) fn enqueued(&self) {
        self.notes().has_job = true;
    }

    /// Whether there will be a job to run.
    pub(super) fn has_job(&self) -> bool {
        self.notes().has_job
    }

    /// Notes whose personal data the reply shows. What was changed says so by itself; this is for a write that may find
    /// nothing to change.
    pub fn shows(&self, person: CustomerId) {
        self.notes().person = Some(person);
    }

    /// The customer whose personal data the reply may hold.
    pub(super) fn person(&self) -> Option<CustomerId> {
        let notes = self.notes();
        notes.person.or_else(|| notes.acts.iter().find_map(|act| act.person))
    }

    /// Notes a change for the audit, and tells it as an event.
    pub fn tell(&self, event_type: EventType, subject: Subject<'_>) {
        self.told(event_type, subject);
    }

    /// The same, and answers the event.
    pub(super) fn told(&self, event_type: EventType, subject: Subject<'_>) -> EventId {
        let id = self.id();
        let event = EventRow {
            id,
            tenant: self.caller.tenant,
            customer: subject.customer(),
            event_type,
            resource_type: subject.resource_type(),
            resource_id: subject.id(),
            resource_sequence: subject.version(),
            data: (self.app.presentation.snapshot)(subject),
            actor: self.caller.key,
            time: self.now,
        };
        let (resource_type, resource_id) = (event.resource_type, event.resource_id);
        self.notes().acts.push(Act { resource_type, resource_id, person: subject.person(), event: Some(event) });
        id
    }

    /// Begins a part of the write that can be undone by itself.
    pub(super) async fn savepoint(&self) -> Result<Savepoint, Error> {
        self.tx.savepoint().await?;
        let notes = self.notes();
        Ok(Savepoint { acts: notes.acts.len(), person: notes.person })
    }

    /// The part stays.
    pub(super) async fn keep(&self, _: Savepoint) -> Result<(), Error> {
        Ok(self.tx.release_savepoint().await?)
    }

    /// Undoes the part, and what was noted of it.
    pub(super) async fn undo(&self, before: Savepoint) -> Result<(), Error> {
        {
            let mut notes = self.notes();
            notes.acts.truncate(before.acts);
            notes.person = before.person;
        }
        Ok(self.tx.undo_to_savepoint().await?)
    }

    /// Writes what was noted.
    pub(super) async fn record(&self, method: &str, request_id: &str) -> Result<(), Error> {
        let (acts, reason) = {
            let mut notes = self.notes();
            (std::mem::take(&mut notes.acts), std::mem::take(&mut notes.reason))
        };
        let audits: Vec<_> = acts.iter().map(|act| self.audit_row(act, method, request_id, &reason)).collect();
        audit::append(&self.tx, audits).await?;
        Ok(events::append(&self.tx, acts.into_iter().filter_map(|act| act.event)).await?)
    }

    fn audit_row<'a>(&'a self, act: &Act, method: &'a str, request_id: &'a str, reason: &'a str) -> AuditRow<'a> {
        AuditRow {
            id: self.id(),
            tenant: self.caller.tenant,
            actor: self.caller.key,
            owner: &self.caller.owner,
            method,
            resource_type: act.resource_type,
            resource_id: act.resource_id,
            request_id,
            reason,
            time: self.now,
        }
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
