//! Idempotency keys that are older than a day are removed while the service runs.

use std::time::{Duration, Instant};

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;

on_both_engines! {
    old_keys_are_removed_and_young_ones_stay,
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
