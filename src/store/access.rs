//! Tenants and API keys.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set};

use super::entities::{api_keys, tenants};
use super::rows::{from_json, named, to_json};
use super::{CorruptRow, Error, Source, Tx};
use crate::contract::policy::{Permission, Role};
use crate::domain::api_key::ApiKey;
use crate::domain::ids::{ApiKeyId, CustomerId, TenantId, TypedId};
use crate::domain::tenant::Tenant;
use crate::domain::time::Time;

/// An API key of this service.
pub type Key = ApiKey<Role, Permission>;

/// Whether there is any tenant yet.
pub async fn is_empty(from: &impl Source) -> Result<bool, Error> {
    Ok(tenants::Entity::find().count(&from.executor()).await? == 0)
}

/// Adds a tenant.
pub async fn insert_tenant(tx: &Tx, tenant: &Tenant) -> Result<(), Error> {
    let row = tenants::ActiveModel {
        id: Set(tenant.id.uuid()),
        name: Set(tenant.name.clone()),
        tax_mode: Set(tenant.tax_mode.as_str().to_owned()),
        rounding_mode: Set(tenant.rounding_mode.as_str().to_owned()),
        unpaid_expiry: Set(tenant.unpaid_expiry.and_then(|expiry| i64::try_from(expiry.as_micros()).ok())),
        version: Set(tenant.version),
        create_time: Set(tenant.create_time.micros()),
        update_time: Set(tenant.update_time.micros()),
    };
    tenants::Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// The tenant with this id.
pub async fn tenant(from: &impl Source, id: TenantId) -> Result<Option<Tenant>, Error> {
    let mut rows = tenants::Entity::find_by_id(id.uuid()).all(&from.executor()).await?;
    Ok(rows.pop().map(Tenant::try_from).transpose()?)
}

/// The first tenant with this name.
pub async fn tenant_by_name(from: &impl Source, name: &str) -> Result<Option<Tenant>, Error> {
    let rows = tenants::Entity::find().filter(tenants::Column::Name.eq(name)).all(&from.executor()).await?;
    Ok(rows.into_iter().min_by_key(|row| row.create_time).map(Tenant::try_from).transpose()?)
}

/// Adds a key, which is known by the hash of its secret.
pub async fn insert_key(tx: &Tx, key: &Key, secret_hash: &[u8]) -> Result<(), Error> {
    let permissions: Vec<_> = key.permissions.iter().map(|permission| permission.as_str()).collect();
    let row = api_keys::ActiveModel {
        id: Set(key.id.uuid()),
        tenant_id: Set(key.tenant.uuid()),
        name: Set(key.name.clone()),
        role: Set(key.role.as_str().to_owned()),
        permissions: Set(to_json(&permissions)?),
        customer_id: Set(key.customer.map(TypedId::uuid)),
        owner: Set(key.owner.clone()),
        secret_hash: Set(secret_hash.to_vec()),
        expire_time: Set(key.expire_time.map(Time::micros)),
        revoke_time: Set(key.revoke_time.map(Time::micros)),
        last_used_time: Set(key.last_used_time.map(Time::micros)),
        version: Set(key.version),
        create_time: Set(key.create_time.micros()),
        update_time: Set(key.update_time.micros()),
    };
    api_keys::Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// The key whose secret has this hash. The one query without a scope: it is what scopes come from.
pub async fn key_by_hash(from: &impl Source, secret_hash: &[u8]) -> Result<Option<Key>, Error> {
    let found = api_keys::Entity::find().filter(api_keys::Column::SecretHash.eq(secret_hash.to_vec()));
    let mut rows = found.all(&from.executor()).await?;
    Ok(rows.pop().map(Key::try_from).transpose()?)
}

impl TryFrom<tenants::Model> for Tenant {
    type Error = CorruptRow;

    fn try_from(row: tenants::Model) -> Result<Self, CorruptRow> {
        let unpaid_expiry = row.unpaid_expiry.and_then(|micros| u64::try_from(micros).ok());
        Ok(Self {
            id: TenantId::from_uuid(row.id),
            name: row.name,
            tax_mode: named(&row.tax_mode)?,
            rounding_mode: named(&row.rounding_mode)?,
            unpaid_expiry: unpaid_expiry.map(std::time::Duration::from_micros),
            version: row.version,
            create_time: Time::from_micros(row.create_time),
            update_time: Time::from_micros(row.update_time),
        })
    }
}

impl TryFrom<api_keys::Model> for Key {
    type Error = CorruptRow;

    fn try_from(row: api_keys::Model) -> Result<Self, CorruptRow> {
        let names: Vec<String> = from_json(row.permissions)?;
        Ok(Self {
            id: ApiKeyId::from_uuid(row.id),
            tenant: TenantId::from_uuid(row.tenant_id),
            name: row.name,
            role: named(&row.role)?,
            permissions: names.iter().map(|name| named(name)).collect::<Result<_, _>>()?,
            customer: row.customer_id.map(CustomerId::from_uuid),
            owner: row.owner,
            expire_time: row.expire_time.map(Time::from_micros),
            revoke_time: row.revoke_time.map(Time::from_micros),
            last_used_time: row.last_used_time.map(Time::from_micros),
            version: row.version,
            create_time: Time::from_micros(row.create_time),
            update_time: Time::from_micros(row.update_time),
        })
    }
}
