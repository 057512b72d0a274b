//! Clients that hang up in the middle of a write: nobody else's write is lost, and nothing is left behind.
//!
//! `TRADEPOST_TEST_HANGUPS` says how many do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tradepost::contract::{pb, to_json};

use crate::support::chance::Chance;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::World;

on_both_engines! { hang_ups_hurt_nobody_else }

/// How many hang up in CI.
const HANGUPS: u64 = 400;

/// The longest that one of them waits before it goes, in microseconds.
const PATIENCE: u64 = 30_000;

async fn hang_ups_hurt_nobody_else(engine: Engine) {
    let (mut world, mut chance) = (World::new(engine).await, Chance::of_this_run());
    let hangups = std::env::var("TRADEPOST_TEST_HANGUPS").map_or(HANGUPS, |text| text.parse().expect("a number"));
    let go_on = Arc::new(AtomicBool::new(true));
    let mut others = JoinSet::new();
    for wire in Wire::ALL {
        others.spawn(work(world.client(wire), world.order(), Arc::clone(&go_on)));
    }
    let mut rude = JoinSet::new();
    for _ in 0..8 {
        rude.spawn(hang_up(world.service.address, world.order(), chance.branch(), hangups / 8));
    }
    rude.join_all().await;
    go_on.store(false, Ordering::Relaxed);
    let acknowledged: Vec<_> = others.join_all().await.into_iter().flatten().collect();
    assert!(!acknowledged.is_empty());
    for order_id in acknowledged {
        let read = world.client(Wire::Rest).call(pb::GetOrderRequest { order_id: order_id.clone() }).await;
        read.unwrap_or_else(|failed| panic!("{order_id} was acknowledged and is lost: {failed:?}"));
    }
    still_works(&world).await;
    nothing_is_left(&world).await;
    world.service.terminate();
    assert!(world.service.ended().await.success(), "it stops as ever");
}

/// Clients that wait for their answers.
async fn work(client: Client, order: pb::CreateOrderRequest, go_on: Arc<AtomicBool>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    while go_on.load(Ordering::Relaxed) {
        match client.call(order.clone()).await.map_err(Failed::refusal) {
            Ok(answer) => acknowledged.push(answer.id()),
            // Writes that were abandoned still run, and may be more than the database can take.
            Err(refusal) => assert_eq!(refusal.code, "unavailable", "{refusal:?}"),
        }
    }
    acknowledged
}

/// Clients that do not.
async fn hang_up(address: SocketAddr, order: pb::CreateOrderRequest, mut chance: Chance, times: u64) {
    let shared = Client::new(address, Wire::Grpc, PLATFORM_KEY);
    for time in 0..times {
        let patience = Duration::from_micros(chance.below(PATIENCE));
        let order = pb::CreateOrderRequest { note: "gone".to_owned(), ..order.clone() };
        match time % 3 {
            0 => cut_connection(address, &order, patience).await,
            1 => {
                // One stream is reset, the connection stays.
                let _ = tokio::time::timeout(patience, shared.call(order)).await;
            }
            _ => {
                let own = Client::new(address, Wire::Grpc, PLATFORM_KEY);
                let key = format!("gone-{}", chance.next());
                let _ = tokio::time::timeout(patience, own.keyed(&key, order)).await;
            }
        }
    }
}

async fn cut_connection(address: SocketAddr, order: &pb::CreateOrderRequest, patience: Duration) {
    let body = to_json(order).to_string();
    let head = format!(
        "POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {PLATFORM_KEY}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.expect("the service accepts");
    stream.write_all(head.as_bytes()).await.expect("the service listens");
    tokio::time::sleep(patience).await;
}

/// One after the other, and many at once: no connection of the pool was lost.
async fn still_works(world: &World) {
    for wire in Wire::ALL.into_iter().cycle().take(40) {
        world.client(wire).call(world.order()).await.expect("an order");
    }
    let mut many = JoinSet::new();
    for wire in Wire::ALL.into_iter().cycle().take(64) {
        let (client, order) = (world.client(wire), world.order());
        many.spawn(async move { client.call(order).await.expect("an order") });
    }
    many.join_all().await;
}

/// What happened did so completely, and no session of the service is inside a transaction.
async fn nothing_is_left(world: &World) {
    let orders = world.database.count("SELECT count(*) FROM orders").await;
    for rows in ["events WHERE type = 'order.placed'", "audit_events WHERE resource_type = 'order'"] {
        assert_eq!(world.database.count(&format!("SELECT count(*) FROM {rows}")).await, orders, "{rows}");
    }
    assert_eq!(world.database.count("SELECT count(*) FROM idempotency_keys WHERE reply IS NULL").await, 0);
    if world.database.engine == Engine::Postgres {
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                        AND state LIKE 'idle in transaction%'";
        assert_eq!(world.database.count(sessions).await, 0, "sessions idle in transaction");
    }
}
