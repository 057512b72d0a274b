//! `AuditService`.

use crate::app::{Error, Read};
use crate::contract::pb;

pub(super) async fn get_audit_event(
    _call: &Read,
    _request: super::stubs::Stub<pb::GetAuditEventRequest>,
) -> Result<pb::AuditEvent, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn list_audit_events(
    _call: &Read,
    _request: super::stubs::Stub<pb::ListAuditEventsRequest>,
) -> Result<pb::ListAuditEventsResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}
