//! Tenants, keys and callers.

use super::parse::parse_id;
use super::shared::{rounding_mode, tax_mode, time};
use crate::contract::pb;
use crate::contract::policy::{Permission, Role};
use crate::domain::api_key::{ApiKey, NewKey};
use crate::domain::etag::etag;
use crate::domain::tenant::{NewTenant, Tenant};
use crate::domain::violation::Violation;

impl TryFrom<pb::CreateTenantRequest> for NewTenant {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateTenantRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self { name: message.name })
    }
}

impl TryFrom<pb::CreateApiKeyRequest> for NewKey<Role> {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateApiKeyRequest) -> Result<Self, Vec<Violation>> {
        let role = message.role().as_str_name().parse();
        let role =
            role.map_err(|_| vec![Violation::new("role", "undefined_value", "must be a role of the contract")])?;
        let customer = match message.customer_id.as_str() {
            "" => None,
            id => Some(parse_id("customer_id", id)?),
        };
        Ok(Self { name: message.name, role, customer })
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
pub fn tenant(tenant: Tenant) -> pb::Tenant {
    pb::Tenant {
        id: tenant.id.to_string(),
        name: tenant.name,
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
pub fn api_key(key: ApiKey<Role, Permission>) -> pb::ApiKey {
    pb::ApiKey {
        id: key.id.to_string(),
        name: key.name,
        role: role(key.role).into(),
        permissions: permissions(&key.permissions),
        customer_id: key.customer.map(|id| id.to_string()).unwrap_or_default(),
        owner: key.owner,
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

/// A role, as the contract shows it.
#[must_use]
pub fn role(role: Role) -> pb::Role {
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
            assert_eq!(role(*known).as_str_name(), known.as_str());
        }
    }
}
