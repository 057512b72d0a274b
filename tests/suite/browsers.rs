//! What browsers are told: which pages may call (CORS), and the pages that show the contract.

use bytes::Bytes;
use http::Method;
use tradepost::published::OPENAPI;

use crate::support::client::{Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::http::{HttpAnswer, HttpCall, get};
use crate::support::refusal::from_rest;
use crate::support::service::{PLATFORM_KEY, Service, program};

const PAGE: &str = "https://app.example.com";

/// A service with these lines in its `tradepost.toml`.
async fn with(settings: &str) -> (Database, Service) {
    let database = Database::new(Engine::Sqlite).await;
    std::fs::write(database.folder.path().join("tradepost.toml"), settings).expect("writable");
    let service = Service::start(&database).await;
    (database, service)
}

async fn send(service: &Service, method: Method, target: &str, headers: &[(&str, &str)]) -> HttpAnswer {
    let call = HttpCall { method, target, headers, body: Bytes::new() };
    call.send(service.address).await.expect("an answer")
}

#[tokio::test]
async fn known_pages_may_read_every_answer() {
    let (_database, service) = with(&format!("cors_origins = \"{PAGE}\"")).await;
    let origin = ("origin", PAGE);
    for (method, target, status) in [
        (Method::GET, "/v1/whoami", 401),
        (Method::GET, "/nowhere", 404),
        (Method::DELETE, "/v1/orders", 405),
        (Method::GET, "/openapi.json", 200),
        (Method::GET, "/readyz", 200),
    ] {
        let answer = send(&service, method, target, &[origin]).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, PAGE), "{target}");
        assert!(answer.header("access-control-expose-headers").contains("Grpc-Status-Details-Bin"), "{target}");
        let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
        assert!(vary.iter().any(|value| *value == "Origin"), "{target}: {vary:?}");
        assert!(answer.headers.get("access-control-allow-credentials").is_none());
    }
}

#[tokio::test]
async fn preflights_come_before_routes_and_keys() {
    let (_database, service) = with(&format!("cors_origins = \"{PAGE}\"")).await;
    for target in ["/v1/orders", "/tradepost.v1.OrderService/CreateOrder", "/nowhere"] {
        let asks = [("origin", PAGE), ("access-control-request-method", "POST")];
        let answer = send(&service, Method::OPTIONS, target, &asks).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, PAGE), "{target}");
        assert!(answer.header("access-control-allow-headers").contains("Idempotency-Key"), "{target}");
        assert!(!answer.header("x-request-id").is_empty(), "{target}");
        let others = [("origin", "https://evil.example.com"), asks[1]];
        let answer = send(&service, Method::OPTIONS, target, &others).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{target}");
    }
    let plain = send(&service, Method::OPTIONS, "/v1/orders", &[]).await;
    assert_eq!((plain.status, plain.header("allow").is_empty()), (204, false));
}

#[tokio::test]
async fn the_contract_is_shown_to_everybody() {
    let (database, service) = with("").await;
    let document = get(service.address, "/openapi.json").await.expect("an answer");
    assert_eq!((document.status, document.body.as_ref()), (200, OPENAPI.as_bytes()));
    assert_eq!(document.header("cache-control"), "public, max-age=300");
    let known = [("if-none-match", document.header("etag"))];
    assert_eq!(send(&service, Method::GET, "/openapi.json", &known).await.status, 304);
    for page in ["/docs", "/redoc"] {
        let answer = get(service.address, page).await.expect("an answer");
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{page}");
    }
    let refused = send(&service, Method::POST, "/docs", &[]).await;
    assert_eq!((from_rest(&refused).code.as_str(), refused.header("allow")), ("method_not_allowed", "GET, HEAD"));
    let printed = program(&database.url, database.folder.path()).arg("openapi").output().expect("the program");
    assert!(printed.stdout == OPENAPI.as_bytes());
}

#[tokio::test]
async fn the_contract_need_not_be_shown() {
    let (_database, service) = with("docs = \"off\"").await;
    for target in ["/openapi.json", "/docs", "/redoc", "/docs/init.js"] {
        let answer = get(service.address, target).await.expect("an answer");
        assert_eq!((answer.status, from_rest(&answer).code.as_str()), (404, "route_not_found"), "{target}");
    }
    let client = Client::new(service.address, Wire::Rest, PLATFORM_KEY);
    assert!(client.call(tradepost::contract::pb::WhoamiRequest {}).await.is_ok());
}
