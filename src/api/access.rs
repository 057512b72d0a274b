//! `AccessService`.

use super::pages;
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::contract::policy::{Permission, Role};
use crate::domain::api_key::{KeyList, NewKey};
use crate::domain::ids::{ApiKeyId, TenantId};
use crate::domain::page::PageRequest;
use crate::domain::tenant::{NewTenant, TenantPatch};
use crate::present::access as show;

pub(super) async fn create_tenant(call: &Call, new: NewTenant) -> Result<pb::CreateTenantResponse, Error> {
    let (tenant, admin_key) = app::access::create_tenant(call, new).await?;
    Ok(pb::CreateTenantResponse { tenant: Some(show::tenant(&tenant)), admin_key })
}

pub(super) async fn create_api_key(
    call: &Call,
    new: NewKey<Role, Permission>,
) -> Result<pb::CreateApiKeyResponse, Error> {
    let (key, secret) = app::access::create_api_key(call, new).await?;
    Ok(pb::CreateApiKeyResponse { api_key: Some(show::api_key(&key)), key: secret })
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

pub(super) async fn get_tenant(call: &Read, id: TenantId) -> Result<pb::Tenant, Error> {
    Ok(show::tenant(&app::access::get_tenant(call, id).await?))
}

pub(super) async fn list_tenants(call: &Read, list: PageRequest) -> Result<pb::ListTenantsResponse, Error> {
    let page = app::access::list_tenants(call, &list).await?;
    let (tenants, next_page_token) = pages::fit(&page, show::tenant);
    Ok(pb::ListTenantsResponse { tenants, next_page_token })
}

pub(super) async fn update_tenant(call: &Call, update: (TenantId, TenantPatch)) -> Result<pb::Tenant, Error> {
    Ok(show::tenant(&app::access::update_tenant(call, update).await?))
}

pub(super) async fn get_api_key(call: &Read, id: ApiKeyId) -> Result<pb::ApiKey, Error> {
    Ok(show::api_key(&app::access::get_api_key(call, id).await?))
}

pub(super) async fn list_api_keys(call: &Read, list: KeyList) -> Result<pb::ListApiKeysResponse, Error> {
    let page = app::access::list_api_keys(call, &list).await?;
    let (api_keys, next_page_token) = pages::fit(&page, show::api_key);
    Ok(pb::ListApiKeysResponse { api_keys, next_page_token })
}

pub(super) async fn revoke_api_key(call: &Call, id: ApiKeyId) -> Result<pb::ApiKey, Error> {
    Ok(show::api_key(&app::access::revoke_api_key(call, id).await?))
}

pub(super) async fn rotate_api_key(call: &Call, id: ApiKeyId) -> Result<pb::RotateApiKeyResponse, Error> {
    let (key, secret) = app::access::rotate_api_key(call, id).await?;
    Ok(pb::RotateApiKeyResponse { api_key: Some(show::api_key(&key)), key: secret })
}
