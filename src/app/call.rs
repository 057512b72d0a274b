//! What a use case is given: a read, or a write with its transaction.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::{App, Caller, Error};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::TypedId;
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
    pub(super) acts: Mutex<Vec<Act>>,
}

/// Something that a write changed.
#[derive(Debug)]
pub(super) struct Act {
    resource_type: &'static str,
    resource_id: Uuid,
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

    /// A new secret.
    pub fn secret(&self) -> Result<String, Error> {
        self.app.entropy.secret().map_err(|error| Error::Fault(error.to_string()))
    }

    /// Notes a change for the audit.
    pub fn changed(&self, subject: Subject<'_>) {
        self.acts().push(Act { resource_type: subject.resource_type(), resource_id: subject.id(), event: None });
    }

    /// Notes a change for the audit, and tells it as an event.
    pub fn tell(&self, event_type: EventType, subject: Subject<'_>) {
        let event = EventRow {
            id: self.id(),
            tenant: self.caller.tenant,
            customer: subject.customer(),
            event_type,
            resource_type: subject.resource_type(),
            resource_id: subject.id(),
            resource_sequence: subject.version(),
            data: (self.app.snapshot)(subject),
            actor: self.caller.key,
            time: self.now,
        };
        let (resource_type, resource_id) = (event.resource_type, event.resource_id);
        self.acts().push(Act { resource_type, resource_id, event: Some(event) });
    }

    /// Writes what was noted.
    pub(super) async fn record(&self, method: &str, request_id: &str) -> Result<(), Error> {
        let acts = std::mem::take(&mut *self.acts());
        let audits: Vec<_> = acts.iter().map(|act| self.audit_row(act, method, request_id)).collect();
        audit::append(&self.tx, audits).await?;
        Ok(events::append(&self.tx, acts.into_iter().filter_map(|act| act.event)).await?)
    }

    fn audit_row<'a>(&'a self, act: &Act, method: &'a str, request_id: &'a str) -> AuditRow<'a> {
        AuditRow {
            id: self.id(),
            tenant: self.caller.tenant,
            actor: self.caller.key,
            owner: &self.caller.owner,
            method,
            resource_type: act.resource_type,
            resource_id: act.resource_id,
            request_id,
            time: self.now,
        }
    }

    fn acts(&self) -> MutexGuard<'_, Vec<Act>> {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
