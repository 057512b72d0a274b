//! API keys. Nobody grants what they lack, and nobody takes over a key that may more than their own.

use super::hash;
use crate::app::customers::check_customer;
use crate::app::{Call, Error, Page, Placed, Read, Thing};
use crate::contract::policy::{Permission, Role};
use crate::domain::api_key::{ApiKey, End, Grant, KeyList, NewKey};
use crate::domain::event::Subject;
use crate::domain::ids::{ApiKeyId, TenantId, TypedId};
use crate::domain::time::Time;
use crate::domain::violation::Violation;
use crate::store::Position;
use crate::store::keys::{self as rows, Key};

/// What a new key of this service is made of.
type New = NewKey<Role, Permission>;

impl Placed for Key {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates an API key; answers the secret too.
pub async fn create_api_key(call: &Call, new: New) -> Result<(Key, String), Error> {
    if call.caller.customer.is_some() {
        return Err(Error::PermissionDenied { permission: Permission::ApiKeysWrite, field: None });
    }
    check(&new, call.now)?;
    check_grant(call, &new.grant)?;
    check_owner(call, new.owner.as_deref())?;
    if let Some(customer) = new.customer {
        check_customer(call, customer, "customer_id").await?;
    }
    let secret = call.secret()?;
    let key = new_key(call.id(), call.caller.tenant, new, &call.caller.owner, call.now);
    rows::insert(&call.tx, &key, &hash(&secret)).await?;
    call.changed(Subject::ApiKey(key.id));
    Ok((key, call.shown(secret)))
}

/// The key with this id.
pub async fn get_api_key(call: &Read, id: ApiKeyId) -> Result<Key, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::ApiKey, field: None })
}

/// A page of keys.
pub async fn list_api_keys(call: &Read, list: &KeyList) -> Result<Page<Key>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), list.customer, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// Revokes a key. Doing it again changes nothing.
pub async fn revoke_api_key(call: &Call, id: ApiKeyId) -> Result<Key, Error> {
    let before = for_write(call, id).await?;
    let key = before.revoked(call.now);
    if key != before {
        rows::update(&call.tx, before.version, &key, None).await?;
        call.changed(Subject::ApiKey(key.id));
    }
    Ok(key)
}

/// Gives a key another secret, and answers it.
pub async fn rotate_api_key(call: &Call, id: ApiKeyId) -> Result<(Key, String), Error> {
    let before = for_write(call, id).await?;
    check_takeover(call, &before)?;
    let key = before.rotated(call.now).map_err(|end| ended(end, "rotate"))?;
    let secret = call.secret()?;
    rows::update(&call.tx, before.version, &key, Some(&hash(&secret))).await?;
    call.changed(Subject::ApiKey(key.id));
    Ok((key, call.shown(secret)))
}

fn ended(end: End, action: &'static str) -> Error {
    Error::IllegalTransition { from: end.as_str(), action, allowed: Vec::new(), field: None }
}

/// A key that the caller may take in hand. A new secret of a key that may more would be a way to rights that one lacks. What
/// a key may whose grant is not known here, only a newer version can tell: it is for those who may everything.
async fn for_write(call: &Call, id: ApiKeyId) -> Result<Key, Error> {
    let key = call.expect(Thing::ApiKey, rows::for_write(&call.tx, &call.scope(), id).await?)?;
    let needed = if key.has_unknown { Permission::ALL } else { &key.permissions };
    match needed.iter().find(|permission| !call.caller.may(**permission)) {
        Some(missing) => Err(Error::PermissionDenied { permission: *missing, field: None }),
        None => Ok(key),
    }
}

/// Whoever has the secret acts as the owner of the key. So that of another owner takes what naming an owner takes.
fn check_takeover(call: &Call, key: &Key) -> Result<(), Error> {
    let permission = Permission::ApiKeysAssignOwner;
    if key.owner == call.caller.owner || call.caller.may(permission) {
        return Ok(());
    }
    Err(Error::PermissionDenied { permission, field: None })
}

/// What can be wrong with a new key whoever asks for it.
pub(super) fn check(new: &New, now: Time) -> Result<(), Error> {
    let mut violations = binding_violations(new);
    if new.expire_time.is_some_and(|end| end <= now) {
        violations.push(Violation::new("expire_time", "out_of_range", "must be in the future"));
    }
    if violations.is_empty() { Ok(()) } else { Err(violations.into()) }
}

/// PARTNER is the role of customers, and of nobody else; without a role, a customer's key may at most what PARTNER may.
fn binding_violations(new: &New) -> Vec<Violation> {
    let one = |code, message| vec![Violation::new("customer_id", code, message)];
    match (&new.grant, new.customer) {
        (Grant::Role(Role::Partner), None) => one("required", "a PARTNER key is bound to a customer"),
        (Grant::Role(Role::Partner), Some(_)) | (_, None) => Vec::new(),
        (Grant::Role(_), Some(_)) => one("not_allowed", "only a PARTNER key is bound to a customer"),
        (Grant::Permissions(permissions), Some(_)) => {
            let places = permissions.iter().enumerate();
            let beyond = places.filter(|(_, permission)| !Role::Partner.permissions().contains(permission));
            let violation = |(place, _)| {
                let message = "PARTNER lacks it, so a key that is bound to a customer cannot have it";
                Violation::new(format!("permissions[{place}]"), "not_allowed", message)
            };
            beyond.map(violation).collect()
        }
    }
}

fn check_grant(call: &Call, grant: &Grant<Role, Permission>) -> Result<(), Error> {
    let lacks = |permission: &&Permission| !call.caller.may(**permission);
    let missing = match grant {
        Grant::Role(role) => role.permissions().iter().find(lacks).map(|permission| (*permission, "role".to_owned())),
        Grant::Permissions(permissions) => {
            let mut places = permissions.iter().enumerate();
            let found = places.find(|(_, permission)| lacks(permission));
            found.map(|(place, permission)| (*permission, format!("permissions[{place}]")))
        }
    };
    match missing {
        Some((permission, field)) => Err(Error::PermissionDenied { permission, field: Some(field) }),
        None => Ok(()),
    }
}

fn check_owner(call: &Call, owner: Option<&str>) -> Result<(), Error> {
    let permission = Permission::ApiKeysAssignOwner;
    match owner {
        Some(owner) if owner != call.caller.owner && !call.caller.may(permission) => {
            Err(Error::PermissionDenied { permission, field: Some("owner".to_owned()) })
        }
        _ => Ok(()),
    }
}

/// A new key; `owner` is behind it when nobody else is named.
pub(super) fn new_key(id: ApiKeyId, tenant: TenantId, new: New, owner: &str, now: Time) -> Key {
    let (role, permissions) = match new.grant {
        Grant::Role(role) => (Some(role), role.permissions().to_vec()),
        Grant::Permissions(permissions) => (None, permissions),
    };
    ApiKey {
        id,
        tenant,
        name: new.name,
        role,
        permissions,
        has_unknown: false,
        customer: new.customer,
        owner: new.owner.unwrap_or_else(|| owner.to_owned()),
        expire_time: new.expire_time,
        revoke_time: None,
        last_used_time: None,
        version: 1,
        create_time: now,
        update_time: now,
    }
}
