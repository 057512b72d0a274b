//! Calls of `AccessService`, and of those who keep records: `EventService` and `AuditService`.

use tradepost::contract::pb;

use super::{Case, Hidden, Things};

pub(super) fn case(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("api_key_not_found");
    let (tenant_id, api_key_id) = (things.tenant.clone(), things.api_key.clone());
    match name {
        // Tenants belong to the installation: whoever may see one may see all.
        "CreateTenant" => {
            let request = pb::CreateTenantRequest { name: things.new_name.clone(), ..Default::default() };
            Case::new(request, Hidden::Nothing)
        }
        "GetTenant" => Case::new(pb::GetTenantRequest { tenant_id }, Hidden::Nothing),
        "ListTenants" => Case::new(pb::ListTenantsRequest::default(), Hidden::Nothing),
        "UpdateTenant" => {
            let patch = pb::TenantPatch { name: Some(things.new_name.clone()), ..Default::default() };
            let request = pb::UpdateTenantRequest { tenant_id, tenant: Some(patch), ..Default::default() };
            Case::new(request, Hidden::Nothing)
        }
        "CreateApiKey" => {
            let (name, role) = (things.new_name.clone(), pb::Role::Partner.into());
            let customer_id = things.customer.clone();
            let request = pb::CreateApiKeyRequest { name, role, customer_id, ..Default::default() };
            Case::new(request, Hidden::NotFound("customer_not_found"))
        }
        "GetApiKey" => Case::new(pb::GetApiKeyRequest { api_key_id }, hidden),
        "ListApiKeys" => Case::new(pb::ListApiKeysRequest::default(), Hidden::Empty("api_keys")),
        "RevokeApiKey" => Case::new(pb::RevokeApiKeyRequest { api_key_id, ..Default::default() }, hidden),
        "RotateApiKey" => Case::new(pb::RotateApiKeyRequest { api_key_id, ..Default::default() }, hidden),
        "Whoami" => Case::new(pb::WhoamiRequest {}, Hidden::Nothing),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}

pub(super) fn records(name: &str, things: &Things) -> Case {
    let resource_id = things.placed.clone();
    match name {
        "GetEvent" => {
            let event_id = things.event.clone();
            Case::new(pb::GetEventRequest { event_id }, Hidden::NotFound("event_not_found"))
        }
        "ListEvents" => Case::new(pb::ListEventsRequest { resource_id, ..Default::default() }, Hidden::Empty("events")),
        "WatchEvents" => {
            let request = pb::WatchEventsRequest { after_sequence: Some(0), resource_id, ..Default::default() };
            Case::new(request, Hidden::Empty("messages"))
        }
        "GetAuditEvent" => {
            let request = pb::GetAuditEventRequest { audit_event_id: things.audit_event.clone() };
            Case::new(request, Hidden::NotFound("audit_event_not_found"))
        }
        "ListAuditEvents" => {
            let request = pb::ListAuditEventsRequest { resource_id, ..Default::default() };
            Case::new(request, Hidden::Empty("audit_events"))
        }
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
