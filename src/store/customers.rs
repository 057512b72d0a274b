//! Customers.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use uuid::Uuid;

use super::entities::customers::{ActiveModel, Column, Entity, Model};
use super::rows::to_json;
use super::{Error, Scope, Source, Tx};
use crate::domain::customer::{Customer, Standing};
use crate::domain::ids::{CustomerId, TypedId};

/// Adds a customer.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, customer: &Customer) -> Result<(), Error> {
    let row = ActiveModel {
        id: Set(customer.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        name: Set(customer.name.clone()),
        email: Set(customer.email.clone()),
        company: Set(customer.company.clone()),
        addresses: Set(to_json(&customer.addresses)?),
        reference: Set(customer.reference.clone()),
        metadata: Set(to_json(&customer.metadata)?),
        version: Set(customer.version),
        create_time: Set(customer.create_time.micros()),
        update_time: Set(customer.update_time.micros()),
        erase_time: Set(None),
    };
    Entity::insert(row).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Whether the caller may see a customer with this id.
pub async fn exists(from: &impl Source, scope: &Scope, id: CustomerId) -> Result<bool, Error> {
    if scope.customer.is_some_and(|own| own != id) {
        return Ok(false);
    }
    let found = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid())).filter(Column::Id.eq(id.uuid()));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(!ids.is_empty())
}

/// Whether the customer with this id can order, and goes on to until the transaction is over: it is neither deleted nor
/// erased before.
pub async fn standing(tx: &Tx, scope: &Scope, id: CustomerId) -> Result<Option<Standing>, Error> {
    if scope.customer.is_some_and(|own| own != id) {
        return Ok(None);
    }
    let found = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid())).filter(Column::Id.eq(id.uuid()));
    let mut rows = found.lock_shared().all(&tx.executor()).await?;
    let standing = |row: Model| if row.erase_time.is_some() { Standing::Erased } else { Standing::Good };
    Ok(rows.pop().map(standing))
}

/// The customer that has this reference.
pub async fn by_reference(from: &impl Source, scope: &Scope, reference: &str) -> Result<Option<CustomerId>, Error> {
    let found = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid())).filter(Column::Reference.eq(reference));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(CustomerId::from_uuid))
}
