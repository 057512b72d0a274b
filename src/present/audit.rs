//! Audit events.

use super::parse::{Parser, parse_id};
use super::shared::{actor, optional, page_request, time};
use crate::contract::pb;
use crate::domain::audit::{AuditEvent, AuditFilter, AuditList};
use crate::domain::ids::AuditEventId;
use crate::domain::violation::Violation;

impl TryFrom<pb::GetAuditEventRequest> for AuditEventId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetAuditEventRequest) -> Result<Self, Vec<Violation>> {
        parse_id("audit_event_id", &message.audit_event_id)
    }
}

impl TryFrom<pb::ListAuditEventsRequest> for AuditList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListAuditEventsRequest) -> Result<Self, Vec<Violation>> {
        let (mut parser, page) = (Parser::default(), page_request(&mut message));
        let filter = AuditFilter {
            resource: parser.resource("resource_id", &message.resource_id),
            actor: parser.maybe_id("actor", &message.actor),
            created: parser.created(message.create_time_after, message.create_time_before),
            resource_type: optional(message.resource_type),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

/// An audit event.
#[must_use]
pub fn audit_event(event: &AuditEvent) -> pb::AuditEvent {
    pb::AuditEvent {
        id: event.id.to_string(),
        actor: actor(event.actor),
        owner: event.owner.clone(),
        // The contract names methods without the slash that gRPC paths begin with.
        method: event.method.trim_start_matches('/').to_owned(),
        resource_type: event.resource.kind.clone(),
        resource_id: event.resource.to_string(),
        request_id: event.request_id.clone(),
        reason: event.reason.clone(),
        create_time: Some(time(event.create_time)),
    }
}
