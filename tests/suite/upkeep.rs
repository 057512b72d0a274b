//! What the service does once a minute, and soon after its start: old idempotency keys go, lines of another version are
//! completed.

use std::time::{Duration, Instant};

use tradepost::contract::pb;

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::receiver::{Receiver, Reply};
use crate::support::world::{HOOKING, TEAPOT, World};
use crate::webhooks::create;
use crate::webhooks_sending::settled;

on_both_engines! {
    old_keys_are_removed_and_young_ones_stay,
    lines_of_another_version_are_completed,
    old_deliveries_go_when_they_are_over,
}

/// Longer than it takes until old things are looked for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Just longer than a key counts, and just shorter; in microseconds.
const OLD: i64 = (24 * 60 + 1) * 60 * 1_000_000;
const YOUNG: i64 = (24 * 60 - 10) * 60 * 1_000_000;

/// More than one transaction removes.
const MANY: i64 = 2500;

async fn old_keys_are_removed_and_young_ones_stay(engine: Engine) {
    let mut world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let first = client.keyed("old", world.order()).await.expect("an order");
    let young = client.keyed("young", world.order()).await.expect("an order");
    world.service.terminate();
    world.service.ended().await;
    let database = world.database.connect().await;
    for sql in [
        format!("UPDATE idempotency_keys SET create_time = create_time - {YOUNG} WHERE key = 'young'"),
        format!("UPDATE idempotency_keys SET create_time = create_time - {OLD} WHERE key = 'old'"),
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) \
             INSERT INTO idempotency_keys (tenant_id, principal_id, method, key, fingerprint, reply, create_time) \
             SELECT tenant_id, principal_id, method, 'old-' || i, fingerprint, reply, create_time \
             FROM idempotency_keys, n WHERE key = 'old'"
        ),
    ] {
        sea_orm::ConnectionTrait::execute_unprepared(&database, &sql).await.expect(&sql);
    }
    database.close().await.expect("closes");
    world.service.restart().await;
    let begun = Instant::now();
    while world.database.count("SELECT count(*) FROM idempotency_keys WHERE key LIKE 'old%'").await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "old keys stay");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let replay = client.keyed("young", world.order()).await.expect("a replay");
    assert!(replay.is_replay(), "a young key still counts");
    assert_eq!(replay.id(), young.id());
    let again = client.keyed("old", world.order()).await.expect("an order");
    assert!(!again.is_replay(), "an old key is as new");
    assert_ne!(again.id(), first.id());
}

async fn lines_of_another_version_are_completed(engine: Engine) {
    let mut world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let order = client.call(world.order()).await.expect("an order").id();
    world.service.terminate();
    world.service.ended().await;
    let database = world.database.connect().await;
    let forget = "UPDATE order_items SET tenant_id = NULL, order_time = NULL";
    sea_orm::ConnectionTrait::execute_unprepared(&database, forget).await.expect(forget);
    database.close().await.expect("closes");
    world.service.restart().await;
    let begun = Instant::now();
    while world.database.count("SELECT count(*) FROM order_items WHERE tenant_id IS NULL").await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the lines stay as they are");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let list = pb::ListOrdersRequest { sku: TEAPOT.to_owned(), ..Default::default() };
    assert_eq!(client.call(list).await.expect("a page").text("/orders/0/id"), order);
}

async fn old_deliveries_go_when_they_are_over(engine: Engine) {
    let settings = HOOKING.into_iter().map(|(name, value)| (name, value.to_owned()));
    let settings = settings.chain([("TRADEPOST_HISTORY_RETENTION", "2s".to_owned())]).collect();
    let mut world = World::set(engine, settings).await;
    let (client, receiver, refusing) = (world.client(Wire::Rest), Receiver::new().await, Receiver::new().await);
    refusing.answers(Reply::Status(500));
    let (taken, _) = create(&client, &receiver.url(), &["order.placed"]).await;
    let (refused, _) = create(&client, &refusing.url(), &["order.placed"]).await;
    let of = |endpoint: &str| pb::ListWebhookDeliveriesRequest {
        webhook_endpoint_id: endpoint.to_owned(),
        ..Default::default()
    };
    client.call(world.order()).await.expect("an order");
    settled(&client, of(&taken), 1).await;
    refusing.wait_for(1).await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    world.service.terminate();
    world.service.ended().await;
    world.service.restart().await;
    let begun = Instant::now();
    while client.call(of(&taken)).await.expect("a list").json["webhook_deliveries"] != serde_json::json!([]) {
        assert!(begun.elapsed() < PATIENCE, "old deliveries stay");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let left = "SELECT count(*) FROM webhook_attempts WHERE delivery_id NOT IN (SELECT id FROM webhook_deliveries)";
    assert_eq!(world.database.count(left).await, 0);
    let waiting = client.call(of(&refused)).await.expect("a list");
    assert_eq!(waiting.json["webhook_deliveries"].as_array().map(Vec::len), Some(1), "what waits stays");
}
