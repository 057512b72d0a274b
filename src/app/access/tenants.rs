//! Tenants. Whoever may ask for them may ask for all.

use super::hash;
use super::keys::new_key;
use crate::app::{Call, Error, Page, Placed, Read, Thing};
use crate::contract::policy::Role;
use crate::domain::api_key::{Grant, NewKey};
use crate::domain::event::Subject;
use crate::domain::ids::{TenantId, TypedId};
use crate::domain::location::{Location, NewLocation};
use crate::domain::page::PageRequest;
use crate::domain::tenant::{NewTenant, Tenant, TenantPatch};
use crate::store::{Position, access as rows, keys, locations};

impl Placed for Tenant {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates a tenant and its first ADMIN key; answers the secret too.
pub async fn create_tenant(call: &Call, new: NewTenant) -> Result<(Tenant, String), Error> {
    let tenant = Tenant::new(call.id(), new, call.now);
    rows::insert_tenant(&call.tx, &tenant).await?;
    let location = Location::new(call.id(), NewLocation::default_one(), call.now);
    locations::insert(&call.tx, tenant.id, &location).await?;
    let admin = NewKey {
        name: "admin".to_owned(),
        grant: Grant::Role(Role::Admin),
        customer: None,
        owner: None,
        expire_time: None,
    };
    let secret = call.secret()?;
    let key = new_key(call.id(), tenant.id, admin, &call.caller.owner, call.now);
    keys::insert(&call.tx, &key, &hash(&secret)).await?;
    call.changed(Subject::Tenant(&tenant));
    call.changed(Subject::ApiKey(key.id));
    Ok((tenant, call.shown(secret)))
}

/// The tenant with this id.
pub async fn get_tenant(call: &Read, id: TenantId) -> Result<Tenant, Error> {
    rows::tenant(&call.reader, id).await?.ok_or(Error::NotFound { thing: Thing::Tenant, field: None })
}

/// A page of tenants.
pub async fn list_tenants(call: &Read, page: &PageRequest) -> Result<Page<Tenant>, Error> {
    let fetch = async |after, limit| Ok(rows::tenants(&call.reader, page.sort, after, limit).await?);
    call.page(page, fetch).await
}

/// Changes the settings of a tenant. An update that changes nothing leaves no trace but its reply.
pub async fn update_tenant(call: &Call, (id, patch): (TenantId, TenantPatch)) -> Result<Tenant, Error> {
    let before = call.expect(Thing::Tenant, rows::tenant_for_write(&call.tx, id).await?)?;
    let tenant = before.updated(patch, call.now);
    if tenant != before {
        rows::update_tenant(&call.tx, before.version, &tenant).await?;
        call.changed(Subject::Tenant(&tenant));
    }
    Ok(tenant)
}
