//! Leases: what one of several processes does at a time. Time is the database's, which all of them share.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Set};
use uuid::Uuid;

use super::entities::leases::{ActiveModel, Column, Entity};
use super::{Error, Source, Tx};
use crate::domain::time::Time;

/// Takes a lease, or keeps it. `false`: somebody else has it.
pub async fn take(tx: &Tx, name: &str, holder: Uuid, now: Time, term: Duration) -> Result<bool, Error> {
    let until = now.plus(term).micros();
    let row = ActiveModel { name: Set(name.to_owned()), holder: Set(holder), until: Set(until) };
    let free = Condition::any()
        .add(Expr::col((Entity, Column::Holder)).eq(holder))
        .add(Expr::col((Entity, Column::Until)).lte(now.micros()))
        // Written by a clock that was ahead.
        .add(Expr::col((Entity, Column::Until)).gt(now.plus(term).micros()));
    let conflict = OnConflict::column(Column::Name)
        .update_columns([Column::Holder, Column::Until])
        .action_cond_where(free)
        .to_owned();
    let written = Entity::insert(row).on_conflict(conflict).exec_without_returning(&tx.executor()).await?;
    Ok(written == 1)
}

/// Gives a lease back, if it is still held.
pub async fn release(tx: &Tx, name: &str, holder: Uuid) -> Result<(), Error> {
    let held = Entity::delete_many().filter(Column::Name.eq(name)).filter(Column::Holder.eq(holder));
    held.exec(&tx.executor()).await?;
    Ok(())
}
