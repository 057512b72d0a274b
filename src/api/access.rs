//! `AccessService`.

use crate::app::access::NewKey;
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::violation::Violation;
use crate::present::{self, access as show};

pub(super) async fn create_tenant(
    call: &Call,
    message: pb::CreateTenantRequest,
) -> Result<pb::CreateTenantResponse, Error> {
    let (tenant, admin_key) = app::access::create_tenant(call, message.name).await?;
    Ok(pb::CreateTenantResponse { tenant: Some(show::tenant(tenant)), admin_key })
}

pub(super) async fn create_api_key(
    call: &Call,
    message: pb::CreateApiKeyRequest,
) -> Result<pb::CreateApiKeyResponse, Error> {
    let role = message.role().as_str_name().parse();
    let role = role.map_err(|_| vec![Violation::new("role", "undefined_value", "must be a role of the contract")])?;
    let customer = match message.customer_id.as_str() {
        "" => None,
        id => Some(present::parse_id("customer_id", id)?),
    };
    let (key, secret) = app::access::create_api_key(call, NewKey { name: message.name, role, customer }).await?;
    Ok(pb::CreateApiKeyResponse { api_key: Some(show::api_key(key)), key: secret })
}

#[allow(clippy::unused_async, reason = "every handler has this shape")]
pub(super) async fn whoami(call: &Read, _message: pb::WhoamiRequest) -> Result<pb::WhoamiResponse, Error> {
    let caller = &call.caller;
    Ok(pb::WhoamiResponse {
        tenant_id: caller.tenant.to_string(),
        api_key_id: caller.key.to_string(),
        name: caller.name.clone(),
        role: show::role(caller.role).into(),
        permissions: show::permissions(&caller.permissions),
        customer_id: caller.customer.map(|id| id.to_string()).unwrap_or_default(),
        owner: caller.owner.clone(),
    })
}
