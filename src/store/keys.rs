//! API keys.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, JsonValue, QueryFilter, QuerySelect, Select, Set};

use super::entities::api_keys::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, part};
use super::rows::{from_json, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::contract::policy::{Permission, Role};
use crate::domain::api_key::{ApiKey, USE_RESOLUTION};
use crate::domain::ids::{ApiKeyId, CustomerId, TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::time::Time;

/// An API key of this service.
pub type Key = ApiKey<Role, Permission>;

/// The role of keys that have none.
const NO_ROLE: &str = "";

/// Whether any key ever had this role.
pub async fn has_role(from: &impl Source, role: Role) -> Result<bool, Error> {
    let found = Entity::find().filter(Column::Role.eq(role.as_str())).select_only();
    let ids: Vec<uuid::Uuid> = found.column(Column::Id).limit(1).into_tuple().all(&from.executor()).await?;
    Ok(!ids.is_empty())
}

/// Whether somebody who is none of these owners has a key of the tenant that works at this time and has one of these roles.
/// Whoever asks may be bound to a customer: who could decide on what it does is not.
pub async fn somebody_else(
    from: &impl Source,
    scope: &Scope,
    roles: &[Role],
    owners: &[String],
    now: Time,
) -> Result<bool, Error> {
    let found = Entity::find()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Role.is_in(roles.iter().map(|role| role.as_str())))
        .filter(Column::Owner.is_not_in(owners.iter().map(String::as_str)))
        .filter(Column::RevokeTime.is_null())
        .filter(Column::ExpireTime.is_null().or(Column::ExpireTime.gt(now.micros())));
    let ids: Vec<uuid::Uuid> =
        found.select_only().column(Column::Id).limit(1).into_tuple().all(&from.executor()).await?;
    Ok(!ids.is_empty())
}

/// Adds a key, which is known by the hash of its secret.
pub async fn insert(tx: &Tx, key: &Key, secret_hash: &[u8]) -> Result<(), Error> {
    let permissions: Vec<_> = key.permissions.iter().map(|permission| permission.as_str()).collect();
    let row = ActiveModel {
        id: Set(key.id.uuid()),
        tenant_id: Set(key.tenant.uuid()),
        name: Set(key.name.clone()),
        role: Set(key.role.map_or(NO_ROLE, Role::as_str).to_owned()),
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
    Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Saves what can change of a key that was read in this transaction, as version `before`; with another secret, when
/// there is one.
///
/// # Errors
/// `Stale` when it has another version by now.
pub async fn update(tx: &Tx, before: i64, key: &Key, secret_hash: Option<&[u8]>) -> Result<(), Error> {
    let mut row = ActiveModel {
        revoke_time: Set(key.revoke_time.map(Time::micros)),
        version: Set(key.version),
        update_time: Set(key.update_time.micros()),
        ..Default::default()
    };
    if let Some(hash) = secret_hash {
        row.secret_hash = Set(hash.to_vec());
    }
    let saved = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(key.id.uuid()))
        .filter(Column::TenantId.eq(key.tenant.uuid()))
        .filter(Column::Version.eq(before));
    hit(&saved.exec(&tx.executor()).await?)
}

/// The key whose secret has this hash. The one query without a scope: it is what scopes come from.
pub async fn by_hash(from: &impl Source, secret_hash: &[u8]) -> Result<Option<Key>, Error> {
    let found = Entity::find().filter(Column::SecretHash.eq(secret_hash.to_vec()));
    only(found.all(&from.executor()).await?)
}

/// The key with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: ApiKeyId) -> Result<Option<Key>, Error> {
    only(scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?)
}

/// The same, locked until the transaction ends.
pub async fn for_write(tx: &Tx, scope: &Scope, id: ApiKeyId) -> Result<Option<Key>, Error> {
    only(scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?)
}

/// At most `limit` keys after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    customer: Option<CustomerId>,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Key>, Error> {
    let mut query = scoped(scope);
    if let Some(customer) = customer {
        query = query.filter(Column::CustomerId.eq(customer.uuid()));
    }
    let rows = part(query, (Column::CreateTime, Column::Id), sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(Key::try_from).collect::<Result<_, CorruptRow>>()?)
}

/// Writes down when keys were used, unless that is known well enough. The version stays.
pub async fn used(tx: &Tx, uses: &[(ApiKeyId, Time)]) -> Result<(), Error> {
    let resolution = i64::try_from(USE_RESOLUTION.as_micros()).unwrap_or(i64::MAX);
    for (id, time) in uses {
        let is_old = Expr::col(Column::LastUsedTime).add(resolution).lt(time.micros());
        let row = ActiveModel { last_used_time: Set(Some(time.micros())), ..Default::default() };
        let saved = Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::LastUsedTime.is_null().or(is_old));
        saved.exec(&tx.executor()).await?;
    }
    Ok(())
}

fn only(mut rows: Vec<Model>) -> Result<Option<Key>, Error> {
    Ok(rows.pop().map(Key::try_from).transpose()?)
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}

impl TryFrom<Model> for Key {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let id = ApiKeyId::from_uuid(row.id);
        let Granted { role, permissions, has_unknown } = granted(id, &row.role, row.permissions)?;
        Ok(Self {
            id,
            tenant: TenantId::from_uuid(row.tenant_id),
            name: row.name,
            role,
            permissions,
            has_unknown,
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

/// What a stored key may do, as far as this version knows it.
struct Granted {
    role: Option<Role>,
    permissions: Vec<Permission>,
    has_unknown: bool,
}

/// What a role may do is the contract's to say: a key from before an upgrade has what the role has now. A key from a newer
/// version works, too: without the permissions that are not known here, and without any when that is its role.
fn granted(id: ApiKeyId, role: &str, permissions: JsonValue) -> Result<Granted, CorruptRow> {
    if role != NO_ROLE {
        return Ok(match role.parse::<Role>() {
            Ok(role) => Granted { role: Some(role), permissions: role.permissions().to_vec(), has_unknown: false },
            Err(error) => {
                tracing::warn!(key = %id, %error, "a key may nothing");
                Granted { role: None, permissions: Vec::new(), has_unknown: true }
            }
        });
    }
    let names: Vec<String> = from_json(permissions)?;
    let (mut permissions, mut has_unknown) = (Vec::with_capacity(names.len()), false);
    for name in names {
        match name.parse() {
            Ok(permission) => permissions.push(permission),
            Err(error) => {
                tracing::warn!(key = %id, %error, "a permission of a key is left out");
                has_unknown = true;
            }
        }
    }
    Ok(Granted { role: None, permissions, has_unknown })
}
