//! API keys: what they are made of, who may make them, and who may take them in hand. How they end is in `key_life`.

use serde_json::{Value, json};
use tradepost::contract::pb;
use tradepost::contract::policy::Role;

use crate::access::sibling;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Refusal;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::{self, World};

on_both_engines! {
    a_key_has_a_role_or_permissions,
    permissions_one_by_one_hold,
    what_does_not_fit_is_told,
    nobody_grants_more_than_they_hold,
    nobody_takes_over_a_greater_key,
    an_owner_is_named_by_those_who_may,
    nobody_takes_over_anothers_key,
    a_customer_must_be_there,
    keys_are_listed,
    foreign_keys_are_not_there,
    trying_makes_no_key,
}

/// What creates a key with these permissions.
pub(crate) fn bare_key(permissions: &[&str], customer: &str) -> pb::CreateApiKeyRequest {
    pb::CreateApiKeyRequest {
        name: "one by one".to_owned(),
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
        customer_id: customer.to_owned(),
        ..Default::default()
    }
}

pub(crate) fn role_key(role: pb::Role) -> pb::CreateApiKeyRequest {
    pb::CreateApiKeyRequest { name: "by role".to_owned(), role: role.into(), ..Default::default() }
}

pub(crate) fn rotate(id: &str) -> pb::RotateApiKeyRequest {
    pb::RotateApiKeyRequest { api_key_id: id.to_owned(), ..Default::default() }
}

pub(crate) fn revoke(id: &str) -> pb::RevokeApiKeyRequest {
    pb::RevokeApiKeyRequest { api_key_id: id.to_owned(), ..Default::default() }
}

pub(crate) fn get(id: &str) -> pb::GetApiKeyRequest {
    pb::GetApiKeyRequest { api_key_id: id.to_owned() }
}

/// A key without the time of its last use, which moves by itself.
pub(crate) fn unused(key: &Value) -> Value {
    let mut key = key.clone();
    key.as_object_mut().expect("a key").remove("last_used_time");
    key
}

fn denied(refusal: &Refusal, permission: &str, field: Option<&str>) {
    assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("permission_denied", field), "{refusal:?}");
    assert_eq!(refusal.metadata["permission"], permission);
}

async fn a_key_has_a_role_or_permissions(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let created = client.call(bare_key(&["orders.read", "events.read"], "")).await.expect("a key");
        assert_eq!(created.text("/api_key/role"), "ROLE_UNSPECIFIED");
        assert_eq!(created.json["api_key"]["permissions"], json!(["orders.read", "events.read"]));
        let caller = client.with_key(&created.text("/key")).call(pb::WhoamiRequest {}).await.expect("the caller");
        assert_eq!(caller.text("/role"), "ROLE_UNSPECIFIED");
        assert_eq!(caller.json["permissions"], json!(["orders.read", "events.read"]));
        let read = client.call(get(&created.text("/api_key/id"))).await.expect("the key");
        assert_eq!(read.json["etag"], "v1");
        assert_eq!(unused(&read.json), unused(&created.json["api_key"]), "as it was created");
        let by_role = client.call(role_key(pb::Role::Viewer)).await.expect("a key");
        assert_eq!(by_role.text("/api_key/role"), "VIEWER");
        let held = Role::Viewer.permissions().len();
        assert_eq!(by_role.json["api_key"]["permissions"].as_array().map(Vec::len), Some(held));
    }
}

async fn permissions_one_by_one_hold(engine: Engine) {
    let world = World::new(engine).await;
    let other = world::customer(&world.client(Wire::Grpc), "Grace").await;
    let order = world.client(Wire::Grpc).call(world.order()).await.expect("an order").id();
    for wire in Wire::ALL {
        let staff = world.client(wire);
        let looks = staff.call(bare_key(&["orders.read"], "")).await.expect("a key").text("/key");
        let looks = staff.with_key(&looks);
        looks.call(pb::GetOrderRequest { order_id: order.clone() }).await.expect("it may look");
        denied(&looks.call(world.order()).await.expect_err("no more").refusal(), "orders.write", None);
        let bound = staff.call(bare_key(&["orders.read"], &other)).await.expect("a key").text("/key");
        let hidden = staff.with_key(&bound).call(pb::GetOrderRequest { order_id: order.clone() }).await;
        assert_eq!(hidden.expect_err("another customer's").refusal().code, "order_not_found");
    }
}

async fn what_does_not_fit_is_told(engine: Engine) {
    let world = World::new(engine).await;
    let customer = world.customer.as_str();
    let past = prost_types::Timestamp { seconds: 1_700_000_000, nanos: 0 };
    let both = pb::CreateApiKeyRequest { role: pb::Role::Viewer.into(), ..bare_key(&["orders.read"], "") };
    let bound = |role| pb::CreateApiKeyRequest { customer_id: customer.to_owned(), ..role_key(role) };
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (request, details) in [
            (bare_key(&[], ""), &[("role", "required")][..]),
            (both.clone(), &[("permissions", "not_allowed")]),
            (
                bare_key(&["orders.read", "orders.fly", ""], ""),
                &[("permissions[2]", "too_short"), ("permissions[1]", "undefined_value")],
            ),
            (bare_key(&["orders.read", "orders.read"], ""), &[("permissions", "not_unique")]),
            (
                bare_key(&["orders.read", "customers.read", "orders.write", "tenants.write"], customer),
                &[("permissions[1]", "not_allowed"), ("permissions[3]", "not_allowed")],
            ),
            (role_key(pb::Role::Partner), &[("customer_id", "required")]),
            (bound(pb::Role::Agent), &[("customer_id", "not_allowed")]),
            (
                pb::CreateApiKeyRequest { expire_time: Some(past), ..role_key(pb::Role::Partner) },
                &[("customer_id", "required"), ("expire_time", "out_of_range")],
            ),
        ] {
            let refusal = client.call(request.clone()).await.expect_err("no such key").refusal();
            assert_eq!(refusal.code, "validation_failed");
            let mut expected: Vec<_> =
                details.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
            let mut found = refusal.details.clone();
            expected.sort();
            found.sort();
            assert_eq!(found, expected, "{request:?} on {wire:?}");
        }
    }
    let far = pb::CreateApiKeyRequest {
        expire_time: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }),
        role: 99,
        ..role_key(pb::Role::Viewer)
    };
    let refusal = world.client(Wire::Grpc).call(far).await.expect_err("no such time").refusal();
    assert_eq!(refusal.fields(), ["role", "expire_time"]);
}

async fn nobody_grants_more_than_they_hold(engine: Engine) {
    let world = World::new(engine).await;
    let admin = world.key(pb::Role::Admin, "").await;
    for wire in Wire::ALL {
        let (platform, admin) = (world.client(wire), world.client(wire).with_key(&admin));
        let asked = bare_key(&["orders.read", "tenants.read"], "");
        let refusal = admin.call(asked).await.expect_err("more than ADMIN").refusal();
        denied(&refusal, "tenants.read", Some("permissions[1]"));
        let porter = bare_key(&["api_keys.read", "api_keys.write", "products.read"], "");
        let porter = platform.with_key(&platform.call(porter).await.expect("a key").text("/key"));
        let refusal = porter.call(role_key(pb::Role::Viewer)).await.expect_err("more than it has").refusal();
        denied(&refusal, "events.read", Some("role"));
        let refusal = porter.call(bare_key(&["api_keys.assign_owner"], "")).await.expect_err("more").refusal();
        denied(&refusal, "api_keys.assign_owner", Some("permissions[0]"));
        porter.call(bare_key(&["products.read"], "")).await.expect("what it has itself");
        let partner = pb::CreateApiKeyRequest { customer_id: world.customer.clone(), ..role_key(pb::Role::Partner) };
        let refusal = porter.call(partner).await.expect_err("more than it has").refusal();
        denied(&refusal, "events.read", Some("role"));
    }
}

async fn nobody_takes_over_a_greater_key(engine: Engine) {
    let world = World::new(engine).await;
    let platform_id = world.client(Wire::Grpc).call(pb::WhoamiRequest {}).await.expect("it").text("/api_key_id");
    let admin = world.key(pb::Role::Admin, "").await;
    for wire in Wire::ALL {
        let admin = world.client(wire).with_key(&admin);
        admin.call(get(&platform_id)).await.expect("it may be seen");
        for dry_run in [true, false] {
            let rotated = admin.call(pb::RotateApiKeyRequest { validate_only: dry_run, ..rotate(&platform_id) }).await;
            denied(&rotated.expect_err("greater").refusal(), "tenants.read", None);
            let revoked = admin.call(pb::RevokeApiKeyRequest { validate_only: dry_run, ..revoke(&platform_id) }).await;
            denied(&revoked.expect_err("greater").refusal(), "tenants.read", None);
        }
        assert_eq!(world.client(wire).call(pb::WhoamiRequest {}).await.expect("as before").text("/role"), "PLATFORM");
        let porter = world.client(wire).call(bare_key(&["api_keys.write", "orders.read"], "")).await.expect("a key");
        let porter = admin.with_key(&porter.text("/key"));
        let (manager, _) = world.new_key(pb::Role::Manager, "").await;
        denied(&porter.call(rotate(&manager)).await.expect_err("greater").refusal(), "events.read", None);
        denied(&porter.call(revoke(&manager)).await.expect_err("greater").refusal(), "events.read", None);
        denied(&porter.call(get(&manager)).await.expect_err("not its to read").refusal(), "api_keys.read", None);
        admin.call(rotate(&manager)).await.expect("an ADMIN has all of it");
        admin.call(revoke(&manager)).await.expect("an ADMIN has all of it");
    }
}

async fn an_owner_is_named_by_those_who_may(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let platform = world.client(wire);
        let named = pb::CreateApiKeyRequest { owner: "grace".to_owned(), ..role_key(pb::Role::Admin) };
        let created = platform.call(named).await.expect("a key");
        assert_eq!(created.text("/api_key/owner"), "grace");
        let grace = platform.with_key(&created.text("/key"));
        let inherited = grace.call(bare_key(&["api_keys.write"], "")).await.expect("a key");
        assert_eq!(inherited.text("/api_key/owner"), "grace", "whoever is behind the key that creates it");
        let lesser = platform.with_key(&inherited.text("/key"));
        let named = pb::CreateApiKeyRequest { owner: "ada".to_owned(), ..bare_key(&["api_keys.write"], "") };
        let refusal = lesser.call(named).await.expect_err("not its to name").refusal();
        denied(&refusal, "api_keys.assign_owner", Some("owner"));
    }
}

/// Whoever has the secret of a key is its owner, to the audit.
async fn nobody_takes_over_anothers_key(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let platform = world.client(wire);
        let of = |owner: &str, permissions: &[&str]| pb::CreateApiKeyRequest {
            owner: owner.to_owned(),
            ..bare_key(permissions, "")
        };
        let grace = platform.call(of("grace", &["api_keys.write", "orders.read"])).await.expect("a key");
        let grace = platform.with_key(&grace.text("/key"));
        let adas = platform.call(of("ada", &["orders.read"])).await.expect("a key").text("/api_key/id");
        let own = platform.call(of("grace", &["orders.read"])).await.expect("a key").text("/api_key/id");
        for validate_only in [true, false] {
            let request = pb::RotateApiKeyRequest { validate_only, ..rotate(&adas) };
            let refusal = grace.call(request).await.expect_err("she is not Ada").refusal();
            denied(&refusal, "api_keys.assign_owner", None);
        }
        assert_eq!(platform.call(get(&adas)).await.expect("the key").text("/etag"), "v1", "as before");
        grace.call(rotate(&own)).await.expect("another key of hers");
        grace.call(revoke(&adas)).await.expect("an end makes nobody Ada");
        let permissions = ["api_keys.write", "orders.read", "api_keys.assign_owner"];
        let names = platform.call(of("grace", &permissions)).await.expect("a key").text("/key");
        let adas = platform.call(of("ada", &["orders.read"])).await.expect("a key").text("/api_key/id");
        platform.with_key(&names).call(rotate(&adas)).await.expect("she may name owners");
    }
}

async fn a_customer_must_be_there(engine: Engine) {
    let world = World::new(engine).await;
    let erased = world::customer(&world.client(Wire::Grpc), "Nobody").await;
    let erase = pb::EraseCustomerRequest { customer_id: erased.clone(), ..Default::default() };
    world.client(Wire::Grpc).call(erase).await.expect("erased");
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (customer, code) in [(erased.clone(), "customer_erased"), (sibling(&erased), "customer_not_found")] {
            for request in [role_key(pb::Role::Partner), bare_key(&["orders.read"], "")] {
                let request = pb::CreateApiKeyRequest { customer_id: customer.clone(), ..request };
                let refusal = client.call(request).await.expect_err("no customer").refusal();
                assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), (code, Some("customer_id")));
            }
        }
    }
}

/// The ids of all keys that the client sees, three at a time.
async fn listed(client: &Client, customer: &str, order_by: &str) -> Vec<String> {
    let keys = client.all("api_keys", |page_token| pb::ListApiKeysRequest {
        page_size: 3,
        page_token,
        customer_id: customer.to_owned(),
        order_by: order_by.to_owned(),
        ..Default::default()
    });
    let shown = keys.await;
    assert!(shown.iter().all(|key| key.get("secret_hash").is_none() && key.get("key").is_none()), "{shown:?}");
    shown.iter().map(|key| key["id"].as_str().expect("an id").to_owned()).collect()
}

async fn keys_are_listed(engine: Engine) {
    let world = World::new(engine).await;
    let (mut made, mut bound) = (Vec::new(), Vec::new());
    made.push(world.client(Wire::Grpc).call(pb::WhoamiRequest {}).await.expect("it").text("/api_key_id"));
    for place in 0..8 {
        let is_bound = place % 3 == 0;
        let (role, customer) =
            if is_bound { (pb::Role::Partner, world.customer.as_str()) } else { (pb::Role::Viewer, "") };
        let id = world.new_key(role, customer).await.0;
        made.push(id.clone());
        if is_bound {
            bound.push(id);
        }
    }
    world.client(Wire::Grpc).call(revoke(&made[4])).await.expect("revoked keys are shown too");
    let stranger = world.stranger(Wire::Grpc).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        assert_eq!(listed(&client, "", "create_time").await, made);
        assert_eq!(listed(&client, &world.customer, "create_time").await, bound);
        let newest_first: Vec<_> = made.iter().rev().cloned().collect();
        assert_eq!(listed(&client, "", "").await, newest_first);
        assert!(listed(&client, &sibling(&world.customer), "").await.is_empty());
        assert_eq!(listed(&client.with_key(&stranger.key), "", "").await.len(), 1, "its own, and none of ours");
        let first = pb::ListApiKeysRequest { page_size: 2, ..Default::default() };
        let page_token = client.call(first.clone()).await.expect("a page").text("/next_page_token");
        let mixed = pb::ListApiKeysRequest { page_token, customer_id: world.customer.clone(), ..first };
        assert_eq!(client.call(mixed).await.expect_err("another list").refusal().code, "invalid_page_token");
    }
}

async fn foreign_keys_are_not_there(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (ours, theirs) = (world.client(wire), world.stranger(wire).await);
        let foreign = theirs.call(pb::WhoamiRequest {}).await.expect("it").text("/api_key_id");
        let nothing = sibling(&foreign);
        let mut answers = Vec::new();
        for id in [&foreign, &nothing] {
            answers.push([
                ours.call(get(id)).await.expect_err("hidden").refusal().anonymous(),
                ours.call(revoke(id)).await.expect_err("hidden").refusal().anonymous(),
                ours.call(rotate(id)).await.expect_err("hidden").refusal().anonymous(),
                ours.call(pb::RotateApiKeyRequest { etag: "v9".to_owned(), ..rotate(id) })
                    .await
                    .expect_err("hidden")
                    .refusal()
                    .anonymous(),
            ]);
        }
        assert_eq!(answers[0], answers[1], "nobody can tell them apart");
        assert!(answers[0].iter().all(|refusal| refusal.code == "api_key_not_found"), "{answers:?}");
        theirs.call(pb::WhoamiRequest {}).await.expect("untouched");
    }
}

async fn trying_makes_no_key(engine: Engine) {
    let world = World::new(engine).await;
    let (id, secret) = world.new_key(pb::Role::Viewer, "").await;
    let everything = "SELECT (SELECT count(*) FROM api_keys) + (SELECT count(*) FROM tenants) \
         + (SELECT count(*) FROM audit_events) + (SELECT sum(version) FROM api_keys)";
    // A sum is a numeric in PostgreSQL.
    let everything = format!("SELECT CAST(({everything}) AS BIGINT)");
    let before = world.database.count(&everything).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let tried = pb::CreateApiKeyRequest { validate_only: true, ..role_key(pb::Role::Viewer) };
        let tried = client.call(tried).await.expect("it would do");
        assert_eq!((tried.text("/key"), tried.text("/api_key/id")), (String::new(), String::new()));
        assert_eq!((tried.status, tried.header("location"), tried.text("/api_key/role")), (200, "", "VIEWER".into()));
        let tried = pb::RotateApiKeyRequest { validate_only: true, ..rotate(&id) };
        let tried = client.call(tried).await.expect("it would do");
        assert_eq!((tried.text("/key"), tried.text("/api_key/id")), (String::new(), id.clone()));
        assert_eq!(tried.text("/api_key/etag"), "v2");
        let tried = pb::RevokeApiKeyRequest { validate_only: true, ..revoke(&id) };
        assert_ne!(client.call(tried).await.expect("it would do").json["revoke_time"], Value::Null);
        let tried = pb::CreateTenantRequest { name: "Tried".to_owned(), validate_only: true };
        let tried = client.call(tried).await.expect("it would do");
        assert_eq!((tried.text("/admin_key"), tried.text("/tenant/id")), (String::new(), String::new()));
        client.with_key(&secret).call(pb::WhoamiRequest {}).await.expect("the key is as it was");
    }
    assert_eq!(world.database.count(&everything).await, before);
    assert!(!secret.is_empty() && secret != PLATFORM_KEY);
}
