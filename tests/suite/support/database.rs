//! Databases that belong to one test: a file in a temporary folder, or a database on the PostgreSQL server of the run.
//! Both are gone when the test is over.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement};
use tempfile::TempDir;

use super::chance::Chance;

/// Where the server of the run is.
const POSTGRES: &str = "TRADEPOST_TEST_POSTGRES_URL";

/// Which database a scenario runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// An empty database, and a folder for whatever else the test keeps.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) engine: Engine,
    pub(crate) url: String,
    pub(crate) folder: TempDir,
    admin: Option<(String, String)>,
}

impl Database {
    pub(crate) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        match engine {
            Engine::Sqlite => {
                let url = format!("sqlite://{}", folder.path().join("tradepost.db").display());
                Self { engine, url, folder, admin: None }
            }
            Engine::Postgres => {
                let server = postgres_server();
                let mut name = "suite_".to_owned();
                write!(name, "{}_{:x}", std::process::id(), Chance::of_this_run().next()).expect("a text");
                execute(&server, &format!("CREATE DATABASE {name}")).await;
                let (base, _) = server.rsplit_once('/').expect("an URL with a database");
                Self { engine, url: format!("{base}/{name}"), folder, admin: Some((server, name)) }
            }
        }
    }

    /// A connection beside those of the service.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        sea_orm::Database::connect(&self.url).await.expect("the database of the test")
    }

    /// The number that a statement answers.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let rows = self.rows(sql).await;
        rows.first().expect("one row").try_get_by_index(0).expect("a number")
    }

    /// The first column of every row, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a text")).collect()
    }

    /// Changes rows behind the back of the service.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&self.url, sql).await;
    }

    /// How many rows there are of all that a write leaves.
    pub(crate) async fn traces(&self) -> Vec<i64> {
        let mut counts = Vec::new();
        for table in [
            "products",
            "customers",
            "orders",
            "payments",
            "refunds",
            "stock_movements",
            "api_keys",
            "events",
            "audit_events",
            "idempotency_keys",
        ] {
            counts.push(self.count(&format!("SELECT count(*) FROM {table}")).await);
        }
        counts
    }

    /// The events of a thing, in order: its version, and what happened.
    pub(crate) async fn told(&self, id: &str) -> Vec<String> {
        let told = "SELECT CAST(resource_sequence AS TEXT) || ' ' || type FROM events";
        let of_it = format!("CAST(data AS TEXT) LIKE '%{id}%' AND data->>'id' = '{id}'");
        self.texts(&format!("{told} WHERE {of_it} ORDER BY resource_sequence")).await
    }

    async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let backend = match self.engine {
            Engine::Sqlite => DbBackend::Sqlite,
            Engine::Postgres => DbBackend::Postgres,
        };
        let connection = self.connect().await;
        let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.expect(sql);
        connection.close().await.expect("closes");
        rows
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some((server, name)) = self.admin.take() else { return };
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")));
        });
        if gone.join().is_err() {
            eprintln!("a database of the test stays behind");
        }
    }
}

fn postgres_server() -> String {
    std::env::var(POSTGRES).unwrap_or_else(|_| {
        panic!("{POSTGRES} is not set: run the tests as `scripts/with-postgres.sh cargo test --test suite`")
    })
}

async fn execute(url: &str, sql: &str) {
    let connection = sea_orm::Database::connect(url).await.expect("a database");
    connection.execute_unprepared(sql).await.expect(sql);
    connection.close().await.expect("closes");
}
