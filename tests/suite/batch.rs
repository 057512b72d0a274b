//! Batches: operations in their order, each as if it had come alone. Its sizes and times are in `batch_limits.rs`.

use serde_json::{Value, json};
use tradepost::contract::pb;
use tradepost::contract::pb::execute_batch_request::{Operation, operation::Method};

use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, SPOON, TEAPOT, World};

on_both_engines! {
    operations_are_answered_in_their_order,
    a_batch_can_be_sent_again,
    headers_tell_what_there_is_to_tell,
    every_operation_has_its_own_permission,
    what_is_foreign_is_hidden,
    a_key_that_ends_in_the_middle_ends_there,
    batches_hold_no_batches,
    paths_are_as_strict_as_ever,
    etags_guard_operations,
    operations_are_logged,
}

/// The wires that differ in how a batch gets in and out.
pub(crate) const WIRES: [Wire; 3] = [Wire::Rest, Wire::Grpc, Wire::GrpcWeb];

/// An operation; null is no body.
#[allow(clippy::needless_pass_by_value, reason = "most bodies are written where they are given")]
pub(crate) fn operation(method: Method, path: &str, body: Value) -> Operation {
    let read = || transcode::json::read(body.to_string().as_bytes(), 32).expect("JSON");
    let body = (!body.is_null()).then(read);
    Operation { method: method.into(), path: path.to_owned(), body, ..Default::default() }
}

pub(crate) fn get(path: &str) -> Operation {
    operation(Method::Get, path, Value::Null)
}

/// Makes an order.
pub(crate) fn create(customer: &str, sku: &str, quantity: i64, reference: &str) -> Operation {
    let body = json!({
        "customer_id": customer,
        "currency_code": "GBP",
        "items": [{"sku": sku, "quantity": quantity}],
        "reference": reference,
    });
    operation(Method::Post, "/v1/orders", body)
}

/// Sends a batch, and answers its responses.
pub(crate) async fn send(client: &Client, operations: &[Operation]) -> Vec<Value> {
    responses(&client.call(pb::ExecuteBatchRequest { operations: operations.to_vec() }).await.expect("an answer"))
}

fn responses(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.status, 200);
    answer.json["responses"].as_array().expect("responses").clone()
}

pub(crate) fn statuses(responses: &[Value]) -> Vec<i64> {
    responses.iter().map(|response| response["status"].as_i64().expect("a status")).collect()
}

/// The code of a refusal, and the field that it names.
pub(crate) fn refusal(response: &Value) -> (&str, &str) {
    let error = &response["body"]["error"];
    assert_eq!(error["request_id"], response["headers"]["x-request-id"], "{response}");
    (error["code"].as_str().unwrap_or_default(), error["field"].as_str().unwrap_or_default())
}

async fn operations_are_answered_in_their_order(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let reference = format!("batch-{wire:?}");
        let list = get(&format!("/v1/orders?reference={reference}&page_size=5"));
        let answers = send(
            &world.client(wire),
            &[
                list.clone(),
                create(&world.customer, TEAPOT, 2, &reference),
                create(&world.customer, "NOTHING", 1, ""),
                create(&world.customer, TEAPOT, 0, ""),
                create(&world.customer, SPOON, 1, &reference),
                operation(Method::Delete, "/v1/orders", Value::Null),
                operation(Method::Post, "/v1/orders", json!([1, "two", {"three": null}])),
                get("/v1/nothing"),
                list,
            ],
        )
        .await;
        assert_eq!(statuses(&answers), [200, 201, 404, 422, 409, 405, 422, 404, 200], "{answers:?}");
        assert_eq!(answers[0]["body"]["orders"], json!([]));
        assert_eq!(answers[8]["body"]["orders"][0]["id"], answers[1]["body"]["id"]);
        assert_eq!(answers[1]["body"]["items"][0]["quantity"], 2);
        assert_eq!(answers[1]["body"]["total"]["minor_units"], "3000");
        let refusals: Vec<_> = answers[2..8].iter().map(refusal).collect();
        let expected = [
            ("product_not_found", "items[0].sku"),
            ("validation_failed", "items[0].quantity"),
            ("duplicate_reference", "reference"),
            ("method_not_allowed", ""),
            ("validation_failed", ""),
            ("route_not_found", ""),
        ];
        assert_eq!(refusals, expected);
        let told =
            world.client(Wire::Grpc).call(pb::GetOrderRequest { order_id: text(&answers[1]["body"]["id"]) }).await;
        assert_eq!(told.expect("an order").json, answers[1]["body"], "on {wire:?}");
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 3);
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

async fn a_batch_can_be_sent_again(engine: Engine) {
    let world = World::new(engine).await;
    let keyed = |operation: Operation, key: &str| Operation { idempotency_key: key.to_owned(), ..operation };
    let operations = [
        keyed(create(&world.customer, TEAPOT, 1, ""), "one"),
        keyed(create(&world.customer, SPOON, 1, ""), "two"),
        keyed(create(&world.customer, "NOTHING", 1, ""), "three"),
        keyed(get("/v1/whoami"), "four"),
    ];
    let first = send(&world.client(Wire::Rest), &operations).await;
    assert_eq!(statuses(&first), [201, 201, 404, 200]);
    for wire in WIRES {
        let again = send(&world.client(wire), &operations).await;
        assert_eq!(statuses(&again), statuses(&first));
        for (number, (again, first)) in again.iter().zip(&first).enumerate().filter(|(number, _)| *number != 2) {
            assert_eq!(again["body"], first["body"]);
            assert_eq!(again["headers"]["location"], first["headers"]["location"]);
            let replayed = if number < 2 { json!("true") } else { Value::Null };
            assert_eq!(again["headers"]["idempotent-replayed"], replayed, "{again}");
        }
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 2);
    let alone = world.client(Wire::Grpc).keyed("one", world.order()).await.expect("a replay");
    assert!(alone.is_replay(), "the same call alone: {:?}", alone.headers);
    let mixed = [
        keyed(create(&world.customer, TEAPOT, 2, ""), "one"),
        keyed(create(&world.customer, TEAPOT, 2, ""), "not visible: \u{7f}"),
        keyed(create(&world.customer, TEAPOT, 2, ""), "é"),
        keyed(create(&world.customer, TEAPOT, 2, ""), &"k".repeat(256)),
    ];
    let mixed = send(&world.client(Wire::Grpc), &mixed).await;
    let codes: Vec<_> = mixed.iter().map(|response| refusal(response).0).collect();
    let invalid = "idempotency_key_invalid";
    assert_eq!(codes, ["idempotency_key_reused", invalid, invalid, invalid]);
}

async fn headers_tell_what_there_is_to_tell(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let operations = vec![
            create(&world.customer, TEAPOT, 1, ""),
            get("/v1/whoami"),
            operation(Method::Put, "/v1/orders", Value::Null),
            operation(Method::Post, "/v1/customers", json!({"name": "Nobody yet"})),
        ];
        let named = [("x-request-id", "my-batch")];
        let answer = client.call_with(&named, pb::ExecuteBatchRequest { operations }).await.expect("an answer");
        let headers: Vec<_> = responses(&answer).iter().map(|response| response["headers"].clone()).collect();
        let order = &answer.json["responses"][0]["body"];
        let json_type = "application/json; charset=utf-8";
        assert_eq!(
            headers[0],
            json!({
                "content-type": json_type,
                "etag": format!("\"{}\"", text(&order["etag"])),
                "location": format!("/v1/orders/{}", text(&order["id"])),
                "x-request-id": "my-batch.0",
            })
        );
        assert_eq!(headers[1], json!({"content-type": json_type, "x-request-id": "my-batch.1"}));
        let allow = "GET, HEAD, POST, OPTIONS";
        assert_eq!(sorted(&headers[2]["allow"]), sorted(&json!(allow)), "{}", headers[2]);
        let created = text(&answer.json["responses"][3]["body"]["id"]);
        let delete =
            send(&client, &[operation(Method::Delete, &format!("/v1/customers/{created}"), Value::Null)]).await;
        assert_eq!((&delete[0]["status"], delete[0].get("body").unwrap_or(&Value::Null)), (&json!(204), &Value::Null));
        assert_eq!(delete[0]["body_omitted"], false);
    }
}

fn sorted(list: &Value) -> Vec<String> {
    let mut names: Vec<_> = text(list).split(", ").map(str::to_owned).collect();
    names.sort_unstable();
    names
}

async fn every_operation_has_its_own_permission(engine: Engine) {
    let world = World::new(engine).await;
    let viewer = world.key(pb::Role::Viewer, "").await;
    for wire in WIRES {
        let answers = send(
            &world.client(wire).with_key(&viewer),
            &[
                get("/v1/orders"),
                create(&world.customer, TEAPOT, 1, ""),
                get("/v1/tenants"),
                get("/v1/whoami"),
                operation(Method::Post, "/v1/api_keys", json!({"name": "mine", "role": "ADMIN"})),
            ],
        )
        .await;
        assert_eq!(statuses(&answers), [200, 403, 403, 200, 403]);
        assert_eq!(answers[1]["body"]["error"]["metadata"]["permission"], "orders.write");
    }
}

async fn what_is_foreign_is_hidden(engine: Engine) {
    let world = World::new(engine).await;
    let placed = world.client(Wire::Grpc).call(world.order()).await.expect("an order").id();
    let absent = crate::access::sibling(&placed);
    let other = world::customer(&world.client(Wire::Grpc), "Other").await;
    let partner = world.client(Wire::Grpc).with_key(&world.key(pb::Role::Partner, &other).await);
    for stranger in [world.stranger(Wire::Grpc).await, partner] {
        for wire in WIRES {
            let client = world.client(wire).with_key(&stranger.key);
            let look = |id: &str| get(&format!("/v1/orders/{id}"));
            let cancel = |id: &str| operation(Method::Post, &format!("/v1/orders/{id}:cancel"), json!({}));
            let answers = send(&client, &[look(&placed), look(&absent), cancel(&placed), cancel(&absent)]).await;
            assert_eq!(statuses(&answers), [404; 4]);
            let anonymous = |response: &Value| {
                let mut response = response.clone();
                response["body"]["error"]["request_id"].take();
                response["headers"]["x-request-id"].take();
                response
            };
            assert_eq!(anonymous(&answers[0]), anonymous(&answers[1]));
            assert_eq!(anonymous(&answers[2]), anonymous(&answers[3]));
        }
    }
}

async fn a_key_that_ends_in_the_middle_ends_there(engine: Engine) {
    let world = World::new(engine).await;
    let (id, key) = world.new_key(pb::Role::Admin, "").await;
    let client = world.client(Wire::Grpc).with_key(&key);
    let revoke = operation(Method::Post, &format!("/v1/api_keys/{id}:revoke"), json!({}));
    let answers = send(&client, &[get("/v1/whoami"), revoke, get("/v1/whoami")]).await;
    assert_eq!(statuses(&answers), [200, 200, 401]);
    assert_eq!(answers[2]["headers"]["www-authenticate"], "Bearer");
    let gone = client.call(pb::ExecuteBatchRequest { operations: vec![get("/v1/whoami")] }).await;
    assert_eq!(gone.expect_err("revoked").refusal().code, "unauthenticated");
}

async fn batches_hold_no_batches(engine: Engine) {
    let world = World::new(engine).await;
    let inner = json!({"operations": [{"method": "GET", "path": "/v1/whoami"}]});
    for wire in WIRES {
        let answers = send(
            &world.client(wire),
            &[
                get("/v1/whoami"),
                operation(Method::Post, "/v1/batch", inner.clone()),
                operation(Method::Post, "/v1/batch?x", inner.clone()),
                operation(Method::Post, "/v1/batch/", inner.clone()),
                get("/v1/batch"),
                operation(Method::Post, "/tradepost.v1.BatchService/ExecuteBatch", inner.clone()),
            ],
        )
        .await;
        assert_eq!(statuses(&answers), [200, 422, 422, 404, 405, 404]);
        assert_eq!(refusal(&answers[1]), ("validation_failed", "operations[1].path"));
        assert_eq!(refusal(&answers[2]), ("validation_failed", "operations[2].path"));
    }
}

async fn paths_are_as_strict_as_ever(engine: Engine) {
    let world = World::new(engine).await;
    let order = world.client(Wire::Grpc).call(world.order()).await.expect("an order").id();
    let whole = format!("/v1/orders/{order}");
    let escaped = whole.replace('_', "%5F");
    let long = format!("/v1/orders/{}", "x".repeat(8181));
    let cases = [
        (whole.as_str(), 200, ""),
        (escaped.as_str(), 200, ""),
        ("/v1/orders?", 200, ""),
        ("/v1/orders/", 404, "route_not_found"),
        ("//v1/orders", 404, "route_not_found"),
        ("/v1//orders", 404, "route_not_found"),
        ("/v1/../v1/orders", 404, "route_not_found"),
        ("/V1/orders", 404, "route_not_found"),
        ("/v1%2forders", 404, "route_not_found"),
        ("/v1/orders%2f..", 404, "route_not_found"),
        ("/v1/orders/%2f", 422, "validation_failed"),
        ("/v1/orders/%zz", 400, "malformed_request"),
        ("/v1/orders?page_size=%zz", 400, "malformed_request"),
        ("/v1/orders?page_size", 422, "validation_failed"),
        ("/v1/orders?nothing=1", 422, "validation_failed"),
        ("/v1/orders?page_size=1&page_size=2", 422, "validation_failed"),
        ("/healthz", 404, "route_not_found"),
        ("/openapi.json", 404, "route_not_found"),
        ("/metrics", 404, "route_not_found"),
        ("/", 404, "route_not_found"),
        (long.as_str(), 422, "validation_failed"),
        ("v1/orders", 422, "validation_failed"),
        ("?page_size=1", 422, "validation_failed"),
        ("*", 422, "validation_failed"),
        ("http://127.0.0.1/v1/orders", 422, "validation_failed"),
        ("/v1/orders#here", 422, "validation_failed"),
        ("/v1/orders HTTP/1.1\r\nx: y", 422, "validation_failed"),
    ];
    for wire in WIRES {
        let operations: Vec<_> = cases.iter().map(|(path, ..)| get(path)).collect();
        let answers = send(&world.client(wire), &operations).await;
        for ((path, status, code), answer) in cases.iter().zip(&answers) {
            assert_eq!((answer["status"].as_i64(), refusal_code(answer)), (Some(*status), *code), "{path}: {answer}");
        }
    }
}

fn refusal_code(response: &Value) -> &str {
    response["body"]["error"]["code"].as_str().unwrap_or_default()
}

async fn etags_guard_operations(engine: Engine) {
    let world = World::new(engine).await;
    let order = world.client(Wire::Grpc).call(world.order()).await.expect("an order");
    let path = format!("/v1/orders/{}", order.id());
    let change = |query: &str, body: Value| operation(Method::Patch, &format!("{path}{query}"), body);
    let answers = send(
        &world.client(Wire::Rest),
        &[
            change("?etag=v999", json!({"note": "lost"})),
            change("?etag=v1", json!({"note": "kept"})),
            change("?etag=v1", json!({"note": "late"})),
            change("?validate_only=true", json!({"note": "only checked"})),
            change("", json!({"note": null})),
            operation(Method::Post, &format!("{path}:cancel"), json!({"etag": "v1"})),
        ],
    )
    .await;
    assert_eq!(statuses(&answers), [412, 200, 412, 200, 200, 412], "{answers:?}");
    assert_eq!((&answers[3]["body"]["note"], &answers[3]["headers"]["etag"]), (&json!("only checked"), &Value::Null));
    assert_eq!((&answers[4]["body"]["note"], &answers[4]["headers"]["etag"]), (&json!(""), &json!("\"v3\"")));
}

async fn operations_are_logged(engine: Engine) {
    let world = World::new(engine).await;
    let named = [("x-request-id", "logged")];
    let batch = pb::ExecuteBatchRequest { operations: vec![get("/v1/whoami"), get("/v1/nothing")] };
    let client = world.client(Wire::Grpc);
    client.call_with(&named, batch).await.expect("an answer");
    // The line of the batch itself is written when its last byte has left.
    let lines = loop {
        let log = world.service.log();
        let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let ours = |line: &Value| line["span"]["request_id"].as_str().is_some_and(|id| id.starts_with("logged"));
        let ours: Vec<_> = lines.into_iter().filter(ours).collect();
        if ours.len() >= 3 {
            break ours;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let told =
        lines.iter().map(|line| (text(&line["span"]["request_id"]), line["rpc"].clone(), line["status"].clone()));
    let expected = [
        ("logged.0".to_owned(), json!("Whoami"), json!(200)),
        ("logged.1".to_owned(), Value::Null, json!(404)),
        ("logged".to_owned(), json!("ExecuteBatch"), json!(200)),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!((&lines[0]["wire"], &lines[2]["wire"]), (&json!("rest"), &json!("grpc")));
    assert_eq!(lines[0]["key"], lines[2]["key"]);
}
