//! What the service does once a minute, and soon after its start: old idempotency keys go, lines of another version are
//! completed.

use std::time::{Duration, Instant};

use tradepost::contract::pb;

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{TEAPOT, World};

on_both_engines! {
    old_keys_are_removed_and_young_ones_stay,
    lines_of_another_version_are_completed,
}

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
