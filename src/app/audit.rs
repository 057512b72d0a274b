//! Use cases of the audit. It is written by `Call::record`, with every effect.

use super::{Error, Page, Placed, Read, Thing};
use crate::domain::audit::{AuditEvent, AuditList};
use crate::domain::ids::{AuditEventId, TypedId};
use crate::store::{Position, audit as rows};

impl Placed for AuditEvent {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// The audit event with this id.
pub async fn get(call: &Read, id: AuditEventId) -> Result<AuditEvent, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::AuditEvent, field: None })
}

/// A page of audit events.
pub async fn list(call: &Read, list: &AuditList) -> Result<Page<AuditEvent>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}
