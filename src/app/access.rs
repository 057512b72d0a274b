//! Use cases of access: who calls, tenants, keys.

use sha2::{Digest, Sha256};

use super::{App, Call, Caller, Error, Thing};
use crate::contract::policy::Role;
use crate::domain::api_key::NewKey;
use crate::domain::event::Subject;
use crate::domain::ids::TenantId;
use crate::domain::tenant::{NewTenant, Tenant};
use crate::domain::time::Time;
use crate::store::access::{self as rows, Key};
use crate::store::audit::{self, AuditRow};
use crate::store::{Tx, customers};

/// Who made the keys that no caller has made.
const CONSOLE: &str = "console";

/// The tenant that every installation starts with.
pub const DEFAULT_TENANT: &str = "default";

/// Finds out who sends a secret.
///
/// # Errors
/// `Unauthenticated` for an unknown, revoked or expired key.
pub async fn authenticate(app: &App, secret: &str) -> Result<Caller, Error> {
    let key = rows::key_by_hash(&app.db.reader(), &hash(secret)).await?;
    let key = key.filter(|key| key.is_live(app.clock.now())).ok_or(Error::Unauthenticated)?;
    Ok(Caller {
        tenant: key.tenant,
        key: key.id,
        name: key.name,
        role: key.role,
        permissions: key.permissions,
        customer: key.customer,
        owner: key.owner,
    })
}

/// Creates a tenant and its first ADMIN key; answers the secret too.
pub async fn create_tenant(call: &Call, new: NewTenant) -> Result<(Tenant, String), Error> {
    let tenant = Tenant::new(call.id(), new, call.now);
    rows::insert_tenant(&call.tx, &tenant).await?;
    let admin = NewKey { name: "admin".to_owned(), role: Role::Admin, customer: None };
    let secret = call.secret()?;
    let key = new_key(call.app.as_ref(), tenant.id, admin, &call.caller.owner, call.now);
    rows::insert_key(&call.tx, &key, &hash(&secret)).await?;
    call.changed(Subject::Tenant(&tenant));
    call.changed(Subject::ApiKey(key.id));
    Ok((tenant, secret))
}

/// Creates an API key; answers the secret too. Nobody grants what they lack, and a key that is bound to a customer grants nothing.
pub async fn create_api_key(call: &Call, new: NewKey<Role>) -> Result<(Key, String), Error> {
    check_binding(&new)?;
    if let Some(missing) = new.role.permissions().iter().find(|permission| !call.caller.may(**permission)) {
        return Err(Error::PermissionDenied { permission: *missing, field: Some("role".to_owned()) });
    }
    if let Some(customer) = new.customer
        && !customers::exists(&call.tx, &call.scope(), customer).await?
    {
        return Err(Error::NotFound { thing: Thing::Customer, field: Some("customer_id".to_owned()) });
    }
    let secret = call.secret()?;
    let key = new_key(call.app.as_ref(), call.caller.tenant, new, &call.caller.owner, call.now);
    rows::insert_key(&call.tx, &key, &hash(&secret)).await?;
    call.changed(Subject::ApiKey(key.id));
    Ok((key, secret))
}

/// On the first start: the tenant `default` with a PLATFORM key. Answers the secret that was made, when none was chosen.
pub async fn bootstrap(app: &App, chosen: Option<&str>) -> Result<Option<String>, Error> {
    let tx = app.db.begin().await?;
    tx.lock_installation().await?;
    if !rows::is_empty(&tx).await? {
        tx.rollback().await;
        return Ok(None);
    }
    let tenant = insert_default_tenant(app, &tx).await?;
    let platform = NewKey { name: "bootstrap".to_owned(), role: Role::Platform, customer: None };
    let secret = insert_console_key(app, &tx, tenant, platform, chosen).await?;
    tx.commit().await?;
    Ok(chosen.is_none().then_some(secret))
}

/// Creates a key without a caller: for the operator at the console, whom the operating system has let in. Answers its
/// secret. The tenant `default` is made when there is none at all.
pub async fn issue_key(app: &App, tenant: &str, new: NewKey<Role>) -> Result<String, Error> {
    check_binding(&new)?;
    let tx = app.db.begin().await?;
    tx.lock_installation().await?;
    let tenant = match rows::tenant_by_name(&tx, tenant).await? {
        Some(found) => found.id,
        None if tenant == DEFAULT_TENANT && rows::is_empty(&tx).await? => insert_default_tenant(app, &tx).await?,
        None => return Err(Error::invalid("tenant", "unknown_tenant", format!("there is no tenant {tenant:?}"))),
    };
    let secret = insert_console_key(app, &tx, tenant, new, None).await?;
    tx.commit().await?;
    Ok(secret)
}

async fn insert_default_tenant(app: &App, tx: &Tx) -> Result<TenantId, Error> {
    let now = app.clock.now();
    let tenant = Tenant::new(app.entropy.id(now), NewTenant { name: DEFAULT_TENANT.to_owned() }, now);
    rows::insert_tenant(tx, &tenant).await?;
    Ok(tenant.id)
}

/// The key is its own actor in the audit: nobody else has signed in.
async fn insert_console_key(
    app: &App,
    tx: &Tx,
    tenant: TenantId,
    new: NewKey<Role>,
    chosen: Option<&str>,
) -> Result<String, Error> {
    let secret = match chosen {
        Some(secret) => secret.to_owned(),
        None => app.entropy.secret().map_err(|error| Error::Fault(error.to_string()))?,
    };
    let now = app.clock.now();
    let key = new_key(app, tenant, new, CONSOLE, now);
    rows::insert_key(tx, &key, &hash(&secret)).await?;
    let row = AuditRow {
        id: app.entropy.id(now),
        tenant,
        actor: key.id,
        owner: CONSOLE,
        method: CONSOLE,
        resource_type: Subject::ApiKey(key.id).resource_type(),
        resource_id: Subject::ApiKey(key.id).id(),
        request_id: "",
        reason: "",
        time: now,
    };
    audit::append(tx, [row]).await?;
    Ok(secret)
}

/// PARTNER is the role of customers, and of nobody else.
fn check_binding(new: &NewKey<Role>) -> Result<(), Error> {
    match (new.role, new.customer) {
        (Role::Partner, None) => Err(Error::invalid("customer_id", "required", "a PARTNER key is bound to a customer")),
        (Role::Partner, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(Error::invalid("customer_id", "not_allowed", "only a PARTNER key is bound to a customer")),
    }
}

fn new_key(app: &App, tenant: TenantId, new: NewKey<Role>, owner: &str, now: Time) -> Key {
    Key {
        id: app.entropy.id(now),
        tenant,
        name: new.name,
        role: new.role,
        permissions: new.role.permissions().to_vec(),
        customer: new.customer,
        owner: owner.to_owned(),
        expire_time: None,
        revoke_time: None,
        last_used_time: None,
        version: 1,
        create_time: now,
        update_time: now,
    }
}

/// Secrets have 256 random bits, so a fast hash keeps them as safe as a slow one would.
fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
