//! API keys, without their secrets.

use super::ids::{ApiKeyId, CustomerId, TenantId};
use super::time::Time;

/// What a new key is made of. `R` is the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey<R> {
    /// What it is for.
    pub name: String,
    /// Its role.
    pub role: R,
    /// The customer it is bound to.
    pub customer: Option<CustomerId>,
}

/// An API key. `R` is the role and `P` a permission, which the contract defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey<R, P> {
    /// Its id, which survives a rotation of the secret.
    pub id: ApiKeyId,
    /// The tenant it opens.
    pub tenant: TenantId,
    /// What it is for.
    pub name: String,
    /// Its role.
    pub role: R,
    /// What it may do.
    pub permissions: Vec<P>,
    /// The customer it is bound to.
    pub customer: Option<CustomerId>,
    /// The person behind it.
    pub owner: String,
    /// When it stops working.
    pub expire_time: Option<Time>,
    /// When it was revoked.
    pub revoke_time: Option<Time>,
    /// When it was last used.
    pub last_used_time: Option<Time>,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

impl<R, P> ApiKey<R, P> {
    /// Whether it opens anything at this time.
    #[must_use]
    pub fn is_live(&self, now: Time) -> bool {
        self.revoke_time.is_none() && self.expire_time.is_none_or(|end| now < end)
    }
}
