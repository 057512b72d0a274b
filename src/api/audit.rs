//! `AuditService`.

use super::pages;
use crate::app::{self, Error, Read};
use crate::contract::pb;
use crate::domain::audit::AuditList;
use crate::domain::ids::AuditEventId;
use crate::present::audit as show;

pub(super) async fn get_audit_event(call: &Read, id: AuditEventId) -> Result<pb::AuditEvent, Error> {
    Ok(show::audit_event(&app::audit::get(call, id).await?))
}

pub(super) async fn list_audit_events(call: &Read, list: AuditList) -> Result<pb::ListAuditEventsResponse, Error> {
    let page = app::audit::list(call, &list).await?;
    let (audit_events, next_page_token) = pages::fit(&page, show::audit_event);
    Ok(pb::ListAuditEventsResponse { audit_events, next_page_token })
}
