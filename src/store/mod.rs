//! SQL, and nothing but SQL. The only folder that names sea-orm.
//!
//! Rows become domain values here or not at all; every function takes the scope of its caller.

pub mod access;
pub mod approval_policies;
pub mod approvals;
pub mod audit;
pub mod books;
pub mod catalog;
pub mod customers;
pub mod db;
pub mod event_log;
pub mod events;
pub mod idempotency;
pub mod jobs;
pub mod keys;
pub mod leases;
pub mod locations;
pub mod migrate;
pub mod money_drifts;
pub mod orders;
pub mod payments;
pub mod personal;
pub mod quotes;
pub mod refunds;
pub mod reports;
pub mod reservations;
pub mod returns;
pub mod secrets;
pub mod shipments;
pub mod stock;
pub mod stock_movements;
pub mod webhook_deliveries;
pub mod webhook_endpoints;
pub mod webhook_work;

mod entities;
mod faults;
mod order_pages;
mod order_rows;
mod pages;
mod quote_rows;
mod rows;

pub use db::{Db, Engine, Reader, Source, Tx};
pub use pages::Position;
pub use rows::CorruptRow;

use crate::domain::ids::{CustomerId, TenantId};

/// Whose rows a query may touch. There is no query without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The tenant.
    pub tenant: TenantId,
    /// The only customer, for callers that are bound to one.
    pub customer: Option<CustomerId>,
}

/// Why the database did not do what it was asked to.
#[derive(Debug)]
pub enum Error {
    /// Another transaction got in between; the same transaction, run again, may pass (SQLSTATE 40001, 40P01, `SQLITE_BUSY`).
    Conflict(sea_orm::DbErr),
    /// A row is no longer as this transaction has read it; run again, it reads what the row has become.
    Stale,
    /// A row was locked by somebody else for too long (SQLSTATE 55P03).
    LockTimeout(sea_orm::DbErr),
    /// A unique index refused the row; its name or its columns, as the engine tells them.
    Duplicate(String),
    /// A foreign key refused the change: the row that it names is not there, or is still named by others.
    ForeignKey(sea_orm::DbErr),
    /// The database cannot be reached, is full, or has no connection left.
    Unavailable(sea_orm::DbErr),
    /// The connection broke while committing: nobody knows whether it happened. The idempotency key does.
    CommitUnknown(sea_orm::DbErr),
    /// A row does not fit the domain.
    Corrupt(CorruptRow),
    /// Anything else: a fault of ours.
    Fault(sea_orm::DbErr),
}

impl Error {
    /// Whether the same request may pass later, without anybody mending anything here.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Conflict(_) | Self::Stale | Self::LockTimeout(_) | Self::Unavailable(_) | Self::CommitUnknown(_) => {
                true
            }
            Self::Duplicate(_) | Self::ForeignKey(_) | Self::Corrupt(_) | Self::Fault(_) => false,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Conflict(error) => write!(f, "transaction conflict: {error}"),
            Self::Stale => f.write_str("a row changed since it was read"),
            Self::LockTimeout(error) => write!(f, "lock timeout: {error}"),
            Self::Duplicate(index) => write!(f, "duplicate row: {index}"),
            Self::ForeignKey(error) => write!(f, "foreign key: {error}"),
            Self::Unavailable(error) => write!(f, "database unavailable: {error}"),
            Self::CommitUnknown(error) => write!(f, "outcome of the commit unknown: {error}"),
            Self::Corrupt(row) => write!(f, "corrupt row: {row}"),
            Self::Fault(error) => write!(f, "database fault: {error}"),
        }
    }
}

impl std::error::Error for Error {}

/// A write of one row that was guarded by what had been read of it: either it hit, or somebody was faster.
fn hit(written: &sea_orm::UpdateResult) -> Result<(), Error> {
    if written.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
}

impl From<CorruptRow> for Error {
    fn from(row: CorruptRow) -> Self {
        Self::Corrupt(row)
    }
}
