//! Calls that are repeated with their idempotency key: one effect, one answer, whatever the wire.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::client::{Answer, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::from_rest;
use crate::support::world::{self, SPOON, TEAPOT, World, order, product};

on_both_engines! {
    a_replay_answers_the_same_on_every_wire,
    spelling_does_not_make_another_request,
    a_key_belongs_to_one_request,
    a_key_belongs_to_one_method_and_one_caller,
    a_failed_call_leaves_its_key_free,
    a_key_that_is_no_key_is_refused,
    methods_without_keys_ignore_them,
    a_replay_outlives_the_process,
    what_does_not_fit_is_told_before_the_key,
}

fn rich_order(world: &World) -> pb::CreateOrderRequest {
    let pairs = ["e", "a", "c", "b", "d"].map(|key| (key.to_owned(), format!("{key}!")));
    pb::CreateOrderRequest {
        note: "ring twice".to_owned(),
        metadata: pairs.into(),
        shipping_address: Some(pb::Address { city: "Łódź".to_owned(), ..Default::default() }),
        ..order(&world.customer, &[(TEAPOT, 2), (SPOON, 3)])
    }
}

fn same(first: &Answer, replay: &Answer) {
    assert!(replay.is_replay(), "{replay:?}");
    assert_eq!(replay.json, first.json);
    assert_eq!(replay.header("location"), first.header("location"));
    assert!(!replay.header("location").is_empty());
}

async fn a_replay_answers_the_same_on_every_wire(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let key = format!("key-{wire:?}");
        let first = world.client(wire).keyed(&key, rich_order(&world)).await.expect("an order");
        assert!(!first.is_replay(), "the first answer is no replay");
        for again in Wire::ALL {
            let replay = world.client(again).keyed(&key, rich_order(&world)).await.expect("a replay");
            same(&first, &replay);
            assert_eq!(replay.status, if again == Wire::Rest { 201 } else { 200 });
        }
        let customer = pb::CreateCustomerRequest { name: "Grace".to_owned(), ..Default::default() };
        let first = world.client(wire).keyed(&key, customer.clone()).await.expect("a customer");
        same(&first, &world.client(Wire::Rest).keyed(&key, customer).await.expect("a replay"));
        let mug = product(&format!("MUG-{wire:?}"), &[("GBP", 5), ("EUR", 6)], 0);
        let first = world.client(wire).keyed(&key, mug.clone()).await.expect("a product");
        same(&first, &world.client(Wire::Grpc).keyed(&key, mug).await.expect("a replay"));
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 4);
    assert_eq!(world.database.count("SELECT count(*) FROM customers").await, 5);
}

async fn spelling_does_not_make_another_request(engine: Engine) {
    let world = World::new(engine).await;
    let first = world.client(Wire::Grpc).keyed("spelt", rich_order(&world)).await.expect("an order");
    let spellings = [
        format!(
            r#"{{"metadata":{{"d":"d!","b":"b!","c":"c!","a":"a!","e":"e!"}},"note":"ring \u0074wice","items":
            [{{"quantity":"2","sku":"TEAPOT"}},{{"sku":"Spoon","quantity":3.0}}],"currencyCode":"GBP",
            "shippingAddress":{{"city":"\u0141\u00f3d\u017a","postalCode":""}},"customerId":"{}"}}"#,
            world.customer
        ),
        format!(
            r#"{{"customer_id":"{}","currency_code":"GBP","reference":"","billing_address":null,"note":"ring twice",
            "items":[{{"sku":"TEAPOT","quantity":2e0,"unit_price":null}},{{"sku":"Spoon","quantity":3}}],
            "shipping_address":{{"city":"Łódź"}},"metadata":{{"a":"a!","b":"b!","c":"c!","d":"d!","e":"e!"}}}}"#,
            world.customer
        ),
    ];
    for body in spellings {
        let headers = [("content-type", "application/json"), ("idempotency-key", "spelt")];
        let answer = world.rest("POST", "/v1/orders", &headers, body.as_bytes()).await;
        assert_eq!((answer.status, answer.header("idempotent-replayed")), (201, "true"), "{body}: {}", answer.json());
        assert_eq!(answer.json(), first.json);
        assert_eq!(answer.header("location"), first.header("location"));
    }
}

async fn a_key_belongs_to_one_request(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let key = format!("key-{wire:?}");
        world.client(wire).keyed(&key, rich_order(&world)).await.expect("an order");
        let others = [
            pb::CreateOrderRequest { note: "ring thrice".to_owned(), ..rich_order(&world) },
            pb::CreateOrderRequest {
                items: rich_order(&world).items.into_iter().rev().collect(),
                ..rich_order(&world)
            },
            order(&world.customer, &[("NO-SUCH", 1)]),
        ];
        for (other, again) in others.into_iter().zip([wire, Wire::Rest, Wire::Grpc]) {
            let refusal = world.client(again).keyed(&key, other).await.expect_err("another request").refusal();
            assert_eq!(refusal.code, "idempotency_key_reused", "{again:?}");
        }
        let replay = world.client(wire).keyed(&key, rich_order(&world)).await.expect("still the first one's");
        assert!(replay.is_replay());
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 4);
}

async fn a_key_belongs_to_one_method_and_one_caller(engine: Engine) {
    let world = World::new(engine).await;
    let manager = world.key(pb::Role::Manager, "").await;
    let tenant = pb::CreateTenantRequest { name: "Other".to_owned(), ..Default::default() };
    let stranger = world.client(Wire::Rest).call(tenant).await.expect("a tenant").text("/admin_key");
    for wire in Wire::ALL {
        let (key, client) = (format!("key-{wire:?}"), world.client(wire));
        let first = client.keyed(&key, world.order()).await.expect("an order");
        let customer = pb::CreateCustomerRequest { name: key.clone(), ..Default::default() };
        let other_method = client.keyed(&key, customer.clone()).await.expect("another method");
        let other_caller = client.with_key(&manager).keyed(&key, world.order()).await.expect("another caller");
        let other_tenant = client.with_key(&stranger).keyed(&key, customer).await.expect("another tenant");
        assert!([&other_method, &other_caller, &other_tenant].iter().all(|answer| !answer.is_replay()));
        assert_ne!(first.id(), other_caller.id());
        assert_ne!(other_method.id(), other_tenant.id());
    }
}

async fn a_failed_call_leaves_its_key_free(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (key, client) = (format!("key-{wire:?}"), world.client(wire));
        let wrong = order(&world.customer, &[(&key, 1)]);
        for _ in 0..2 {
            let refusal = client.keyed(&key, wrong.clone()).await.expect_err("no such product").refusal();
            assert_eq!(refusal.code, "product_not_found", "a failure is not replayed");
        }
        client.call(product(&key, &[("GBP", 100)], 0)).await.expect("now there is one");
        let created = client.keyed(&key, wrong.clone()).await.expect("the same call may pass now");
        assert!(!created.is_replay());
        let other = format!("{key}-other");
        let invalid = order(&world.customer, &[]);
        assert_eq!(client.keyed(&other, invalid).await.expect_err("no lines").refusal().code, "validation_failed");
        client.keyed(&other, world.order()).await.expect("and so may another one");
    }
}

async fn a_key_that_is_no_key_is_refused(engine: Engine) {
    let world = World::new(engine).await;
    let long = "k".repeat(255);
    let everything: String = (b'!'..=b'~').map(char::from).collect();
    for wire in Wire::ALL {
        let client = world.client(wire);
        for bad in ["", " ", "two words", "tab\there", "schl\u{fc}ssel", &format!("{long}k")] {
            let refusal = client.keyed(bad, world.order()).await.expect_err(bad).refusal();
            assert_eq!(refusal.code, "idempotency_key_invalid", "{bad:?} on {wire:?}");
        }
        let twice = [("idempotency-key", "one"), ("idempotency-key", "one")];
        let refusal = client.call_with(&twice, world.order()).await.expect_err("two keys").refusal();
        assert_eq!(refusal.code, "idempotency_key_invalid");
        let refusal = client.keyed("", order("", &[])).await.expect_err("two mistakes").refusal();
        assert_eq!(refusal.code, "validation_failed", "what is wrong with the request comes first");
    }
    for good in [long.as_str(), "k", "K", &everything] {
        let first = world.client(Wire::Rest).keyed(good, world.order()).await.expect("an order");
        assert!(!first.is_replay(), "keys compare byte for byte: {good}");
        same(&first, &world.client(Wire::Grpc).keyed(good, world.order()).await.expect("a replay"));
    }
}

async fn methods_without_keys_ignore_them(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for key in ["same", "same", "not a key"] {
            let tenant = pb::CreateTenantRequest { name: format!("{wire:?}"), ..Default::default() };
            let created = client.keyed(key, tenant).await.expect("a tenant");
            assert!(!created.is_replay(), "a secret is shown once");
            let read = client.keyed(key, pb::WhoamiRequest {}).await.expect("the caller");
            assert!(!read.is_replay());
        }
    }
    assert_eq!(world.database.count("SELECT count(*) FROM tenants").await, 13, "one at first, and 3 on each wire");
    assert_eq!(world.database.count("SELECT count(*) FROM idempotency_keys").await, 0);
}

async fn a_replay_outlives_the_process(engine: Engine) {
    let mut world = World::new(engine).await;
    let first = world.client(Wire::Rest).keyed("key", rich_order(&world)).await.expect("an order");
    world.service.kill();
    world.service.restart().await;
    same(&first, &world.client(Wire::Grpc).keyed("key", rich_order(&world)).await.expect("a replay"));
    let headers = [("content-type", "application/json"), ("idempotency-key", "key")];
    let answer = world.rest("POST", "/v1/orders", &headers, json!({"note": "x"}).to_string().as_bytes()).await;
    assert_eq!(from_rest(&answer).code, "validation_failed", "a key does not excuse a bad request");
    world::customer(&world.client(Wire::Grpc), "Grace").await;
}

/// Validation comes before the key, whether the contract or the service says what does not fit.
async fn what_does_not_fit_is_told_before_the_key(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, key) = (world.client(wire), format!("used-{wire:?}"));
        client.keyed(&key, world.order()).await.expect("an order");
        let unknown = pb::CreateOrderRequest { currency_code: "ZZZ".to_owned(), ..world.order() };
        for request in [unknown, pb::CreateOrderRequest { items: Vec::new(), ..world.order() }] {
            let refusal = client.keyed(&key, request).await.expect_err("does not fit").refusal();
            assert_eq!(refusal.code, "validation_failed");
        }
    }
}
