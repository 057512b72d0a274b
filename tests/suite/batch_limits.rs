//! Batches: how many operations, how large, how long.

use prost_types::Value as Any;
use prost_types::value::Kind;
use std::time::Instant;

use sea_orm::{ConnectionTrait, DatabaseTransaction, TransactionTrait};
use serde_json::{Value, json};
use tradepost::contract::pb;
use tradepost::contract::pb::execute_batch_request::{Operation, operation::Method};

use crate::batch::{WIRES, create, get, operation, refusal, send, statuses};
use crate::support::client::{Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::on_both_engines;
use crate::support::refusal::from_rest;
use crate::support::world::{self, TEAPOT, World};

on_both_engines! {
    a_batch_is_refused_as_a_whole_or_not_at_all,
    bodies_may_be_as_large_as_their_methods_say,
    large_numbers_are_texts,
    an_answer_that_is_too_large_leaves_bodies_out,
    what_is_late_is_told,
}

async fn a_batch_is_refused_as_a_whole_or_not_at_all(engine: Engine) {
    let world = World::new(engine).await;
    let valid = || create(&world.customer, TEAPOT, 1, "");
    for wire in WIRES {
        let client = world.client(wire);
        let refused = async |operations: Vec<Operation>| {
            let sent = client.call(pb::ExecuteBatchRequest { operations }).await;
            let refusal = sent.expect_err("refused").refusal();
            assert_eq!(refusal.code, "validation_failed");
            refusal.details.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(refused(Vec::new()).await, ["operations"]);
        assert_eq!(refused(vec![valid(); 51]).await, ["operations"]);
        let unsaid = Operation { method: 0, ..valid() };
        let (nowhere, far) = (Operation { path: String::new(), ..valid() }, get(&format!("/{}", "x".repeat(8192))));
        let fields = refused(vec![valid(), unsaid, nowhere, far]).await;
        assert_eq!(fields, ["operations[1].method", "operations[2].path", "operations[3].path"]);
        assert_eq!(statuses(&send(&client, &vec![get("/v1/whoami"); 50]).await), [200; 50]);
    }
    for (operation, field) in [
        (json!({"method": "HEAD", "path": "/v1/orders"}), "operations[0].method"),
        (json!({"method": "get", "path": "/v1/orders"}), "operations[0].method"),
        (json!({"method": "GET", "path": "/v1/orders", "etag": "v1"}), "operations[0].etag"),
        (json!({"method": "GET", "path": 7}), "operations[0].path"),
        (json!("GET /v1/orders"), "operations[0]"),
    ] {
        let body = json!({"operations": [operation]}).to_string();
        let refusal = from_rest(&world.rest("POST", "/v1/batch", &[], body.as_bytes()).await);
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some(field)));
    }
    let refusal = from_rest(&world.rest("POST", "/v1/batch", &[], br#"{"operations":[],"validate_only":true}"#).await);
    assert!(refusal.fields().contains(&"validate_only"), "{refusal:?}");
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 0);
}

async fn bodies_may_be_as_large_as_their_methods_say(engine: Engine) {
    const MIB: usize = 1024 * 1024;
    let world = World::new(engine).await;
    let padded = |bytes: usize| {
        let mut body = br#"{"operations":[{"method":"GET","path":"/v1/whoami"}]}"#.to_vec();
        body.resize(bytes, b' ');
        body
    };
    for (path, bytes, status) in [
        ("/v1/batch", 4 * MIB, 200),
        ("/v1/batch", 4 * MIB + 1, 413),
        ("/v1/orders", MIB, 422),
        ("/v1/orders", MIB + 1, 413),
    ] {
        let answer = world.rest("POST", path, &[], &padded(bytes)).await;
        assert_eq!(answer.status, status, "{bytes} bytes to {path}");
        if status == 413 {
            assert_eq!(from_rest(&answer).metadata["limit"], (bytes - 1).to_string());
        }
    }
    // Each operation has the limit of its own method.
    let note = |bytes: usize| operation(Method::Post, "/v1/orders", json!({"note": "x".repeat(bytes)}));
    for wire in WIRES {
        let answers = send(&world.client(wire), &[note(MIB - 100), note(MIB), get("/v1/whoami")]).await;
        assert_eq!(statuses(&answers), [422, 413, 200]);
        assert_eq!(refusal(&answers[1]).0, "payload_too_large");
    }
}

async fn large_numbers_are_texts(engine: Engine) {
    let world = World::new(engine).await;
    let product = |sku: &str, units: Value| {
        let prices = json!([{"currency_code": "GBP", "minor_units": units}]);
        json!({"method": "POST", "path": "/v1/products", "body": {"sku": sku, "name": sku, "prices": prices}})
    };
    let largest: i64 = (1 << 53) - 1;
    let body = json!({"operations": [
        product("A", json!(largest)),
        product("B", json!(largest.to_string())),
        product("C", json!((largest + 1).to_string())),
        product("D", json!(largest + 1)),
        product("E", json!(9_007_199_254_740_993_i64)),
        product("F", json!(1.5)),
        product("G", json!(1.0)),
    ]});
    let answer = world.rest("POST", "/v1/batch", &[], body.to_string().as_bytes()).await.json();
    let answers = answer["responses"].as_array().expect("responses");
    assert_eq!(statuses(answers), [201, 201, 422, 422, 422, 422, 201], "{answer}");
    for created in &answers[..2] {
        assert_eq!(created["body"]["prices"][0]["minor_units"], largest.to_string());
    }
    let fields: Vec<_> = answers[2..6].iter().map(|response| refusal(response).1).collect();
    let inexact = |number: usize| format!("operations[{number}].body.prices[0].minor_units");
    assert_eq!(fields, ["prices[0].minor_units", &inexact(3), &inexact(4), "prices[0].minor_units"]);
    // Protobuf can hold what JSON cannot.
    for kind in [None, Some(Kind::NumberValue(f64::NAN)), Some(Kind::NumberValue(f64::INFINITY))] {
        let odd = Operation { body: Some(Any { kind }), ..operation(Method::Post, "/v1/orders", Value::Null) };
        let answers = send(&world.client(Wire::Grpc), &[odd]).await;
        assert_eq!(refusal(&answers[0]), ("validation_failed", "operations[0].body"));
    }
}

async fn an_answer_that_is_too_large_leaves_bodies_out(engine: Engine) {
    let world = World::new(engine).await;
    let lines = vec![(TEAPOT, 1); 2000];
    let large = world.client(Wire::Grpc).call(world::order(&world.customer, &lines)).await.expect("a large order");
    let mut operations = vec![get(&format!("/v1/orders/{}", large.id())); 48];
    operations.push(create(&world.customer, TEAPOT, 1, ""));
    operations.push(get("/v1/nothing"));
    for wire in WIRES {
        let answers = send(&world.client(wire), &operations).await;
        let omitted = answers.iter().filter(|answer| answer["body_omitted"] == true).count();
        assert!((20..48).contains(&omitted), "{omitted} bodies are left out");
        for answer in &answers[..48] {
            assert_eq!((&answer["status"], &answer["headers"]["etag"]), (&json!(200), &json!("\"v1\"")));
            let left_out = answer["body_omitted"] == true;
            let expected = if left_out { &Value::Null } else { &large.json };
            assert_eq!(answer.get("body").unwrap_or(&Value::Null), expected);
        }
        // A write that has happened is seen to have happened, and what failed says why.
        assert_eq!(statuses(&answers[48..]), [201, 404]);
        assert!(answers[48]["headers"]["location"].as_str().is_some_and(|path| path.starts_with("/v1/orders/ord_")));
        assert_eq!(refusal(&answers[49]).0, "route_not_found");
    }
}

async fn what_is_late_is_told(engine: Engine) {
    let world = World::new(engine).await;
    for (wire, timeout) in [
        (Wire::Rest, ("request-timeout", "1")),
        (Wire::Grpc, ("grpc-timeout", "700m")),
        (Wire::GrpcWeb, ("grpc-timeout", "700m")),
    ] {
        let key = format!("late-{wire:?}");
        let write = Operation { idempotency_key: key, ..create(&world.customer, TEAPOT, 1, "") };
        let operations = vec![get("/v1/whoami"), write, get("/v1/whoami")];
        let client: Client = world.client(wire);
        let lock = lock_customers(&world.database).await;
        let begun = Instant::now();
        let answer = client.call_with(&[timeout], pb::ExecuteBatchRequest { operations: operations.clone() }).await;
        assert!(begun.elapsed().as_millis() < 1000, "the answer comes within the time: {:?}", begun.elapsed());
        let answer = answer.expect("what was done is told").json;
        let answers = answer["responses"].as_array().expect("responses");
        assert_eq!(statuses(answers), [200, 504, 504], "{answer}");
        let texts: Vec<_> = answers[1..].iter().map(|answer| answer["body"]["error"]["message"].to_string()).collect();
        assert!(texts[0].contains("repeat it") && texts[1].contains("Nothing was done"), "{texts:?}");
        lock.rollback().await.expect("a rollback");
        let again = send(&client, &operations).await;
        assert_eq!(statuses(&again), [200, 201, 200], "{again:?}");
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 3);
}

/// Nobody can order anything meanwhile.
async fn lock_customers(database: &Database) -> DatabaseTransaction {
    let connection = database.connect().await;
    let transaction = connection.begin().await.expect("a transaction");
    transaction.execute_unprepared("UPDATE customers SET version = version").await.expect("the lock");
    transaction
}
