//! Tenants, keys and callers.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::mask::Mask;
use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, rounding_mode, tax_mode, time};
use crate::contract::pb;
use crate::contract::policy::{Permission, Role};
use crate::domain::api_key::{ApiKey, Grant, KeyList, NewKey};
use crate::domain::etag::etag;
use crate::domain::ids::{ApiKeyId, TenantId};
use crate::domain::page::PageRequest;
use crate::domain::tenant::{NewTenant, Tenant, TenantPatch};
use crate::domain::violation::Violation;

/// How long orders may stay unpaid: a second to ten years.
const EXPIRIES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(87_660);

impl TryFrom<pb::CreateTenantRequest> for NewTenant {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateTenantRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self { name: message.name })
    }
}

impl TryFrom<pb::GetTenantRequest> for TenantId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetTenantRequest) -> Result<Self, Vec<Violation>> {
        parse_id("tenant_id", &message.tenant_id)
    }
}

/// Tenants have no filters.
impl TryFrom<pb::ListTenantsRequest> for PageRequest {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListTenantsRequest) -> Result<Self, Vec<Violation>> {
        Ok(page_request(&mut message))
    }
}

impl TryFrom<pb::UpdateTenantRequest> for (TenantId, TenantPatch) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::UpdateTenantRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let (id, mask) = (parser.id("tenant_id", &message.tenant_id), Mask::from(message.update_mask));
        let tenant = message.tenant.unwrap_or_default();
        let (tax_mode, rounding_mode) = (tenant.tax_mode(), tenant.rounding_mode());
        let tax_mode = tenant.tax_mode.and_then(|_| tax_mode.as_str_name().parse().ok());
        let rounding_mode = tenant.rounding_mode.and_then(|_| rounding_mode.as_str_name().parse().ok());
        let field = "tenant.unpaid_expiry";
        let expiry = parser.duration(field, tenant.unpaid_expiry, &EXPIRIES, "must be 1s to 315576000s (ten years)");
        let patch = TenantPatch {
            name: mask.required(&mut parser, "tenant.name", tenant.name),
            tax_mode: mask.required(&mut parser, "tenant.tax_mode", tax_mode),
            rounding_mode: mask.required(&mut parser, "tenant.rounding_mode", rounding_mode),
            unpaid_expiry: mask.value("unpaid_expiry", expiry),
        };
        parser.finish(id.map(|id| (id, patch)))
    }
}

impl TryFrom<pb::CreateApiKeyRequest> for NewKey<Role, Permission> {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateApiKeyRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let customer = parser.maybe_id("customer_id", &message.customer_id);
        let expire_time = parser.time("expire_time", message.expire_time);
        let grant = grant(&mut parser, message.role, &message.permissions);
        parser.finish(grant.map(|grant| Self {
            name: message.name,
            grant,
            customer,
            owner: optional(message.owner),
            expire_time,
        }))
    }
}

/// A key has a role, or permissions: exactly one of the two.
fn grant(parser: &mut Parser, role: i32, permissions: &[String]) -> Option<Grant<Role, Permission>> {
    if role == pb::Role::Unspecified as i32 {
        if permissions.is_empty() {
            parser.violations.push(Violation::new("role", "required", "a key has a role, or permissions"));
        }
        let known = permissions.iter().enumerate().filter_map(|(place, name)| permission(parser, place, name));
        return Some(Grant::Permissions(known.collect()));
    }
    if !permissions.is_empty() {
        let message = "a key has a role, or permissions, and not both";
        parser.violations.push(Violation::new("permissions", "not_allowed", message));
    }
    let role = pb::Role::try_from(role).ok().and_then(|role| role.as_str_name().parse().ok());
    if role.is_none() {
        parser.violations.push(Violation::new("role", "undefined_value", "must be a role of the contract"));
    }
    role.map(Grant::Role)
}

fn permission(parser: &mut Parser, place: usize, name: &str) -> Option<Permission> {
    let known = name.parse().ok();
    if known.is_none() {
        let message = "must be a permission of the contract";
        parser.violations.push(Violation::new(format!("permissions[{place}]"), "undefined_value", message));
    }
    known
}

impl TryFrom<pb::GetApiKeyRequest> for ApiKeyId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetApiKeyRequest) -> Result<Self, Vec<Violation>> {
        parse_id("api_key_id", &message.api_key_id)
    }
}

impl TryFrom<pb::ListApiKeysRequest> for KeyList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListApiKeysRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let page = page_request(&mut message);
        let customer = parser.maybe_id("customer_id", &message.customer_id);
        parser.finish(Some(Self { customer, page }))
    }
}

impl TryFrom<pb::RevokeApiKeyRequest> for ApiKeyId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::RevokeApiKeyRequest) -> Result<Self, Vec<Violation>> {
        parse_id("api_key_id", &message.api_key_id)
    }
}

impl TryFrom<pb::RotateApiKeyRequest> for ApiKeyId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::RotateApiKeyRequest) -> Result<Self, Vec<Violation>> {
        parse_id("api_key_id", &message.api_key_id)
    }
}

/// Whoami has nothing to read.
impl TryFrom<pb::WhoamiRequest> for () {
    type Error = Vec<Violation>;

    fn try_from(_message: pb::WhoamiRequest) -> Result<Self, Vec<Violation>> {
        Ok(())
    }
}

/// A tenant.
#[must_use]
pub fn tenant(tenant: &Tenant) -> pb::Tenant {
    pb::Tenant {
        id: tenant.id.to_string(),
        name: tenant.name.clone(),
        tax_mode: tax_mode(tenant.tax_mode).into(),
        rounding_mode: rounding_mode(tenant.rounding_mode).into(),
        unpaid_expiry: tenant.unpaid_expiry.and_then(|expiry| expiry.try_into().ok()),
        etag: etag(tenant.version),
        create_time: Some(time(tenant.create_time)),
        update_time: Some(time(tenant.update_time)),
    }
}

/// A key, without its secret.
#[must_use]
pub fn api_key(key: &ApiKey<Role, Permission>) -> pb::ApiKey {
    pb::ApiKey {
        id: key.id.to_string(),
        name: key.name.clone(),
        role: role(key.role).into(),
        permissions: permissions(&key.permissions),
        customer_id: key.customer.map(|id| id.to_string()).unwrap_or_default(),
        owner: key.owner.clone(),
        expire_time: key.expire_time.map(time),
        last_used_time: key.last_used_time.map(time),
        revoke_time: key.revoke_time.map(time),
        etag: etag(key.version),
        create_time: Some(time(key.create_time)),
        update_time: Some(time(key.update_time)),
    }
}

/// The names of permissions.
#[must_use]
pub fn permissions(permissions: &[Permission]) -> Vec<String> {
    permissions.iter().map(|permission| permission.as_str().to_owned()).collect()
}

/// A role, as the contract shows it; none when permissions were given one by one.
#[must_use]
pub fn role(role: Option<Role>) -> pb::Role {
    let Some(role) = role else { return pb::Role::Unspecified };
    match role {
        Role::Platform => pb::Role::Platform,
        Role::Admin => pb::Role::Admin,
        Role::Manager => pb::Role::Manager,
        Role::Operator => pb::Role::Operator,
        Role::Viewer => pb::Role::Viewer,
        Role::Partner => pb::Role::Partner,
        Role::Agent => pb::Role::Agent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_the_names_of_the_contract() {
        for known in Role::ALL {
            assert_eq!(role(Some(*known)).as_str_name(), known.as_str());
        }
    }
}
