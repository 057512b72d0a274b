//! How a key lives and ends: used, rotated, revoked, expired. What ends a key ends it at once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::keys::{bare_key, get, revoke, role_key, rotate, unused};
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;

on_both_engines! {
    a_revoked_key_is_out_at_once,
    a_rotated_key_is_the_same_principal,
    a_key_ends_at_its_time,
    etags_guard_keys,
    of_many_rotations_one_secret_is_left,
    the_last_use_is_told,
    the_last_use_outlives_a_stop,
    a_key_of_a_newer_version_has_what_is_known_of_it,
}

async fn is_out(client: &Client) -> bool {
    match client.call(pb::WhoamiRequest {}).await {
        Ok(_) => false,
        Err(failed) => {
            assert_eq!(failed.refusal().code, "unauthenticated");
            true
        }
    }
}

async fn a_revoked_key_is_out_at_once(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let staff = world.client(wire);
        let (id, secret) = world.new_key(pb::Role::Viewer, "").await;
        let client = staff.with_key(&secret);
        for other in Wire::ALL {
            assert!(!is_out(&world.client(other).with_key(&secret)).await);
        }
        let revoked = staff.call(revoke(&id)).await.expect("revoked");
        assert!(is_out(&client).await);
        assert_eq!((revoked.text("/etag"), revoked.header("etag")), ("v2".to_owned(), "\"v2\""));
        assert_eq!(revoked.json["revoke_time"], revoked.json["update_time"]);
        let again = staff.call(revoke(&id)).await.expect("it is revoked");
        assert_eq!(unused(&again.json), unused(&revoked.json), "the same again changes nothing");
        let refusal = staff.call(rotate(&id)).await.expect_err("gone for good").refusal();
        assert_eq!(refusal.code, "illegal_transition");
        assert_eq!((&refusal.metadata["from"], &refusal.metadata["action"]), (&"REVOKED".into(), &"rotate".into()));
        assert_eq!(refusal.metadata["allowed"], "");
        assert!(is_out(&client).await);
        let own = staff.call(role_key(pb::Role::Admin)).await.expect("a key");
        let own_client = staff.with_key(&own.text("/key"));
        own_client.call(revoke(&own.text("/api_key/id"))).await.expect("a key may end itself");
        assert!(is_out(&own_client).await);
    }
}

async fn a_rotated_key_is_the_same_principal(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let staff = world.client(wire);
        let (id, old) = world.new_key(pb::Role::Operator, "").await;
        let order = staff.with_key(&old).keyed("mine", world.order()).await.expect("an order");
        let rotated = staff.call_with(&[("idempotency-key", "ignored")], rotate(&id)).await.expect("rotated");
        assert!(is_out(&staff.with_key(&old)).await, "the old secret ends at once");
        let new = rotated.text("/key");
        assert_eq!((new.len(), rotated.text("/api_key/id")), (46, id.clone()));
        assert_ne!(new, old);
        let client = staff.with_key(&new);
        assert_eq!(client.call(pb::WhoamiRequest {}).await.expect("it").text("/api_key_id"), id);
        let replay = client.keyed("mine", world.order()).await.expect("a replay");
        assert!(replay.is_replay());
        assert_eq!(replay.json, order.json);
        let again = staff.call_with(&[("idempotency-key", "ignored")], rotate(&id)).await.expect("rotated");
        assert!(!again.is_replay() && again.text("/key") != new, "an answer with a secret is not kept");
        assert_eq!(again.text("/api_key/etag"), "v3");
        assert_eq!(staff.call(get(&id)).await.expect("the key").text("/etag"), "v3");
    }
}

#[allow(clippy::disallowed_methods, reason = "the test needs a time that is soon")]
fn soon(after: Duration) -> prost_types::Timestamp {
    (SystemTime::now() + after).into()
}

async fn a_key_ends_at_its_time(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let staff = world.client(wire);
        let life = Duration::from_millis(1500);
        let end = soon(life);
        let short = pb::CreateApiKeyRequest { expire_time: Some(end), ..role_key(pb::Role::Admin) };
        let created = staff.call(short).await.expect("a key");
        let (id, client) = (created.text("/api_key/id"), staff.with_key(&created.text("/key")));
        assert!(!is_out(&client).await, "it lives");
        let life = UNIX_EPOCH + Duration::new(end.seconds.unsigned_abs(), end.nanos.unsigned_abs());
        while !is_out(&client).await {
            assert!(soon(Duration::ZERO).seconds < end.seconds + 5, "it outlives its time");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(life <= now(), "it ended early");
        let refusal = staff.call(rotate(&id)).await.expect_err("its time is over").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &"EXPIRED".into()));
        let ended = staff.call(get(&id)).await.expect("the key");
        assert_eq!((ended.json["revoke_time"].clone(), ended.text("/etag")), (Value::Null, "v1".to_owned()));
        staff.call(revoke(&id)).await.expect("nothing speaks against it");
    }
}

#[allow(clippy::disallowed_methods, reason = "the end of a key is a time of day")]
fn now() -> SystemTime {
    SystemTime::now()
}

async fn etags_guard_keys(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let staff = world.client(wire);
        let (id, secret) = world.new_key(pb::Role::Viewer, "").await;
        for stale in ["\"v2\"", "\"v0\", \"v3\"", "W/\"v1\""] {
            let headers = [("if-match", stale)];
            let refusal = staff.call_with(&headers, rotate(&id)).await.expect_err("another version").refusal();
            assert_eq!((refusal.code.as_str(), &refusal.metadata["etag"]), ("etag_mismatch", &"v1".into()));
            let refusal = staff.call_with(&headers, revoke(&id)).await.expect_err("another version").refusal();
            assert_eq!(refusal.code, "etag_mismatch");
        }
        let stale = pb::RotateApiKeyRequest { etag: "v2".to_owned(), ..rotate(&id) };
        assert_eq!(staff.call(stale).await.expect_err("another version").refusal().code, "etag_mismatch");
        assert!(!is_out(&staff.with_key(&secret)).await, "nothing happened");
        staff.call_with(&[("if-match", "\"v1\"")], rotate(&id)).await.expect("the version");
        let known = pb::RevokeApiKeyRequest { etag: "v2".to_owned(), ..revoke(&id) };
        staff.call(known).await.expect("the version");
        staff.call_with(&[("if-match", "*")], revoke(&id)).await.expect("any version");
        let stale = pb::RevokeApiKeyRequest { etag: "v2".to_owned(), ..revoke(&id) };
        let refusal = staff.call(stale).await.expect_err("also when there is nothing to do").refusal();
        assert_eq!(refusal.metadata["etag"], "v3");
    }
}

async fn of_many_rotations_one_secret_is_left(engine: Engine) {
    let world = World::new(engine).await;
    let (id, _) = world.new_key(pb::Role::Viewer, "").await;
    for etag in ["", "v9"] {
        let mut tasks = tokio::task::JoinSet::new();
        for racer in 0..8 {
            let client = world.client(Wire::ALL[racer % 4]);
            let request = pb::RotateApiKeyRequest { etag: etag.to_owned(), ..rotate(&id) };
            tasks.spawn(async move { client.call(request).await });
        }
        let answers = tasks.join_all().await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        let won: Vec<_> = won.into_iter().flatten().collect();
        assert_eq!(won.len(), if etag.is_empty() { 8 } else { 1 }, "{lost:?}");
        for failed in lost {
            assert_eq!(failed.expect_err("lost").refusal().code, "etag_mismatch");
        }
        let versions: BTreeSet<_> = won.iter().map(|answer| answer.text("/api_key/etag")).collect();
        assert_eq!(versions.len(), won.len(), "each rotation moves the etag");
        let mut alive = 0;
        for answer in &won {
            alive += usize::from(!is_out(&world.client(Wire::Rest).with_key(&answer.text("/key"))).await);
        }
        assert_eq!(alive, 1);
    }
}

async fn last_use(client: &Client, id: &str) -> Value {
    client.call(get(id)).await.expect("the key").json["last_used_time"].clone()
}

async fn the_last_use_is_told(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Rest);
    let (id, secret) = world.new_key(pb::Role::Viewer, "").await;
    assert_eq!(last_use(&staff, &id).await, Value::Null, "not used yet");
    for wire in Wire::ALL {
        assert!(!is_out(&world.client(wire).with_key(&secret)).await);
    }
    let begun = Instant::now();
    while last_use(&staff, &id).await == Value::Null {
        assert!(begun.elapsed() < Duration::from_secs(5), "the use does not show");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let read = staff.call(get(&id)).await.expect("the key");
    assert_eq!((read.text("/etag"), read.header("etag")), ("v1".to_owned(), "\"v1\""));
    assert_eq!(read.json["update_time"], read.json["create_time"]);
    let told = read.text("/last_used_time");
    assert!(!is_out(&staff.with_key(&secret)).await);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(last_use(&staff, &id).await, told, "once a minute is enough");
    world.client(Wire::Rest).call_with(&[("if-match", "\"v1\"")], rotate(&id)).await.expect("uses move no etag");
    assert_eq!(last_use(&staff, &id).await, told, "a rotation keeps it");
}

async fn the_last_use_outlives_a_stop(engine: Engine) {
    let mut world = World::new(engine).await;
    let (id, secret) = world.new_key(pb::Role::Viewer, "").await;
    assert!(!is_out(&world.client(Wire::Grpc).with_key(&secret)).await);
    world.service.terminate();
    assert!(world.service.ended().await.success());
    world.service.restart().await;
    assert_ne!(last_use(&world.client(Wire::Grpc), &id).await, Value::Null);
}

/// After a rollback, keys stay whose role or permissions only the newer version knows.
async fn a_key_of_a_newer_version_has_what_is_known_of_it(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let admin = world.key(pb::Role::Admin, "").await;
    let by_role = pb::CreateApiKeyRequest { name: "curator".to_owned(), ..role_key(pb::Role::Viewer) };
    let by_role = staff.call(by_role).await.expect("a key");
    let one_by_one = pb::CreateApiKeyRequest { name: "flier".to_owned(), ..bare_key(&["orders.read"], "") };
    let one_by_one = staff.call(one_by_one).await.expect("a key");
    world.database.execute("UPDATE api_keys SET role = 'CURATOR' WHERE name = 'curator'").await;
    let stored = r#"["orders.fly", "orders.read"]"#;
    world.database.execute(&format!("UPDATE api_keys SET permissions = '{stored}' WHERE name = 'flier'")).await;
    for wire in Wire::ALL {
        for (created, known) in [(&by_role, json!([])), (&one_by_one, json!(["orders.read"]))] {
            let (id, client) = (created.text("/api_key/id"), world.client(wire).with_key(&created.text("/key")));
            let caller = client.call(pb::WhoamiRequest {}).await.expect("it is let in");
            assert_eq!((caller.text("/role"), &caller.json["permissions"]), ("ROLE_UNSPECIFIED".to_owned(), &known));
            let looks = client.call(pb::ListOrdersRequest::default()).await;
            assert_eq!(looks.is_ok(), known != json!([]));
            let refusal = client.call(pb::ListProductsRequest::default()).await.expect_err("not its to see").refusal();
            assert_eq!(refusal.code, "permission_denied");
            assert_eq!(world.client(wire).call(get(&id)).await.expect("the key").json["permissions"], known);
            // Nobody here knows what the newer version lets it do.
            let rotated = world.client(wire).with_key(&admin).call(rotate(&id)).await;
            assert_eq!(rotated.expect_err("perhaps greater").refusal().code, "permission_denied");
        }
        let keys = world.client(wire).call(pb::ListApiKeysRequest::default()).await.expect("all keys");
        assert_eq!(keys.json["api_keys"].as_array().map(Vec::len), Some(4));
    }
    assert!(world.service.log().contains("orders.fly"), "the log tells of it");
    staff.call(revoke(&by_role.text("/api_key/id"))).await.expect("a PLATFORM key may everything");
    staff.call(rotate(&one_by_one.text("/api_key/id"))).await.expect("a PLATFORM key may everything");
    assert_eq!(world.database.texts("SELECT role FROM api_keys WHERE name = 'curator'").await, ["CURATOR"]);
    let kept = world.database.texts("SELECT CAST(permissions AS TEXT) FROM api_keys WHERE name = 'flier'").await;
    assert!(kept[0].contains("orders.fly"), "it is back with the newer version: {kept:?}");
}
