//! Moves the schema up and down, one process at a time.
//!
//! The steps run in one transaction that first takes a lock: on PostgreSQL an advisory lock, on SQLite the write lock
//! itself. Whoever waits finds nothing left to do; whoever is killed leaves nothing half done.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr};
use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};
use sea_orm_migration::{MigrationStatus, MigratorTrait};

use super::db::INSTALLATION_LOCK;
use super::{Db, Engine, Error, Source};
use crate::migrations::Migrator;

/// How long to wait for a database that does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A step, and whether it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Whether the schema has it.
    pub applied: bool,
}

/// Takes every step that is missing.
pub async fn up(url: &str, engine: Engine) -> Result<(), Error> {
    let connection = connect(url, engine).await?;
    let tx = lock(&connection, engine).await?;
    Migrator::up(&tx, None).await?;
    tx.commit().await?;
    Ok(connection.close().await?)
}

/// Takes the last steps back.
pub async fn down(url: &str, engine: Engine, steps: u32) -> Result<(), Error> {
    let connection = connect(url, engine).await?;
    let tx = lock(&connection, engine).await?;
    Migrator::down(&tx, Some(steps)).await?;
    tx.commit().await?;
    Ok(connection.close().await?)
}

/// Tells every step. Changes nothing.
pub async fn status(url: &str, engine: Engine) -> Result<Vec<Step>, Error> {
    let connection = connect(url, engine).await?;
    let steps = Migrator::get_migration_with_status_read_only(&connection).await?;
    connection.close().await?;
    Ok(steps
        .iter()
        .map(|step| Step { name: step.name().to_owned(), applied: step.status() == MigrationStatus::Applied })
        .collect())
}

/// Whether the schema has every step that this program knows. Also tells that the database answers.
pub async fn is_current(db: &Db) -> Result<bool, Error> {
    Ok(Migrator::get_pending_migrations_read_only(&db.reader().executor()).await?.is_empty())
}

/// A connection of its own, without the time limits of requests: the lock may take as long as another's migration.
async fn connect(url: &str, engine: Engine) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false).acquire_timeout(PATIENCE).connect_timeout(PATIENCE);
    if engine == Engine::Sqlite {
        options.map_sqlx_sqlite_opts(|options| options.create_if_missing(true));
    }
    Database::connect(options).await
}

async fn lock(connection: &DatabaseConnection, engine: Engine) -> Result<DatabaseTransaction, DbErr> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let tx = connection.begin_with_options(options).await?;
    if engine == Engine::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({INSTALLATION_LOCK})")).await?;
    }
    Ok(tx)
}
