//! `AccessService`.

use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::contract::policy::Role;
use crate::domain::api_key::NewKey;
use crate::domain::tenant::NewTenant;
use crate::present::access as show;

pub(super) async fn create_tenant(call: &Call, new: NewTenant) -> Result<pb::CreateTenantResponse, Error> {
    let (tenant, admin_key) = app::access::create_tenant(call, new).await?;
    Ok(pb::CreateTenantResponse { tenant: Some(show::tenant(tenant)), admin_key })
}

pub(super) async fn create_api_key(call: &Call, new: NewKey<Role>) -> Result<pb::CreateApiKeyResponse, Error> {
    let (key, secret) = app::access::create_api_key(call, new).await?;
    Ok(pb::CreateApiKeyResponse { api_key: Some(show::api_key(key)), key: secret })
}

#[allow(clippy::unused_async, reason = "every handler has this shape")]
pub(super) async fn whoami(call: &Read, (): ()) -> Result<pb::WhoamiResponse, Error> {
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

pub(super) async fn get_tenant(
    _call: &Read,
    _request: super::stubs::Stub<pb::GetTenantRequest>,
) -> Result<pb::Tenant, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn list_tenants(
    _call: &Read,
    _request: super::stubs::Stub<pb::ListTenantsRequest>,
) -> Result<pb::ListTenantsResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn update_tenant(
    _call: &Call,
    _request: super::stubs::Stub<pb::UpdateTenantRequest>,
) -> Result<pb::Tenant, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn get_api_key(
    _call: &Read,
    _request: super::stubs::Stub<pb::GetApiKeyRequest>,
) -> Result<pb::ApiKey, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn list_api_keys(
    _call: &Read,
    _request: super::stubs::Stub<pb::ListApiKeysRequest>,
) -> Result<pb::ListApiKeysResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn revoke_api_key(
    _call: &Call,
    _request: super::stubs::Stub<pb::RevokeApiKeyRequest>,
) -> Result<pb::ApiKey, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn rotate_api_key(
    _call: &Call,
    _request: super::stubs::Stub<pb::RotateApiKeyRequest>,
) -> Result<pb::RotateApiKeyResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}
