//! However many orders are exported, and however slowly: the service holds a few of them at a time.
//!
//! `TRADEPOST_TEST_ORDERS` says how many there are: a million takes minutes, and a release build.

use std::time::{Duration, Instant};

use http::Method;
use http_body_util::BodyExt;
use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::support::client::Wire;
use crate::support::database::{Database, Engine};
use crate::support::http::{HttpCall, Opened};
use crate::support::on_both_engines;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::{SPOON, TEAPOT, World, order};

on_both_engines! { an_export_takes_little_memory_and_blocks_nobody }

/// How many orders CI exports.
const ORDERS: usize = 12_000;

/// What an export may take beyond what the idle service has, and fifty slow ones together, in KiB.
const FAST: i64 = 32 * 1024;
const SLOW: i64 = 64 * 1024;

const SLOW_READERS: usize = 50;

/// The columns of a table but those that differ from copy to copy.
async fn columns(database: &Database, table: &str, but: &[&str]) -> String {
    let names = match database.engine {
        Engine::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Engine::Postgres => {
            format!("SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = '{table}'")
        }
    };
    let names = database.texts(&names).await;
    names.into_iter().filter(|name| !but.contains(&name.as_str())).collect::<Vec<_>>().join(", ")
}

/// An id for the copy with this number, of one of several kinds of things.
fn id(engine: Engine, kind: u8, number: &str) -> String {
    match engine {
        Engine::Sqlite => format!("unhex(printf('{kind:02x}%030x', {number}))"),
        Engine::Postgres => format!("CAST('{kind:02x}' || lpad(to_hex({number}), 30, '0') AS UUID)"),
    }
}

/// Copies the one order with its two lines, behind the back of the service.
async fn multiply(database: &Database, count: usize) {
    let engine = database.engine;
    let numbers = format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count})");
    let (order, item) = (id(engine, 1, "n"), id(engine, 2, "2 * n + position"));
    let rest = columns(database, "orders", &["id", "create_time"]).await;
    let own = "(SELECT * FROM orders WHERE id = (SELECT order_id FROM order_items LIMIT 1))";
    database
        .execute(&format!(
            "INSERT INTO orders (id, create_time, {rest}) {numbers} SELECT {order}, create_time + n, {rest} FROM {own} AS o, s"
        ))
        .await;
    let rest = columns(database, "order_items", &["id", "order_id", "order_time"]).await;
    database
        .execute(&format!(
            "INSERT INTO order_items (id, order_id, order_time, {rest}) {numbers} \
             SELECT {item}, {order}, order_time + n, {rest} FROM order_items, s"
        ))
        .await;
}

async fn open(world: &World) -> Opened {
    let bearer = format!("Bearer {PLATFORM_KEY}");
    let headers = [("authorization", bearer.as_str())];
    let call =
        HttpCall { method: Method::GET, target: "/v1/orders:export", headers: &headers, body: bytes::Bytes::new() };
    call.open(world.service.address).await.expect("an export")
}

/// The most memory that the service has while something goes on, in KiB.
async fn peak<T>(world: &World, work: impl Future<Output = T>) -> (i64, T) {
    let mut peak = 0;
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return (peak.max(world.service.memory()), done),
            () = tokio::time::sleep(Duration::from_millis(20)) => peak = peak.max(world.service.memory()),
        }
    }
}

/// Reads an export to its end, as fast as it comes, and counts its lines.
async fn read(mut export: Opened) -> usize {
    let mut lines = 0;
    while let Some(frame) = export.body.frame().await {
        let frame = frame.expect("a whole export");
        lines += frame.data_ref().map_or(0, |data| data.split(|byte| *byte == b'\n').count() - 1);
    }
    lines
}

async fn an_export_takes_little_memory_and_blocks_nobody(engine: Engine) {
    let world = World::new(engine).await;
    let count = std::env::var("TRADEPOST_TEST_ORDERS").map_or(ORDERS, |number| number.parse().expect("a number"));
    let client = world.client(Wire::Rest);
    client.call(order(&world.customer, &[(TEAPOT, 1), (SPOON, 2)])).await.expect("an order");
    multiply(&world.database, count).await;
    // What every service has sooner or later: connections, statements.
    read(open(&world).await).await;
    let idle = world.service.memory();
    let (begun, over) = (Instant::now(), tokio::sync::Notify::new());
    let writing = async {
        let mut slowest = Duration::ZERO;
        loop {
            let begun = Instant::now();
            client.call(world.order()).await.expect("an order during the export");
            slowest = slowest.max(begun.elapsed());
            tokio::select! {
                () = over.notified() => return slowest,
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
        }
    };
    let exporting = async {
        let (peak, lines) = peak(&world, async { read(open(&world).await).await }).await;
        over.notify_one();
        (peak, lines)
    };
    let ((most, lines), slowest) = tokio::join!(exporting, writing);
    assert_eq!(lines, count + 1, "all of those that were there");
    eprintln!(
        "{lines} orders in {:?}, {} KiB beyond {idle}; the slowest write {slowest:?}",
        begun.elapsed(),
        most - idle
    );
    assert!(most - idle <= FAST, "{} KiB more than the idle service has", most - idle);

    let mut readers = JoinSet::new();
    for _ in 0..SLOW_READERS {
        let export = open(&world).await;
        readers.spawn(async move {
            // All of it, with its connection.
            let mut export = export;
            // 10 KiB a second, for a while.
            for _ in 0..8 {
                let frame = export.body.frame().await.expect("more").expect("a frame");
                let bytes = u32::try_from(frame.data_ref().map_or(0, bytes::Bytes::len)).expect("a small frame");
                tokio::time::sleep(Duration::from_secs(1) * bytes / 10_240).await;
            }
        });
    }
    let others = async {
        for number in 0..40 {
            client.call(world.order()).await.unwrap_or_else(|failed| panic!("order {number}: {:?}", failed.refusal()));
            client.call(pb::ListOrdersRequest::default()).await.expect("a list beside the slow readers");
        }
    };
    let ((most, _), ()) = tokio::join!(peak(&world, readers.join_all()), others);
    eprintln!("{SLOW_READERS} slow readers: {} KiB more", most - idle);
    assert!(most - idle <= SLOW, "{} KiB more than the idle service has", most - idle);
}
