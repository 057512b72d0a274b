//! Streams where several processes write, on PostgreSQL.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::Value;
use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::service::{PLATFORM_KEY, Service};
use crate::support::world::World;

fn events() -> pb::WatchEventsRequest {
    pb::WatchEventsRequest { resource_type: "order".into(), ..Default::default() }
}

fn sequence(event: &Value) -> i64 {
    event["sequence"].as_str().and_then(|text| text.parse().ok()).expect("a sequence")
}

/// Adds an event as a transaction of another process would, and says how.
const ANOTHER: &str = "INSERT INTO events (id, tenant_id, type, resource_type, resource_id, resource_sequence, data, actor_id, create_time) \
    SELECT '01940000-0000-7000-8000-000000000001', tenant_id, 'order.updated', 'order', resource_id, 999, data, actor_id, create_time \
    FROM events WHERE type = 'order.placed' LIMIT 1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_is_not_skipped() {
    let world = World::new(Engine::Postgres).await;
    let client = world.client(Wire::Grpc);
    client.call(world.order()).await.expect("an order");
    let mut stream = client.stream(events()).await.expect("a stream");
    let other = world.database.connect().await;
    let late = other.begin().await.expect("a transaction");
    late.execute_unprepared(ANOTHER).await.expect("an event");
    let placed = client.call(world.order()).await.expect("an order that began later").id();
    let first = stream.next().await;
    assert_eq!(first["resource_id"], placed.as_str(), "it does not wait for the other transaction");
    late.commit().await.expect("committed");
    let second = stream.next().await;
    assert_eq!(second["resource_sequence"], "999", "the late one comes, too");
    assert!(sequence(&second) > sequence(&first), "behind what was told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_hears_of_what_other_processes_do() {
    let mut world = World::new(Engine::Postgres).await;
    let other = Service::start(&world.database).await;
    let mut heard = Client::new(other.address, Wire::Grpc, PLATFORM_KEY).stream(events()).await.expect("a stream");
    let writer = world.client(Wire::Rest);
    let mut delays = Vec::new();
    for _ in 0..30 {
        let placed = writer.call(world.order()).await.expect("an order").id();
        let committed = Instant::now();
        assert_eq!(heard.next().await["resource_id"], placed.as_str());
        delays.push(committed.elapsed());
    }
    delays.sort_unstable();
    eprintln!("heard after {:?} at the median, {:?} at most", delays[delays.len() / 2], delays[delays.len() - 1]);
    let key = "the-last-one";
    let last = tokio::spawn({
        let (writer, order) = (writer.clone(), world.order());
        async move { writer.keyed(key, order).await }
    });
    // Dead before it could tell anybody, it may be; what it committed is told nevertheless.
    tokio::time::sleep(Duration::from_millis(3)).await;
    world.service.kill();
    let _ = last.await;
    let again = Client::new(other.address, Wire::Rest, PLATFORM_KEY);
    let placed = again.keyed(key, world.order()).await.expect("the same order, or the first").id();
    assert_eq!(heard.next().await["resource_id"], placed.as_str());
}
