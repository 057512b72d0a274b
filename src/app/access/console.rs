//! What happens without a caller: the first start, and keys from the console, whom the operating system has let in.

use super::hash;
use super::keys::{check, new_key};
use crate::app::{App, Error};
use crate::contract::policy::{Permission, Role};
use crate::domain::api_key::{Grant, NewKey};
use crate::domain::event::Subject;
use crate::domain::ids::{TenantId, TypedId};
use crate::domain::location::{Location, NewLocation};
use crate::domain::tenant::{NewTenant, Tenant};
use crate::store::audit::{self, AuditRow};
use crate::store::{Source, Tx, access as rows, keys, locations};

/// Who made the keys that no caller has made.
const CONSOLE: &str = "console";

/// The tenant that every installation starts with.
pub const DEFAULT_TENANT: &str = "default";

/// On the first start: the tenant `default` with a PLATFORM key. Answers the secret that was made, when none was chosen.
pub async fn bootstrap(app: &App, chosen: Option<&str>) -> Result<Option<String>, Error> {
    let tx = app.db.begin().await?;
    tx.lock_installation().await?;
    if keys::has_role(&tx, Role::Platform).await? {
        tx.rollback().await;
        return Ok(None);
    }
    // Keys may have been made at the console before.
    let tenant = match rows::tenants_by_name(&tx, DEFAULT_TENANT).await?.first() {
        Some(found) => found.id,
        None => insert_default_tenant(app, &tx).await?,
    };
    let platform = NewKey {
        name: "bootstrap".to_owned(),
        grant: Grant::Role(Role::Platform),
        customer: None,
        owner: None,
        expire_time: None,
    };
    let secret = insert_console_key(app, &tx, tenant, platform, chosen).await?;
    tx.commit().await?;
    Ok(chosen.is_none().then_some(secret))
}

/// Creates a key for the operator. Answers its secret. The tenant `default` is made when there is none at all.
pub async fn issue_key(app: &App, tenant: &str, new: NewKey<Role, Permission>) -> Result<String, Error> {
    check(&new, app.clock.now())?;
    let tx = app.db.begin().await?;
    tx.lock_installation().await?;
    let tenant = find_tenant(app, &tx, tenant).await?;
    let secret = insert_console_key(app, &tx, tenant, new, None).await?;
    tx.commit().await?;
    Ok(secret)
}

/// The tenant with this id, or the only one with this name. `default` is made when there is none at all.
async fn find_tenant(app: &App, tx: &Tx, wanted: &str) -> Result<TenantId, Error> {
    match named(tx, wanted).await? {
        Some(found) => Ok(found),
        None if wanted == DEFAULT_TENANT && rows::is_empty(tx).await? => insert_default_tenant(app, tx).await,
        None => Err(unknown(wanted)),
    }
}

/// The tenant with this id, or the only one with this name.
///
/// # Errors
/// `Invalid` when there is none, or several.
pub async fn tenant_named(app: &App, wanted: &str) -> Result<TenantId, Error> {
    named(&app.db.reader(), wanted).await?.ok_or_else(|| unknown(wanted))
}

fn unknown(wanted: &str) -> Error {
    Error::invalid("tenant", "unknown_tenant", format!("there is no tenant {wanted:?}"))
}

async fn named(from: &impl Source, wanted: &str) -> Result<Option<TenantId>, Error> {
    if let Ok(id) = TenantId::parse(wanted)
        && rows::tenant(from, id).await?.is_some()
    {
        return Ok(Some(id));
    }
    match rows::tenants_by_name(from, wanted).await?.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.id)),
        several => {
            let ids: Vec<_> = several.iter().map(|tenant| tenant.id.to_string()).collect();
            let message = format!("{wanted:?} is the name of several: {}", ids.join(", "));
            Err(Error::invalid("tenant", "ambiguous", message))
        }
    }
}

async fn insert_default_tenant(app: &App, tx: &Tx) -> Result<TenantId, Error> {
    let now = app.clock.now();
    let tenant = Tenant::new(app.entropy.id(now), NewTenant { name: DEFAULT_TENANT.to_owned() }, now);
    rows::insert_tenant(tx, &tenant).await?;
    let location = Location::new(app.entropy.id(now), NewLocation::default_one(), now);
    locations::insert(tx, tenant.id, &location).await?;
    Ok(tenant.id)
}

/// The key is its own actor in the audit: nobody else has signed in.
async fn insert_console_key(
    app: &App,
    tx: &Tx,
    tenant: TenantId,
    new: NewKey<Role, Permission>,
    chosen: Option<&str>,
) -> Result<String, Error> {
    let secret = match chosen {
        Some(secret) => secret.to_owned(),
        None => app.entropy.secret().map_err(|error| Error::Fault(error.to_string()))?,
    };
    let now = app.clock.now();
    let key = new_key(app.entropy.id(now), tenant, new, CONSOLE, now);
    keys::insert(tx, &key, &hash(&secret)).await?;
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
