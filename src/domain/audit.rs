//! The audit: who changed what, and by which call.

use super::ids::{ApiKeyId, AuditEventId};
use super::page::PageRequest;
use super::resource::{RecordedResource, Resource};
use super::time::{Time, TimeRange};

/// One change of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its id.
    pub id: AuditEventId,
    /// The key that did it.
    pub actor: ApiKeyId,
    /// The person behind that key, at that time.
    pub owner: String,
    /// The method's gRPC path, or `console`.
    pub method: String,
    /// What was changed.
    pub resource: RecordedResource,
    /// The name of the request; empty at the console.
    pub request_id: String,
    /// Why, where the caller said so.
    pub reason: String,
    /// When.
    pub create_time: Time,
}

/// Which audit events a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only changes of this kind of thing.
    pub resource_type: Option<String>,
    /// Only changes of this thing.
    pub resource: Option<Resource>,
    /// Only what this key did.
    pub actor: Option<ApiKeyId>,
    /// Only what was done in this time.
    pub created: TimeRange,
}

/// Audit events, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditList {
    /// Which.
    pub filter: AuditFilter,
    /// Which page.
    pub page: PageRequest,
}
