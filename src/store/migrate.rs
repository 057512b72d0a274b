//! Moves the schema up and down, one process at a time.
//!
//! The steps run in one transaction that first takes a lock: on PostgreSQL an advisory lock, on SQLite the write lock
//! itself. Whoever waits finds nothing left to do; whoever is killed leaves nothing half done.
//!
//! A newer program may have taken steps that this one does not know. They only add, so they are no matter to it: while the
//! one version is replaced by the other, both serve.

use std::collections::BTreeSet;
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbErr,
    EntityTrait,
};
use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};
use sea_orm_migration::{MigratorTrait, SchemaManager, seaql_migrations};

use super::db::INSTALLATION_LOCK;
use super::{Db, Engine, Error, Source};
use crate::migrations::Migrator;

/// How long to wait for a database that does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the migrator notes the steps that were taken.
const STEPS_TABLE: &str = "seaql_migrations";

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
    // The migrator refuses a schema with a step that it does not know, so it is asked only when there is something to do.
    if !is_complete(&taken(&tx).await?) {
        Migrator::up(&tx, None).await?;
    }
    tx.commit().await?;
    Ok(connection.close().await?)
}

/// Takes the last steps back.
///
/// # Errors
/// When there are steps that this program does not know: only the program that took them can take them back.
pub async fn down(url: &str, engine: Engine, steps: u32) -> Result<(), Error> {
    let connection = connect(url, engine).await?;
    let tx = lock(&connection, engine).await?;
    Migrator::down(&tx, Some(steps)).await?;
    tx.commit().await?;
    Ok(connection.close().await?)
}

/// Tells every step: those that this program knows, and those that only a newer one does. Changes nothing.
pub async fn status(url: &str, engine: Engine) -> Result<Vec<Step>, Error> {
    let connection = connect(url, engine).await?;
    let mut taken = taken(&connection).await?;
    connection.close().await?;
    let known = known().map(|name| Step { applied: taken.remove(&name), name });
    let mut steps: Vec<_> = known.collect();
    steps.extend(taken.into_iter().map(|name| Step { name, applied: true }));
    Ok(steps)
}

/// Whether the schema has every step that this program knows. Also tells that the database answers.
pub async fn is_current(db: &Db) -> Result<bool, Error> {
    Ok(is_complete(&taken(db.reader().executor()).await?))
}

/// The names of the steps that this program knows, in order.
fn known() -> impl Iterator<Item = String> {
    Migrator::migrations().into_iter().map(|step| step.name().to_owned())
}

fn is_complete(taken: &BTreeSet<String>) -> bool {
    known().all(|name| taken.contains(&name))
}

/// The names of the steps that the schema has, whoever took them; none of an empty database.
async fn taken(from: impl Into<DatabaseExecutor<'_>>) -> Result<BTreeSet<String>, DbErr> {
    let manager = SchemaManager::new(from.into());
    if !manager.has_table(STEPS_TABLE).await? {
        return Ok(BTreeSet::new());
    }
    let steps = seaql_migrations::Entity::find().all(manager.get_connection()).await?;
    Ok(steps.into_iter().map(|step| step.version).collect())
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
