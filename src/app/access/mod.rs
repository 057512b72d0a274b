//! Use cases of access: who calls. Tenants, keys and what the console does are below.

mod console;
mod keys;
mod sessions;
mod tenants;
mod uses;

pub use console::{DEFAULT_TENANT, bootstrap, issue_key, tenant_named};
pub use keys::{create_api_key, get_api_key, list_api_keys, revoke_api_key, rotate_api_key};
pub use tenants::{create_tenant, get_tenant, list_tenants, update_tenant};
pub use uses::write_uses;

pub(super) use sessions::Sessions;
pub use sessions::{Credential, is_still_allowed};
pub(super) use uses::Uses;

use sha2::{Digest, Sha256};

use super::{App, Caller, Error};
use crate::store::keys as rows;

/// Finds out who sends a secret. It asks the database each time, so that a key that is revoked or rotated opens nothing
/// from then on, whichever replica is asked.
///
/// # Errors
/// `Unauthenticated` for an unknown, revoked or expired key.
pub async fn authenticate(app: &App, credential: &Credential) -> Result<Caller, Error> {
    let now = app.clock.now();
    let key = rows::by_hash(&app.db.reader(), &credential.0).await?;
    let key = key.filter(|key| key.end(now).is_none()).ok_or(Error::Unauthenticated)?;
    app.uses.note(&key, now);
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

/// Secrets have 256 random bits, so a fast hash keeps them as safe as a slow one would.
fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}
