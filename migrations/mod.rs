//! The schema, step by step. A step that was released is never edited; the next one changes what it made.
//!
//! Every step runs unchanged on SQLite and PostgreSQL. Points in time are microseconds since 1970 (UTC), ids are UUIDs,
//! enums are the names of the contract, and ceilings that a row can break by itself are CHECKs.

mod m0001_access;
mod m0002_catalog_and_customers;
mod m0003_orders;
mod m0004_write_path;
mod m0005_desk;
mod m0006_orders_completed;
mod m0007_inventory;
mod m0008_approvals;
mod m0009_quotes;
mod m0010_payments;
mod m0011_fulfillment;
mod m0012_event_log;
mod m0013_jobs;
mod m0014_webhooks;

use sea_orm_migration::prelude::*;

/// All steps, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_access::Migration),
            Box::new(m0002_catalog_and_customers::Migration),
            Box::new(m0003_orders::Migration),
            Box::new(m0004_write_path::Migration),
            Box::new(m0005_desk::Migration),
            Box::new(m0006_orders_completed::Migration),
            Box::new(m0007_inventory::Migration),
            Box::new(m0008_approvals::Migration),
            Box::new(m0009_quotes::Migration),
            Box::new(m0010_payments::Migration),
            Box::new(m0011_fulfillment::Migration),
            Box::new(m0012_event_log::Migration),
            Box::new(m0013_jobs::Migration),
            Box::new(m0014_webhooks::Migration),
        ]
    }
}

/// A UUID that is always there.
fn id(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// A text that is always there.
fn text(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Microseconds since 1970, or a count that needs 64 bits.
fn long(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A point in time that may be missing.
fn maybe_time(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

/// A JSON value that is always there.
fn json(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).json_binary().not_null().take()
}
