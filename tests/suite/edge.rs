//! One port for every protocol: HTTP/1.1, HTTP/2 without TLS, health, reflection, probes; and peers that say nothing.

use std::net::SocketAddr;

use bytes::Bytes;
use http::Method;
use tokio_stream::StreamExt;
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::{v1, v1alpha};

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::grpc::channel;
use crate::support::http::{HttpAnswer, HttpCall, get, raw};
use crate::support::refusal::from_rest;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::World;

const SERVICES: [&str; 4] = [
    "tradepost.v1.AccessService",
    "tradepost.v1.CatalogService",
    "tradepost.v1.CustomerService",
    "tradepost.v1.OrderService",
];

/// What the health service says of a service.
pub(crate) async fn health(address: SocketAddr, service: &str) -> Result<ServingStatus, Status> {
    let request = HealthCheckRequest { service: service.to_owned() };
    Ok(HealthClient::new(channel(address)).check(request).await?.into_inner().status())
}

async fn bare(address: SocketAddr, method: Method, target: &str) -> HttpAnswer {
    HttpCall { method, target, headers: &[], body: Bytes::new() }.send(address).await.expect("an answer")
}

#[tokio::test]
async fn http_1_and_http_2_share_the_port() {
    let world = World::new(Engine::Sqlite).await;
    let bearer = format!("Bearer {PLATFORM_KEY}");
    let body = tradepost::contract::to_json(&world.order()).to_string();
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let call = HttpCall { method: Method::POST, target: "/v1/orders", headers: &headers, body: body.into() };
    let (one, two) = (call.send(world.service.address).await, call.send_http2(world.service.address).await);
    for answer in [one.expect("over HTTP/1.1"), two.expect("over HTTP/2")] {
        assert_eq!(answer.status, 201);
        assert_eq!(answer.json()["status"], "PLACED");
    }
    let web =
        HttpCall { headers: &headers[..1], target: "/v1/nowhere", ..call }.send_http2(world.service.address).await;
    assert_eq!(from_rest(&web.expect("an answer")).code, "route_not_found");
}

#[tokio::test]
async fn health_knows_every_service() {
    let world = World::new(Engine::Sqlite).await;
    for service in SERVICES.into_iter().chain([""]) {
        let found = health(world.service.address, service).await;
        assert_eq!(found.expect("a status"), ServingStatus::Serving, "{service:?}");
    }
    let unknown = health(world.service.address, "nobody").await.expect_err("not served");
    assert_eq!(unknown.code(), tonic::Code::NotFound);
    let mut client = HealthClient::new(channel(world.service.address));
    let mut watch = client.watch(HealthCheckRequest::default()).await.expect("a stream").into_inner();
    let first = watch.next().await.expect("a message").expect("a status");
    assert_eq!(first.status(), ServingStatus::Serving);
}

macro_rules! listed_services {
    ($version:ident, $address:expr) => {{
        use $version::server_reflection_request::MessageRequest;
        use $version::server_reflection_response::MessageResponse;
        let request = $version::ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut client = $version::server_reflection_client::ServerReflectionClient::new(channel($address));
        let answers = client.server_reflection_info(tokio_stream::iter([request])).await;
        let answer = answers.expect("a stream").into_inner().next().await.expect("an answer").expect("services");
        let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
            panic!("another answer: {answer:?}");
        };
        list.service.into_iter().map(|service| service.name).collect::<Vec<_>>()
    }};
}

#[tokio::test]
async fn reflection_lists_every_service() {
    let world = World::new(Engine::Sqlite).await;
    let (new, old) = (listed_services!(v1, world.service.address), listed_services!(v1alpha, world.service.address));
    for service in SERVICES.into_iter().chain(["grpc.health.v1.Health"]) {
        assert!(new.iter().any(|name| name == service), "{service} in {new:?}");
        assert!(old.iter().any(|name| name == service), "{service} in {old:?}");
    }
}

#[tokio::test]
async fn probes_answer_on_both_ports() {
    let world = World::new(Engine::Sqlite).await;
    for address in [world.service.address, world.service.admin_address] {
        for target in ["/healthz", "/livez", "/readyz"] {
            let answer = bare(address, Method::GET, target).await;
            assert_eq!((answer.status, answer.body.is_empty()), (200, false), "{target}");
            let answer = bare(address, Method::HEAD, target).await;
            assert_eq!((answer.status, answer.body.is_empty()), (200, true), "{target}");
            let answer = bare(address, Method::POST, target).await;
            assert_eq!(from_rest(&answer).code, "method_not_allowed", "{target}");
        }
        assert_eq!(from_rest(&bare(address, Method::GET, "/nowhere").await).code, "route_not_found");
    }
    let answer = get(world.service.admin_address, "/v1/whoami").await.expect("an answer");
    assert_eq!(answer.status, 404, "the API is not on the admin port");
}

#[tokio::test]
async fn options_and_head_work() {
    let world = World::new(Engine::Sqlite).await;
    let order = world.client(Wire::Rest).call(world.order()).await.expect("an order").id();
    for (target, allow) in [
        ("/v1/orders".to_owned(), "GET, HEAD, OPTIONS, POST"),
        (format!("/v1/orders/{order}"), "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/v1/orders:batchGet".to_owned(), "GET, HEAD, OPTIONS"),
    ] {
        let answer = bare(world.service.address, Method::OPTIONS, &target).await;
        let mut allowed: Vec<_> = answer.header("allow").split(", ").collect();
        allowed.sort_unstable();
        assert_eq!((answer.status, allowed.join(", ").as_str()), (204, allow), "{target}");
    }
    let target = format!("/v1/orders/{order}");
    let (head, whole) = (world.rest("HEAD", &target, &[], b"").await, world.rest("GET", &target, &[], b"").await);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), whole.header("content-type"));
    assert_eq!(whole.header("cache-control"), "private, no-cache");
    assert_eq!(whole.header("vary"), "Authorization");
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let world = World::new(Engine::Sqlite).await;
    let requests = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n\
                    GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answers = raw(world.service.address, requests.as_bytes()).await;
    let statuses: Vec<_> =
        answers.match_indices("HTTP/1.1 ").map(|(place, _)| &answers[place + 9..place + 12]).collect();
    assert_eq!(statuses, ["200", "404", "200"], "{answers}");
}

#[tokio::test]
async fn peers_that_say_too_little_are_let_go() {
    let world = World::new(Engine::Sqlite).await;
    let address = world.service.address;
    let body = format!(
        "POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {PLATFORM_KEY}\r\ncontent-length: 9\r\n\r\n{{"
    );
    // Each of these ends only because the service closes the connection.
    let (silent, preface, head, body) = tokio::join!(
        raw(address, b""),
        raw(address, b"PRI * HTTP/2.0\r\n"),
        raw(address, b"GET /healthz HTTP/1.1\r\nhost"),
        raw(address, body.as_bytes()),
    );
    assert_eq!((silent.as_str(), preface.as_str()), ("", ""));
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(body.starts_with("HTTP/1.1 408") && body.contains("\"request_timeout\""), "{body}");
    world.client(Wire::Rest).call(world.order()).await.expect("others are served");
}
