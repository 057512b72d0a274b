//! API keys, without their secrets.

use std::time::Duration;

use super::etag::Versioned;
use super::ids::{ApiKeyId, CustomerId, TenantId};
use super::page::PageRequest;
use super::time::Time;

/// How much older than the truth the time of the last use may be.
pub const USE_RESOLUTION: Duration = Duration::from_mins(1);

/// What a new key may do. `R` is the role and `P` a permission, which the contract defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant<R, P> {
    /// Whatever the role may.
    Role(R),
    /// These things, one by one.
    Permissions(Vec<P>),
}

/// What a new key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey<R, P> {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub grant: Grant<R, P>,
    /// The customer it is bound to.
    pub customer: Option<CustomerId>,
    /// The person behind it; `None`: whoever is behind the key that creates it.
    pub owner: Option<String>,
    /// When it stops working.
    pub expire_time: Option<Time>,
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey<R, P> {
    /// Its id, which survives a rotation of the secret.
    pub id: ApiKeyId,
    /// The tenant it opens.
    pub tenant: TenantId,
    /// What it is for.
    pub name: String,
    /// Its role; `None` when its permissions were given one by one.
    pub role: Option<R>,
    /// What it may do.
    pub permissions: Vec<P>,
    /// Whether a newer version of the service gave it a role or a permission that this one does not know.
    pub has_unknown: bool,
    /// The customer it is bound to.
    pub customer: Option<CustomerId>,
    /// The person behind it.
    pub owner: String,
    /// When it stops working.
    pub expire_time: Option<Time>,
    /// When it was revoked.
    pub revoke_time: Option<Time>,
    /// When it was last used; at most a minute older than the truth.
    pub last_used_time: Option<Time>,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// Why a key opens nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Somebody revoked it.
    Revoked,
    /// Its time is over.
    Expired,
}

impl End {
    /// Its name, as errors tell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
        }
    }
}

/// Keys, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyList {
    /// Only those that are bound to this customer.
    pub customer: Option<CustomerId>,
    /// Which page.
    pub page: PageRequest,
}

impl<R: Clone, P: Clone> ApiKey<R, P> {
    /// Why it opens nothing at this time; `None`: it does.
    #[must_use]
    pub fn end(&self, now: Time) -> Option<End> {
        match (self.revoke_time, self.expire_time) {
            (Some(_), _) => Some(End::Revoked),
            (None, Some(end)) if now >= end => Some(End::Expired),
            (None, _) => None,
        }
    }

    /// Whether a use at this time is worth writing down.
    #[must_use]
    pub fn use_is_news(&self, now: Time) -> bool {
        self.last_used_time.is_none_or(|last| last.plus(USE_RESOLUTION) < now)
    }

    /// The key after it was revoked; the same one when it is already.
    #[must_use]
    pub fn revoked(&self, now: Time) -> Self {
        match self.revoke_time {
            Some(_) => self.clone(),
            None => Self { revoke_time: Some(now), ..self.clone() }.moved(now),
        }
    }

    /// The key with another secret.
    ///
    /// # Errors
    /// Why it has ended: such a key does not come back to life.
    pub fn rotated(&self, now: Time) -> Result<Self, End> {
        match self.end(now) {
            Some(end) => Err(end),
            None => Ok(self.clone().moved(now)),
        }
    }

    /// Every visible change moves the version by one.
    fn moved(self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self }
    }
}

impl<R, P> Versioned for ApiKey<R, P> {
    fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;
    use uuid::Uuid;

    fn at(micros: i64) -> Time {
        Time::from_micros(micros)
    }

    fn key(expire_time: Option<Time>) -> ApiKey<(), ()> {
        ApiKey {
            id: ApiKeyId::from_uuid(Uuid::nil()),
            tenant: TenantId::from_uuid(Uuid::nil()),
            name: "shop".to_owned(),
            role: None,
            permissions: Vec::new(),
            has_unknown: false,
            customer: None,
            owner: "ada".to_owned(),
            expire_time,
            revoke_time: None,
            last_used_time: None,
            version: 1,
            create_time: at(0),
            update_time: at(0),
        }
    }

    #[test]
    fn a_key_ends_at_its_time_and_not_before() {
        assert_eq!(key(None).end(at(i64::MAX)), None);
        let key = key(Some(at(10)));
        assert_eq!([at(9), at(10), at(11)].map(|now| key.end(now)), [None, Some(End::Expired), Some(End::Expired)]);
        assert_eq!(key.revoked(at(20)).end(at(20)), Some(End::Revoked), "what somebody did counts first");
    }

    #[test]
    fn a_use_is_news_once_a_minute() {
        assert!(key(None).use_is_news(at(0)));
        let used = ApiKey { last_used_time: Some(at(5)), ..key(None) };
        assert_eq!([5, 60_000_005, 60_000_006].map(|now| used.use_is_news(at(now))), [false, false, true]);
    }

    #[test]
    fn a_key_is_revoked_once() {
        let revoked = key(None).revoked(at(5));
        assert_eq!((revoked.version, revoked.revoke_time, revoked.update_time), (2, Some(at(5)), at(5)));
        assert_eq!(revoked.revoked(at(6)), revoked);
    }

    #[test]
    fn only_a_living_key_is_rotated() {
        let rotated = key(Some(at(10))).rotated(at(5)).expect("it lives");
        assert_eq!(rotated, ApiKey { version: 2, update_time: at(5), ..key(Some(at(10))) });
        assert_eq!(rotated.rotated(at(10)), Err(End::Expired));
        assert_eq!(rotated.revoked(at(6)).rotated(at(7)), Err(End::Revoked));
    }
}
