//! Locations.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select, Set};
use uuid::Uuid;

use super::entities::locations::{ActiveModel, Column, Entity, Model};
use super::pages::{Position, created_in, part};
use super::rows::{from_json, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{LocationId, TenantId, TypedId};
use crate::domain::location::{Location, LocationFilter};
use crate::domain::page::Sort;
use crate::domain::time::Time;

/// Adds a location.
///
/// # Errors
/// `Duplicate` when the code is taken.
pub async fn insert(tx: &Tx, tenant: TenantId, location: &Location) -> Result<(), Error> {
    Entity::insert(location_row(tenant, location)?).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Writes a location over the one that was read.
///
/// # Errors
/// `Stale` when it was changed since; `Duplicate` when its new code is taken.
pub async fn save(tx: &Tx, scope: &Scope, before: &Location, location: &Location) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(location_row(scope.tenant, location)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version));
    hit(&saved.exec(&tx.executor()).await?)
}

fn location_row(tenant: TenantId, location: &Location) -> Result<ActiveModel, CorruptRow> {
    Ok(ActiveModel {
        id: Set(location.id.uuid()),
        tenant_id: Set(tenant.uuid()),
        code: Set(location.code.clone()),
        name: Set(location.name.clone()),
        metadata: Set(to_json(&location.metadata)?),
        version: Set(location.version),
        create_time: Set(location.create_time.micros()),
        update_time: Set(location.update_time.micros()),
    })
}

/// The location with this id.
pub async fn get(from: &impl Source, scope: &Scope, id: LocationId) -> Result<Option<Location>, Error> {
    let mut rows = scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?;
    Ok(rows.pop().map(Location::try_from).transpose()?)
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: LocationId) -> Result<Option<Location>, Error> {
    let locked = scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive();
    let mut rows = locked.all(&tx.executor()).await?;
    Ok(rows.pop().map(Location::try_from).transpose()?)
}

/// Those of these ids that there are.
pub async fn existing(from: &impl Source, scope: &Scope, ids: &[LocationId]) -> Result<Vec<LocationId>, Error> {
    let found = scoped(scope).filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.into_iter().map(LocationId::from_uuid).collect())
}

/// The location that has this code.
pub async fn id_by_code(from: &impl Source, scope: &Scope, code: &str) -> Result<Option<LocationId>, Error> {
    let found = scoped(scope).filter(Column::Code.eq(code));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(LocationId::from_uuid))
}

/// At most `limit` locations after a position.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &LocationFilter,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Location>, Error> {
    let mut query = created_in(scoped(scope), Column::CreateTime, filter.created);
    if let Some(code) = &filter.code {
        query = query.filter(Column::Code.eq(code.as_str()));
    }
    let rows = part(query, (Column::CreateTime, Column::Id), sort, after, limit).all(&from.executor()).await?;
    Ok(rows.into_iter().map(Location::try_from).collect::<Result<_, CorruptRow>>()?)
}

/// The locations are the tenant's: whoever may read them reads all of them.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}

impl TryFrom<Model> for Location {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        Ok(Self {
            id: LocationId::from_uuid(row.id),
            code: row.code,
            name: row.name,
            metadata: from_json(row.metadata)?,
            version: row.version,
            create_time: Time::from_micros(row.create_time),
            update_time: Time::from_micros(row.update_time),
        })
    }
}
