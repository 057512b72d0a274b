//! Connections: a pool for reads, and for writes one door through which every transaction goes.
//!
//! SQLite has one writing connection, so that writes queue here and not in its busy handler; PostgreSQL shares one pool.

use std::str::FromStr;
use std::time::Duration;

use log::LevelFilter;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend,
    DbErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::Error;
use crate::domain::time::Time;

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Idle connections are pinged before use only after this; a ping each time costs a round trip.
const PING_AFTER_IDLE: Duration = Duration::from_secs(30);

/// Connections are replaced after this, so that a pool follows a database that moved.
const MAX_LIFETIME: Duration = Duration::from_mins(30);

/// Readers beside the writers of PostgreSQL: writes that wait for each other must not keep reads waiting.
const POSTGRES_READERS: u32 = 4;

/// Connections of workers, so that neither requests keep leases from being renewed, nor workers requests waiting.
const POSTGRES_WORKERS: u32 = 4;

/// How long a connection may take to become usable again, before it is closed.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the pools may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Readers beside the one writer of SQLite.
const SQLITE_READERS: u32 = 4;

/// The write-ahead log is cut back to this after a checkpoint, in bytes.
const SQLITE_WAL_LIMIT: &str = "67108864";

/// Settings of a PostgreSQL session: each wait is shorter than the request that waits for it, and an acknowledged
/// commit is on disk, whatever the server's default.
const POSTGRES_SESSION: [(&str, &str); 4] = [
    ("statement_timeout", "5s"),
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("synchronous_commit", "on"),
];

/// Names the advisory lock of migrations and of the first start; any number, but the same in every process.
pub(super) const INSTALLATION_LOCK: i64 = 0x7472_6164_6570;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one process.
    Sqlite,
    /// A server, any number of processes.
    Postgres,
}

/// A database URL that is neither `sqlite://…` nor `postgres://…`, or one that cannot be read. It does not say more, since
/// the URL holds a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEngine;

impl FromStr for Engine {
    type Err = UnknownEngine;

    fn from_str(url: &str) -> Result<Self, UnknownEngine> {
        let (scheme, _) = url.split_once("://").ok_or(UnknownEngine)?;
        match scheme {
            "sqlite" => SqliteConnectOptions::from_str(url).map(|_| Self::Sqlite).map_err(|_| UnknownEngine),
            "postgres" | "postgresql" => {
                PgConnectOptions::from_str(url).map(|_| Self::Postgres).map_err(|_| UnknownEngine)
            }
            _ => Err(UnknownEngine),
        }
    }
}

/// The database.
#[derive(Debug, Clone)]
pub struct Db {
    engine: Engine,
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    worker: DatabaseConnection,
}

/// Something that can be read from: a pool or a transaction.
pub trait Source: Sync {
    /// Where statements go.
    fn executor(&self) -> DatabaseExecutor<'_>;
}

/// Reads outside a transaction.
#[derive(Debug)]
pub struct Reader(DatabaseConnection);

/// A writing transaction. Dropped without a commit, it rolls back.
#[derive(Debug)]
pub struct Tx(DatabaseTransaction);

impl Source for Reader {
    fn executor(&self) -> DatabaseExecutor<'_> {
        (&self.0).into()
    }
}

impl Source for Tx {
    fn executor(&self) -> DatabaseExecutor<'_> {
        (&self.0).into()
    }
}

impl Db {
    /// Opens the pools. An SQLite file is made when it is not there.
    pub async fn connect(url: &str, engine: Engine) -> Result<Self, Error> {
        let connect = async |options| Database::connect(options).await.map_err(Error::from);
        let (writer, reader, worker) = match engine {
            Engine::Sqlite => {
                let writer = connect(sqlite_options(url, 1)).await?;
                (writer.clone(), connect(sqlite_options(url, SQLITE_READERS)).await?, writer)
            }
            Engine::Postgres => (
                connect(postgres_options(url, postgres_writers())).await?,
                connect(postgres_options(url, POSTGRES_READERS)).await?,
                connect(postgres_options(url, POSTGRES_WORKERS)).await?,
            ),
        };
        Ok(Self { engine, writer, reader, worker })
    }

    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Reads outside a transaction.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader(self.reader.clone())
    }

    /// Begins a writing transaction. On SQLite it holds the write lock from the start, so that it can never
    /// fail halfway because another one got it first.
    pub async fn begin(&self) -> Result<Tx, Error> {
        begin(&self.writer).await
    }

    /// Begins a writing transaction of a worker, which waits for no request.
    pub async fn begin_work(&self) -> Result<Tx, Error> {
        begin(&self.worker).await
    }

    /// Runs statements that are one transaction by themselves, in one message: a process that freezes holds no lock by them
    /// (PostgreSQL's simple query protocol). Answers how many rows they touched.
    pub(super) async fn at_once(&self, statements: &str) -> Result<u64, Error> {
        Ok(self.worker.execute_unprepared(statements).await?.rows_affected())
    }

    /// A connection that hears what other processes tell; `None` on SQLite, which has no other process.
    pub async fn listen(&self, channel: &str) -> Result<Option<Listener>, Error> {
        if self.engine == Engine::Sqlite {
            return Ok(None);
        }
        let pool = self.worker.get_postgres_connection_pool();
        let options = pool.connect_options().as_ref().clone();
        let pool = sea_orm::sqlx::postgres::PgPoolOptions::new().max_connections(1).connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await.map_err(heard)?;
        listener.listen(channel).await.map_err(heard)?;
        Ok(Some(Listener(listener)))
    }

    /// Closes the pools.
    pub async fn close(&self) {
        for pool in [&self.writer, &self.reader, &self.worker] {
            if tokio::time::timeout(CLOSE_TIMEOUT, pool.close_by_ref()).await.is_err() {
                tracing::debug!("a pool did not close in time");
            }
        }
    }
}

async fn time(connection: &impl ConnectionTrait) -> Result<Time, Error> {
    let backend = connection.get_database_backend();
    let now = match backend {
        DbBackend::Postgres => "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now",
        _ => "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS now",
    };
    let row = connection.query_one_raw(Statement::from_string(backend, now)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the database has no time".to_owned()))?;
    Ok(Time::from_micros(row.try_get("", "now")?))
}

impl Reader {
    /// The time of the database: what several processes agree on.
    pub async fn time(&self) -> Result<Time, Error> {
        time(&self.0).await
    }
}

async fn begin(pool: &DatabaseConnection) -> Result<Tx, Error> {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    Ok(Tx(pool.begin_with_options(options).await?))
}

/// Hears what other processes tell.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// Waits until somebody tells something. What is told while the connection is away is lost: it is only a hint.
    pub async fn hear(&mut self) -> Result<(), Error> {
        self.0.recv().await.map(|_| ()).map_err(heard)
    }
}

fn heard(error: sea_orm::sqlx::Error) -> Error {
    Error::from(DbErr::Query(sea_orm::RuntimeErr::SqlxError(error.into())))
}

impl Tx {
    /// Which database it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.0.get_database_backend() {
            DbBackend::Postgres => Engine::Postgres,
            _ => Engine::Sqlite,
        }
    }

    /// The time of the database: what several processes agree on. It moves within a transaction.
    pub async fn time(&self) -> Result<Time, Error> {
        time(&self.0).await
    }

    /// Waits until no other process sets up the installation. SQLite's transaction has that lock from its start.
    pub async fn lock_installation(&self) -> Result<(), Error> {
        if self.engine() == Engine::Postgres {
            self.0.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({INSTALLATION_LOCK})")).await?;
        }
        Ok(())
    }

    /// Marks a place to which the transaction can be taken back.
    pub async fn savepoint(&self) -> Result<(), Error> {
        Ok(self.0.execute_unprepared("SAVEPOINT part").await.map(|_| ())?)
    }

    /// Forgets the last mark; what was done since stays.
    pub async fn release_savepoint(&self) -> Result<(), Error> {
        Ok(self.0.execute_unprepared("RELEASE SAVEPOINT part").await.map(|_| ())?)
    }

    /// Undoes what was done since the last mark, and forgets the mark.
    pub async fn undo_to_savepoint(&self) -> Result<(), Error> {
        self.0.execute_unprepared("ROLLBACK TO SAVEPOINT part").await?;
        self.release_savepoint().await
    }

    /// Makes everything in it true at once.
    pub async fn commit(self) -> Result<(), Error> {
        self.0.commit().await.map_err(|error| match Error::from(error) {
            Error::Unavailable(error) | Error::Fault(error) => Error::CommitUnknown(error),
            known => known,
        })
    }

    /// Undoes everything in it. That a broken connection cannot is no matter: its transaction is gone with it.
    pub async fn rollback(self) {
        if let Err(error) = self.0.rollback().await {
            tracing::debug!(%error, "a rollback failed");
        }
    }
}

/// Statements are logged on `trace` by `sqlx::query`, without what they are given.
fn common_options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging_level(LevelFilter::Trace)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .max_lifetime(MAX_LIFETIME)
        .test_before_acquire_if_idle_for(PING_AFTER_IDLE);
    options
}

fn sqlite_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common_options(url);
    options.max_connections(connections).min_connections(1);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_size_limit", SQLITE_WAL_LIMIT)
    });
    options
}

/// Two a core: more only queue inside the server.
fn postgres_writers() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    u32::try_from(2 * cores).unwrap_or(u32::MAX)
}

fn postgres_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = common_options(url);
    options.max_connections(connections).min_connections(1);
    options.map_sqlx_postgres_opts(|options| options.application_name("tradepost").options(POSTGRES_SESSION));
    options.map_sqlx_postgres_pool_opts(|pool| {
        pool.after_release(|connection, _| Box::pin(async move { Ok(leave_transaction(connection).await) }))
    });
    options
}

/// A future dropped while it begins a transaction leaves the connection inside one, and the next user must not inherit it.
/// A bare ROLLBACK would make the server log a warning each time there is none. `false` closes the connection.
async fn leave_transaction(connection: &mut sea_orm::sqlx::PgConnection) -> bool {
    use sea_orm::sqlx::Executor;
    let rollback = tokio::time::timeout(RELEASE_TIMEOUT, connection.execute("BEGIN; ROLLBACK"));
    matches!(rollback.await, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_picks_the_engine() {
        for (url, engine) in [
            ("sqlite://tradepost.db", Ok(Engine::Sqlite)),
            ("sqlite::memory:", Err(UnknownEngine)),
            ("postgres://user:pass word@host:port/x", Err(UnknownEngine)),
            ("postgres://localhost/tradepost", Ok(Engine::Postgres)),
            ("postgresql://localhost/tradepost", Ok(Engine::Postgres)),
            ("mysql://localhost", Err(UnknownEngine)),
            ("tradepost.db", Err(UnknownEngine)),
        ] {
            assert_eq!(url.parse::<Engine>(), engine, "{url}");
        }
    }
}
