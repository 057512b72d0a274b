//! Tenants. They are what scopes are made of, so these queries have none: whoever may ask for tenants may ask for all.

use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::entities::tenants;
use super::pages::{Position, part};
use super::rows::named;
use super::{CorruptRow, Error, Source, Tx, hit};
use crate::domain::ids::{TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::tenant::Tenant;
use crate::domain::time::Time;

/// Whether there is any tenant yet.
pub async fn is_empty(from: &impl Source) -> Result<bool, Error> {
    Ok(tenants::Entity::find().count(&from.executor()).await? == 0)
}

/// Adds a tenant.
pub async fn insert_tenant(tx: &Tx, tenant: &Tenant) -> Result<(), Error> {
    tenants::Entity::insert(row(tenant)).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Saves a tenant that was read in this transaction, as version `before`.
///
/// # Errors
/// `Stale` when it has another version by now.
pub async fn update_tenant(tx: &Tx, before: i64, tenant: &Tenant) -> Result<(), Error> {
    let saved = tenants::Entity::update_many()
        .set(row(tenant))
        .filter(tenants::Column::Id.eq(tenant.id.uuid()))
        .filter(tenants::Column::Version.eq(before));
    hit(&saved.exec(&tx.executor()).await?)
}

fn row(tenant: &Tenant) -> tenants::ActiveModel {
    tenants::ActiveModel {
        id: Set(tenant.id.uuid()),
        name: Set(tenant.name.clone()),
        tax_mode: Set(tenant.tax_mode.as_str().to_owned()),
        rounding_mode: Set(tenant.rounding_mode.as_str().to_owned()),
        unpaid_expiry: Set(tenant.unpaid_expiry.and_then(|expiry| i64::try_from(expiry.as_micros()).ok())),
        version: Set(tenant.version),
        create_time: Set(tenant.create_time.micros()),
        update_time: Set(tenant.update_time.micros()),
    }
}

/// The tenant with this id.
pub async fn tenant(from: &impl Source, id: TenantId) -> Result<Option<Tenant>, Error> {
    let mut rows = tenants::Entity::find_by_id(id.uuid()).all(&from.executor()).await?;
    Ok(rows.pop().map(Tenant::try_from).transpose()?)
}

/// The tenants whose orders may not stay unpaid for ever.
pub async fn tenants_with_unpaid_expiry(from: &impl Source) -> Result<Vec<Tenant>, Error> {
    let found = tenants::Entity::find().filter(tenants::Column::UnpaidExpiry.is_not_null());
    let rows = found.all(&from.executor()).await?;
    Ok(rows.into_iter().map(Tenant::try_from).collect::<Result<_, _>>()?)
}

/// The same, locked until the transaction ends.
pub async fn tenant_for_write(tx: &Tx, id: TenantId) -> Result<Option<Tenant>, Error> {
    let mut rows = tenants::Entity::find_by_id(id.uuid()).lock_exclusive().all(&tx.executor()).await?;
    Ok(rows.pop().map(Tenant::try_from).transpose()?)
}

/// At most `limit` tenants after a position.
pub async fn tenants(
    from: &impl Source,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Tenant>, Error> {
    let place = (tenants::Column::CreateTime, tenants::Column::Id);
    let rows = part(tenants::Entity::find(), place, sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(Tenant::try_from).collect::<Result<_, CorruptRow>>()?)
}

/// The tenants with this name, oldest first.
pub async fn tenants_by_name(from: &impl Source, name: &str) -> Result<Vec<Tenant>, Error> {
    let found =
        tenants::Entity::find().filter(tenants::Column::Name.eq(name)).order_by_asc(tenants::Column::CreateTime);
    let rows = found.all(&from.executor()).await?;
    Ok(rows.into_iter().map(Tenant::try_from).collect::<Result<_, CorruptRow>>()?)
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
            unpaid_expiry: unpaid_expiry.map(Duration::from_micros),
            version: row.version,
            create_time: Time::from_micros(row.create_time),
            update_time: Time::from_micros(row.update_time),
        })
    }
}
