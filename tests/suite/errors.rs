//! Failures over REST: one envelope from every layer, and never a 5xx for bad input.
//!
//! The shape itself is checked wherever a failure is read, in `support/refusal.rs`.

use std::net::SocketAddr;

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::http::{HttpAnswer, HttpCall, get, raw};
use crate::support::on_both_engines;
use crate::support::refusal::{Refusal, from_rest};
use crate::support::world::World;

on_both_engines! {
    paths_and_methods_that_are_not_there,
    bodies_that_are_no_json,
    json_that_does_not_fit,
    queries_that_do_not_fit,
    nul_characters_are_refused,
    every_violation_is_told_at_once,
    bodies_of_another_type,
    requests_that_are_too_large,
    refusals_reach_clients_that_send_first_and_read_then,
    requests_have_names,
    deadlines_end_requests,
}

const JSON: (&str, &str) = ("content-type", "application/json");

async fn post(world: &World, target: &str, body: &[u8]) -> HttpAnswer {
    world.rest("POST", target, &[JSON], body).await
}

async fn refused(world: &World, target: &str, body: &[u8]) -> Refusal {
    let answer = post(world, target, body).await;
    assert!((400..500).contains(&answer.status), "{answer:?}");
    from_rest(&answer)
}

async fn paths_and_methods_that_are_not_there(engine: Engine) {
    let world = World::new(engine).await;
    let order = world.client(Wire::Rest).call(world.order()).await.expect("an order").id();
    let absent =
        ["/", "/v1", "/v1/", "/v2/orders", "/v1/orders/", "/V1/orders", "/v1/Orders", "/v1//orders", "//v1/orders"];
    let odd = ["/v1/orders%2f", "/v1%2Forders", "/v1/orders/a/b", "/metrics", "/v1/./orders", "/v1/x/../orders"];
    for target in absent.into_iter().chain(odd).map(str::to_owned).chain([format!("/v1/orders/{order}/")]) {
        // Without a key: what is not there needs no leave.
        let answer = get(world.service.address, &target).await.expect("an answer");
        assert_eq!(from_rest(&answer).code, "route_not_found", "{target}");
    }
    for (method, target, allow) in [
        ("DELETE", "/v1/orders", "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/v1/whoami", "GET, HEAD, OPTIONS"),
        ("POST", "/v1/orders/x", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("GET", "/v1/orders/x:place", "OPTIONS, POST"),
        ("TRACE", "/v1/products", "GET, HEAD, OPTIONS, POST"),
    ] {
        let answer = world.rest(method, target, &[], b"").await;
        assert_eq!(from_rest(&answer).code, "method_not_allowed", "{method} {target}");
        let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(", "), allow, "{target}");
    }
    let tunneled = [("x-http-method-override", "DELETE"), ("x-method-override", "DELETE")];
    assert_eq!(world.rest("GET", "/v1/orders", &tunneled, b"").await.status, 200, "no way around methods");
}

async fn bodies_that_are_no_json(engine: Engine) {
    let world = World::new(engine).await;
    let deep = "[".repeat(100_000);
    let deep_object = r#"{"metadata":"#.repeat(50_000);
    let bodies: [&[u8]; 17] = [
        b"nonsense",
        b"{",
        b"{\"name\":\"x\"",
        b"{\"name\":\"x\",}",
        b"{\"name\":\"x\"} {}",
        b"{\"name\":\"x\",\"name\":\"y\"}",
        b"{\"name\":\"x\",\"\\u006eame\":\"y\"}",
        b"{\"name\":\"\xff\"}",
        b"{\"name\":\"\\ud800\"}",
        b"{\"name\":\"\\x\"}",
        b"{\"name\":\"a\nb\"}",
        b"{'name':'x'}",
        b"{\"name\":NaN}",
        b"{\"name\":01}",
        b"\xef\xbb\xbf{\"name\":\"x\"}",
        deep.as_bytes(),
        deep_object.as_bytes(),
    ];
    for body in bodies {
        let refusal = refused(&world, "/v1/customers", body).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]);
        assert_eq!(refusal.code, "malformed_request", "{shown:?}: {refusal:?}");
    }
    for body in ["", " \r\n"] {
        let refusal = refused(&world, "/v1/customers", body.as_bytes()).await;
        assert!(["malformed_request", "validation_failed"].contains(&refusal.code.as_str()), "{refusal:?}");
    }
    let message = refused(&world, "/v1/customers", b"{\n  \"name\": nonsense\n}").await.message;
    assert!(message.contains("line 2") && message.contains("column 11"), "says where: {message}");
}

async fn json_that_does_not_fit(engine: Engine) {
    let world = World::new(engine).await;
    for (body, field) in [
        (json!({"name": "x", "id": "cus_1"}), "id"),
        (json!({"name": "x", "tenant_id": "ten_1"}), "tenant_id"),
        (json!({"name": 5}), "name"),
        (json!({"name": ["x"]}), "name"),
        (json!({"name": "x", "addresses": {}}), "addresses"),
        (json!({"name": "x", "addresses": [{"city": "x", "planet": "Mars"}]}), "addresses[0].planet"),
        (json!({"name": "x", "addresses": [{}, {"city": {}}]}), "addresses[1].city"),
        (json!({"name": "x", "metadata": {"a": 1}}), "metadata[\"a\"]"),
        (json!({"name": "x", "Name": "y"}), "Name"),
    ] {
        let refusal = refused(&world, "/v1/customers", body.to_string().as_bytes()).await;
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some(field)), "{body}");
    }
    for body in ["null", "[]", "\"x\"", "5", "true"] {
        assert_eq!(refused(&world, "/v1/customers", body.as_bytes()).await.code, "validation_failed", "{body}");
    }
    for quantity in ["\"two\"", "1.5", "1e99", "2147483648", "-1", "true", "[1]", "99999999999999999999999999"] {
        let line = format!(r#"{{"items":[{{"sku":"TEAPOT","quantity":{quantity}}}]}}"#);
        let refusal = refused(&world, "/v1/orders", line.as_bytes()).await;
        assert!(refusal.fields().contains(&"items[0].quantity"), "{quantity}: {refusal:?}");
    }
    for role in ["\"EMPEROR\"", "99", "\"admin\""] {
        let body = format!(r#"{{"name":"x","role":{role}}}"#);
        let refusal = refused(&world, "/v1/api_keys", body.as_bytes()).await;
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["role"]), "{role}");
    }
    let many: serde_json::Map<_, _> = (0..20_000).map(|n| (format!("k{n}"), json!(n))).collect();
    let refusal = refused(&world, "/v1/customers", json!(many).to_string().as_bytes()).await;
    assert!(refusal.details.len() <= 100, "a bound on what is told");
}

async fn queries_that_do_not_fit(engine: Engine) {
    let world = World::new(engine).await;
    for (query, code, field) in [
        ("sort=up", "validation_failed", Some("sort")),
        ("page_size=-1", "validation_failed", Some("page_size")),
        ("page_size=ten", "validation_failed", Some("page_size")),
        ("page_size=1.5", "validation_failed", Some("page_size")),
        ("page_size=99999999999", "validation_failed", Some("page_size")),
        ("order_by=total", "validation_failed", Some("order_by")),
        ("status=LOST", "validation_failed", Some("status")),
        ("status=STATUS_UNSPECIFIED", "validation_failed", Some("status[0]")),
        ("customer_id=x", "validation_failed", Some("customer_id")),
        ("page_size=1&page_size=2", "validation_failed", Some("page_size")),
        ("page_size=1&pageSize=2", "validation_failed", Some("pageSize")),
        ("page_token=%00", "validation_failed", Some("page_token")),
        ("page_token=nonsense", "invalid_page_token", None),
        ("page_token=%ff", "malformed_request", None),
        ("page_token=%zz", "malformed_request", None),
        ("page_token=%4", "malformed_request", None),
    ] {
        let answer = world.rest("GET", &format!("/v1/orders?{query}"), &[], b"").await;
        let refusal = from_rest(&answer);
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), (code, field), "{query}: {refusal:?}");
    }
    for id in ["x", "%00", "ord_", "cus_01h455vb4pex5vsknk084sn02q", "ORD_01h455vb4pex5vsknk084sn02q", "%F0%9F%AB%96"] {
        let refusal = from_rest(&world.rest("GET", &format!("/v1/orders/{id}"), &[], b"").await);
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some("order_id")), "{id}");
    }
    let refusal = from_rest(&world.rest("GET", "/v1/orders/%ff", &[], b"").await);
    assert_eq!(refusal.code, "malformed_request");
    for (target, body) in [("/v1/orders", "{}"), ("/v1/whoami", "x")] {
        let answer = world.rest("GET", target, &[JSON], body.as_bytes()).await;
        assert_eq!(from_rest(&answer).code, "validation_failed", "no body belongs to GET {target}");
    }
    let refusal = from_rest(&post(&world, "/v1/customers?name=x", b"{\"name\":\"x\"}").await);
    assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some("name")));
}

async fn nul_characters_are_refused(engine: Engine) {
    let world = World::new(engine).await;
    let item = json!([{"sku": "TEAPOT", "quantity": 1}]);
    let order = json!({"customer_id": world.customer, "currency_code": "GBP", "items": item});
    let mut cases = vec![
        ("/v1/tenants", json!({"name": "a\0b"}), "name"),
        ("/v1/api_keys", json!({"name": "a\0b", "role": "VIEWER"}), "name"),
        ("/v1/customers", json!({"name": "a\0b"}), "name"),
        ("/v1/customers", json!({"name": "x", "company": "\0"}), "company"),
        ("/v1/customers", json!({"name": "x", "reference": "\0"}), "reference"),
        ("/v1/customers", json!({"name": "x", "addresses": [{"line1": "\0"}]}), "addresses[0].line1"),
        ("/v1/customers", json!({"name": "x", "metadata": {"a": "\0"}}), "metadata[\"a\"]"),
        ("/v1/products", json!({"sku": "a\0", "name": "x"}), "sku"),
        ("/v1/products", json!({"sku": "a", "name": "\0"}), "name"),
        ("/v1/products", json!({"sku": "a", "name": "x", "description": "\0"}), "description"),
    ];
    for (field, value) in [
        ("note", json!("\0")),
        ("reference", json!("a\0")),
        ("shipping_address.city", json!({"city": "\0"})),
        ("billing_address.phone", json!({"phone": "\0"})),
        ("items[0].sku", json!([{"sku": "\0", "quantity": 1}])),
        ("metadata[\"b\"]", json!({"a": "x", "b": "\0"})),
    ] {
        let mut body = order.clone();
        let name: String = field.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
        body[name] = value;
        cases.push(("/v1/orders", body, field));
    }
    for (target, body, field) in cases {
        let refusal = refused(&world, target, body.to_string().as_bytes()).await;
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec![field]), "{body}");
    }
    let refusal = refused(&world, "/v1/customers", br#"{"name":"x","metadata":{"\u0000":"v"}}"#).await;
    assert_eq!(refusal.code, "validation_failed", "{refusal:?}");
}

async fn every_violation_is_told_at_once(engine: Engine) {
    let world = World::new(engine).await;
    let body = json!({
        "customer_id": "nobody",
        "currency_code": "pounds",
        "items": [{"sku": "", "quantity": 0}, {"sku": "TEAPOT", "quantity": 1, "unit_price": {"currency_code": "gbp"}}],
        "note": "n".repeat(2001),
        "metadata": {"k".repeat(41): "v", "ok": "v".repeat(501)},
    });
    let refusal = refused(&world, "/v1/orders", body.to_string().as_bytes()).await;
    assert_eq!(refusal.code, "validation_failed");
    for field in [
        "customer_id",
        "currency_code",
        "items[0].sku",
        "items[0].quantity",
        "items[1].unit_price.currency_code",
        "note",
        "metadata[\"ok\"]",
    ] {
        assert!(refusal.fields().contains(&field), "{field} is missing: {refusal:?}");
    }
    assert_eq!(refusal.details.len(), 8, "and the key that is too long: {refusal:?}");
    let lines: Vec<_> = (0..2001).map(|_| json!({"sku": "TEAPOT", "quantity": 1})).collect();
    let body = json!({"customer_id": world.customer, "currency_code": "GBP", "items": lines});
    let refusal = refused(&world, "/v1/orders", body.to_string().as_bytes()).await;
    assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["items"]));
}

async fn bodies_of_another_type(engine: Engine) {
    let world = World::new(engine).await;
    let types =
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/xml"];
    for content_type in types {
        let answer = world.rest("POST", "/v1/customers", &[("content-type", content_type)], b"{\"name\":\"x\"}").await;
        assert_eq!(from_rest(&answer).code, "unsupported_media_type", "{content_type}");
    }
    for encoding in ["gzip", "br", "zstd", "deflate"] {
        let headers = [JSON, ("content-encoding", encoding)];
        let answer = world.rest("POST", "/v1/customers", &headers, b"{\"name\":\"x\"}").await;
        assert_eq!(from_rest(&answer).code, "unsupported_media_type", "{encoding}");
    }
    for content_type in ["application/json; charset=UTF-8", "APPLICATION/JSON"] {
        let answer = world.rest("POST", "/v1/customers", &[("content-type", content_type)], b"{\"name\":\"x\"}").await;
        assert_eq!(answer.status, 201, "{content_type}");
    }
}

async fn requests_that_are_too_large(engine: Engine) {
    let world = World::new(engine).await;
    let mut body = br#"{"name":"x"}"#.to_vec();
    body.resize(1024 * 1024, b' ');
    assert_eq!(post(&world, "/v1/customers", &body).await.status, 201, "1 MiB is taken");
    body.push(b' ');
    assert_eq!(from_rest(&post(&world, "/v1/customers", &body).await).code, "payload_too_large");
    body.resize(8 * 1024 * 1024, b' ');
    assert_eq!(from_rest(&post(&world, "/v1/customers", &body).await).code, "payload_too_large");
    let target = format!("/v1/orders?page_token={}", "x".repeat(8 * 1024));
    assert_eq!(from_rest(&world.rest("GET", &target, &[], b"").await).code, "uri_too_long");
    let large = "x".repeat(17 * 1024);
    let answer = world.rest("GET", "/v1/whoami", &[("x-large", &large)], b"").await;
    assert_eq!(from_rest(&answer).code, "headers_too_large");
    let many: Vec<_> = (0..70).map(|_| ("x-many", "1")).collect();
    assert_eq!(from_rest(&world.rest("GET", "/v1/whoami", &many, b"").await).code, "headers_too_large");
    for head in ["GET /v1/whoami HTTP/1.1\r\nhost: x\r\nx-one : 1\r\n\r\n", "GET\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
        let answer = raw(world.service.address, head.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{head:?}: {answer}");
    }
}

async fn refusals_reach_clients_that_send_first_and_read_then(engine: Engine) {
    let world = World::new(engine).await;
    let key = format!("Bearer {}", crate::support::service::PLATFORM_KEY);
    for (target, key, content_type, length, status) in [
        ("/v1/customers", "Bearer nobody", "application/json", 1_000_000, 401),
        ("/v1/nowhere", key.as_str(), "application/json", 1_000_000, 404),
        ("/v1/customers", &key, "text/plain", 1_000_000, 415),
        ("/v1/customers", &key, "application/json", 4_000_000, 413),
    ] {
        let head = format!(
            "POST {target} HTTP/1.1\r\nhost: x\r\nauthorization: {key}\r\ncontent-type: {content_type}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        let request = [head.as_bytes(), &vec![b' '; length]].concat();
        for _ in 0..10 {
            let answer = sent_whole(world.service.address, &request).await.unwrap_or_else(|error| {
                panic!("the service let go of a client that was still sending, instead of {status}: {error}")
            });
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "instead of {status}: {answer:?}");
        }
    }
}

/// Like most clients: a request that cannot be sent to its end is an error, whatever the service may have answered.
async fn sent_whole(address: SocketAddr, request: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn requests_have_names(engine: Engine) {
    let world = World::new(engine).await;
    let answer = world.rest("GET", "/v1/whoami", &[("x-request-id", "Shop.42_a-b:c")], b"").await;
    assert_eq!(answer.header("x-request-id"), "Shop.42_a-b:c");
    let answer = world.rest("GET", "/v1/nowhere", &[("x-request-id", "Shop.43")], b"").await;
    assert_eq!(from_rest(&answer).request_id, "Shop.43");
    let long = "x".repeat(129);
    for name in ["", "two words", "<script>", "\u{1b}[31m", &long] {
        let call = HttpCall {
            method: http::Method::GET,
            target: "/v1/nowhere",
            headers: &[("x-request-id", name)],
            body: bytes::Bytes::new(),
        };
        // What a header may not hold never leaves the client.
        if http::HeaderValue::from_str(name).is_err() {
            continue;
        }
        let answer = call.send(world.service.address).await.expect("an answer");
        let named = from_rest(&answer).request_id;
        assert!(named != name && !named.is_empty(), "{name:?} became {named:?}");
    }
    let one = get(world.service.address, "/healthz").await.expect("an answer");
    let two = get(world.service.address, "/healthz").await.expect("an answer");
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"), "each has its own");
}

async fn deadlines_end_requests(engine: Engine) {
    let world = World::new(engine).await;
    // Somebody else holds the database, so that no write can end in time.
    let connection = world.database.connect().await;
    let options = sea_orm::TransactionOptions {
        sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let other = connection.begin_with_options(options).await.expect("a transaction");
    if engine == Engine::Postgres {
        other.execute_unprepared("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await.expect("the lock");
    }
    for (wire, name, value) in [(Wire::Rest, "request-timeout", "0"), (Wire::GrpcWeb, "grpc-timeout", "9m")] {
        let headers = [(name, value), ("idempotency-key", "late")];
        let called = world.client(wire).call_with(&headers, world.order()).await;
        assert_eq!(called.expect_err("too late").refusal().code, "deadline_exceeded", "{wire:?}");
    }
    other.rollback().await.expect("a rollback");
    loop {
        match world.client(Wire::Rest).keyed("late", world.order()).await {
            Ok(_) => break,
            Err(failed) => assert_eq!(failed.refusal().code, "idempotency_in_flight"),
        }
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 1, "the key tells what became of it");
}
