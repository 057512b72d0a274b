//! The schema: up, down and up again; many processes at once; and what the command says of it.

use std::process::Output;

use crate::support::client::{Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::on_both_engines;
use crate::support::service::{PLATFORM_KEY, Service, program};
use crate::support::world;

on_both_engines! {
    the_schema_moves_up_and_down,
    many_processes_may_migrate_at_once,
    status_changes_nothing,
    an_older_program_serves_on,
    lines_and_replies_come_along,
}

/// How many steps there are now; the command is asked for them.
fn migrate(database: &Database, arguments: &[&str]) -> Vec<String> {
    lines(&program(&database.url, database.folder.path()).arg("migrate").args(arguments).output().expect("the program"))
}

fn lines(output: &Output) -> Vec<String> {
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// Everything that the schema is made of, as the engine tells it.
async fn schema(database: &Database) -> Vec<String> {
    let statements: &[&str] = match database.engine {
        Engine::Sqlite => &["SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1"],
        Engine::Postgres => &[
            "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' \
             || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "SELECT conrelid::regclass::text || ': ' || pg_get_constraintdef(oid) FROM pg_constraint \
             WHERE connamespace = 'public'::regnamespace ORDER BY 1",
        ],
    };
    let mut all = Vec::new();
    for statement in statements {
        all.extend(database.texts(statement).await);
    }
    all
}

async fn the_schema_moves_up_and_down(engine: Engine) {
    let database = Database::new(engine).await;
    let up = migrate(&database, &["up"]);
    assert!(up.len() >= 4 && up.iter().all(|line| line.starts_with("applied m")), "{up:?}");
    let fresh = schema(&database).await;
    assert!(fresh.iter().any(|line| line.contains("idempotency_keys")), "{fresh:?}");
    assert_eq!(migrate(&database, &["up"]), up, "a second time there is nothing to do");
    let down = migrate(&database, &["down"]);
    assert_eq!(down.iter().filter(|line| line.starts_with("pending")).count(), 1, "one step back: {down:?}");
    assert!(down.last().expect("steps").starts_with("pending"));
    migrate(&database, &["up"]);
    assert_eq!(schema(&database).await, fresh, "after one step");
    let steps = up.len().to_string();
    let down = migrate(&database, &["down", "--steps", &steps]);
    assert!(down.iter().all(|line| line.starts_with("pending m")), "{down:?}");
    assert!(!schema(&database).await.iter().any(|line| line.contains("orders")), "nothing is left of it");
    migrate(&database, &["up"]);
    assert_eq!(schema(&database).await, fresh, "after all of them");
    let service = Service::start(&database).await;
    world::stock(&Client::new(service.address, Wire::Rest, PLATFORM_KEY)).await;
}

async fn many_processes_may_migrate_at_once(engine: Engine) {
    let database = Database::new(engine).await;
    let start = || {
        let mut command = program(&database.url, database.folder.path());
        command.args(["migrate", "up"]).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.spawn().expect("the program")
    };
    let running: Vec<_> = (0..4).map(|_| start()).collect();
    for child in running {
        let steps = lines(&child.wait_with_output().expect("a child"));
        assert!(steps.iter().all(|line| line.starts_with("applied")), "{steps:?}");
    }
    assert_eq!(
        database.count("SELECT count(*) FROM server_secrets").await,
        2,
        "one page token key and one sealing key"
    );
}

async fn status_changes_nothing(engine: Engine) {
    let database = Database::new(engine).await;
    let status = migrate(&database, &["status"]);
    assert!(status.len() >= 4 && status.iter().all(|line| line.starts_with("pending m")), "{status:?}");
    assert_eq!(schema(&database).await, Vec::<String>::new());
}

/// A newer program has taken a step that this one does not know.
async fn an_older_program_serves_on(engine: Engine) {
    let database = Database::new(engine).await;
    let mut service = Service::start(&database).await;
    let up = migrate(&database, &["status"]);
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    execute(&database, later).await;
    service.ready().await;
    let mut with_later = up;
    with_later.push("applied m9999_later".to_owned());
    assert_eq!(migrate(&database, &["status"]), with_later);
    assert_eq!(migrate(&database, &["up"]), with_later);
    let down = program(&database.url, database.folder.path()).args(["migrate", "down"]).output().expect("the program");
    assert!(!down.status.success(), "what it does not know it cannot take back");
    assert_eq!(migrate(&database, &["status"]), with_later);
    let mut keys = program(&database.url, database.folder.path());
    keys.args(["keys", "create", "--name", "console", "--role", "ADMIN"]);
    let keys = keys.output().expect("the program");
    assert!(keys.status.success(), "{}", String::from_utf8_lossy(&keys.stderr));
    service.terminate();
    service.ended().await;
    service.restart().await;
    world::stock(&Client::new(service.address, Wire::Rest, PLATFORM_KEY)).await;
}

async fn execute(database: &Database, sql: &str) {
    let connection = database.connect().await;
    sea_orm::ConnectionTrait::execute_unprepared(&connection, sql).await.expect(sql);
    connection.close().await.expect("closes");
}

/// Lines learn whose they are, and replies that say not whose they are go.
async fn lines_and_replies_come_along(engine: Engine) {
    let database = Database::new(engine).await;
    let mut service = Service::start(&database).await;
    let client = Client::new(service.address, Wire::Rest, PLATFORM_KEY);
    world::stock(&client).await;
    let customer = world::customer(&client, "Ada").await;
    let order = client.keyed("kept", world::order(&customer, &[(world::TEAPOT, 1)])).await.expect("an order").id();
    service.terminate();
    service.ended().await;
    let is_back = |steps: &[String]| steps.iter().any(|step| step == "pending m0005_desk");
    while !is_back(&migrate(&database, &["status"])) {
        migrate(&database, &["down"]);
    }
    service.restart().await;
    assert_eq!(database.count("SELECT count(*) FROM idempotency_keys WHERE key = 'kept'").await, 0);
    let list = tradepost::contract::pb::ListOrdersRequest { sku: world::TEAPOT.to_owned(), ..Default::default() };
    let found = client.call(list).await.expect("a page");
    assert_eq!(found.text("/orders/0/id"), order);
}

/// The first start of four processes on one empty database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_may_start_at_once() {
    let database = Database::new(Engine::Postgres).await;
    let mut services: Vec<_> = (0..4).map(|_| Service::launch(&database)).collect();
    for service in &mut services {
        service.ready().await;
    }
    assert_eq!(database.texts("SELECT name FROM tenants").await, ["default"]);
    assert_eq!(database.count("SELECT count(*) FROM api_keys").await, 1);
    let one = Client::new(services[0].address, Wire::Grpc, PLATFORM_KEY);
    world::stock(&one).await;
    let customer = world::customer(&one, "Ada").await;
    for service in &services {
        let client = Client::new(service.address, Wire::Grpc, PLATFORM_KEY);
        client.call(world::order(&customer, &[(world::TEAPOT, 1)])).await.expect("each sees what another wrote");
    }
}
