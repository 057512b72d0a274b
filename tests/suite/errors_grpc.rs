//! Failures over gRPC and gRPC-Web: the catalog's code with its details, and never INTERNAL or UNKNOWN for bad input.

use bytes::Bytes;
use http::Method;
use prost::Message;
use tonic::Status;
use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::grpc::{channel, unary};
use crate::support::http::{HttpAnswer, HttpCall};
use crate::support::on_both_engines;
use crate::support::refusal::{Refusal, from_rest, from_status};
use crate::support::service::PLATFORM_KEY;
use crate::support::web::{self, Form, frame};
use crate::support::world::{World, order};

on_both_engines! {
    undecodable_messages_are_malformed,
    broken_frames_are_malformed,
    messages_that_are_too_large,
    rpcs_that_are_not_there,
    nul_characters_are_refused,
    every_wire_tells_the_same_failure,
    unknown_tags_are_skipped,
    requests_have_names,
    many_violations_fit_into_the_headers,
    grpc_is_post_over_http_2_with_protobuf,
}

const CREATE_ORDER: &str = "/tradepost.v1.OrderService/CreateOrder";
const CREATE_CUSTOMER: &str = "/tradepost.v1.CustomerService/CreateCustomer";

fn bearer() -> String {
    format!("Bearer {PLATFORM_KEY}")
}

/// An HTTP/2 request with exactly this body.
async fn bytes_over_grpc(world: &World, path: &str, body: Vec<u8>) -> HttpAnswer {
    let (bearer, body) = (bearer(), Bytes::from(body));
    let headers = [("content-type", "application/grpc"), ("te", "trailers"), ("authorization", bearer.as_str())];
    let call = HttpCall { method: Method::POST, target: path, headers: &headers, body };
    call.send_http2(world.service.address).await.expect("an answer")
}

fn refusal(answer: &HttpAnswer) -> Refusal {
    assert_eq!(answer.status, 200, "{answer:?}");
    let status = Status::from_header_map(&answer.headers).unwrap_or_else(|| panic!("no status: {answer:?}"));
    from_status(&status).refusal()
}

async fn undecodable_messages_are_malformed(engine: Engine) {
    let world = World::new(engine).await;
    // Field 1 as a number, cut short, no UTF-8, a wrong wire type, a tag of zero, a length beyond the end.
    let messages: [&[u8]; 6] =
        [b"\x08\x05", b"\x0a\x05ab", b"\x0a\x01\xff", b"\x0f", b"\x00\x00", b"\x0a\xff\xff\xff\x7f"];
    for message in messages {
        let refused = refusal(&bytes_over_grpc(&world, CREATE_CUSTOMER, frame(message)).await);
        assert_eq!(refused.code, "malformed_request", "{message:x?}");
        for form in [Form::Binary, Form::Text] {
            let bearer = bearer();
            let headers = [("authorization", bearer.as_str())];
            let called =
                web::call::<pb::Customer>(world.service.address, form, CREATE_CUSTOMER, &headers, message).await;
            let status = called.expect("an answer").expect_err("undecodable");
            assert_eq!(from_status(&status).refusal().code, "malformed_request", "{message:x?} as {form:?}");
        }
    }
}

async fn broken_frames_are_malformed(engine: Engine) {
    let world = World::new(engine).await;
    let whole = frame(&pb::CreateCustomerRequest { name: "x".to_owned(), ..Default::default() }.encode_to_vec());
    let compressed = [&[1][..], &whole[1..]].concat();
    let bodies = [
        vec![],
        whole[..3].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        compressed,
        vec![9; 40],
        [&whole[..], &whole].concat(),
    ];
    for body in bodies {
        let shown = format!("{body:x?}");
        let answer = bytes_over_grpc(&world, CREATE_CUSTOMER, body).await;
        let status = Status::from_header_map(&answer.headers);
        let Some(status) = status else {
            // A unary call that sends two messages may be answered for the first.
            assert_eq!(answer.status, 200, "{shown}");
            continue;
        };
        let fault = matches!(status.code(), tonic::Code::Internal | tonic::Code::Unknown);
        assert!(!fault, "{shown}: {status:?}");
        from_status(&status).refusal();
    }
}

async fn messages_that_are_too_large(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::GrpcWeb, Wire::GrpcWebText] {
        let request = pb::CreateOrderRequest { note: "n".repeat(5 << 20), ..world.order() };
        let refused = world.client(wire).call(request).await.expect_err("beyond 4 MiB").refusal();
        assert_eq!(refused.code, "payload_too_large", "{wire:?}");
        world.client(wire).call(world.order()).await.expect("and the next one passes");
    }
}

async fn rpcs_that_are_not_there(engine: Engine) {
    let world = World::new(engine).await;
    for path in ["/tradepost.v1.OrderService/ShredOrder", "/tradepost.v9.OrderService/GetOrder", "/nobody/knows"] {
        let called = unary::<_, pb::Order>(channel(world.service.address), path, &[], pb::WhoamiRequest {}).await;
        let status = called.expect_err("not there");
        assert_eq!(status.code(), tonic::Code::Unimplemented, "{path}: {status:?}");
        from_status(&status).refusal();
    }
    // As REST they are paths like any other.
    let answer = world.rest("POST", CREATE_ORDER, &[("content-type", "application/json")], b"{}").await;
    assert_eq!(from_rest(&answer).code, "route_not_found");
}

async fn nul_characters_are_refused(engine: Engine) {
    let world = World::new(engine).await;
    let nul = "a\0b".to_owned();
    for wire in [Wire::Grpc, Wire::GrpcWeb] {
        let client = world.client(wire);
        let plain = world.order();
        let city = pb::Address { city: nul.clone(), ..Default::default() };
        for (request, field) in [
            (pb::CreateOrderRequest { note: nul.clone(), ..plain.clone() }, "note"),
            (pb::CreateOrderRequest { reference: nul.clone(), ..plain.clone() }, "reference"),
            (pb::CreateOrderRequest { shipping_address: Some(city), ..plain.clone() }, "shipping_address.city"),
            (order(&world.customer, &[("a\0b", 1)]), "items[0].sku"),
            (pb::CreateOrderRequest { metadata: [("k".into(), nul.clone())].into(), ..plain }, "metadata[\"k\"]"),
        ] {
            let refused = client.call(request).await.expect_err(field).refusal();
            assert_eq!((refused.code.as_str(), refused.fields()), ("validation_failed", vec![field]), "{wire:?}");
        }
        let request = pb::CreateOrderRequest { metadata: [(nul.clone(), "v".into())].into(), ..world.order() };
        assert_eq!(client.call(request).await.expect_err("a key").refusal().code, "validation_failed");
        let named = pb::CreateTenantRequest { name: nul.clone(), ..Default::default() };
        assert_eq!(client.call(named).await.expect_err("a name").refusal().fields(), ["name"]);
        let request = pb::ListOrdersRequest { page_token: nul.clone(), ..Default::default() };
        assert_eq!(client.call(request).await.expect_err("a token").refusal().code, "validation_failed");
    }
}

async fn every_wire_tells_the_same_failure(engine: Engine) {
    let world = World::new(engine).await;
    let requests = [
        order("nobody", &[("", 0), ("TEAPOT", -5)]),
        order(&world.customer, &[("NO-SUCH", 1), ("TEAPOT", 1), ("NEITHER", 1)]),
        order(&crate::access::sibling(&world.customer), &[("TEAPOT", 1)]),
        pb::CreateOrderRequest { currency_code: "JPY".to_owned(), ..world.order() },
        pb::CreateOrderRequest::default(),
    ];
    let stranger = |client: Client| client.with_key("x");
    for request in requests {
        let first = world.client(Wire::Rest).call(request.clone()).await.expect_err("refused").refusal();
        let outside = stranger(world.client(Wire::Rest)).call(request.clone()).await.expect_err("refused").refusal();
        for wire in Wire::ALL {
            let other = world.client(wire).call(request.clone()).await.expect_err("refused").refusal();
            assert_eq!(other.anonymous(), first.anonymous(), "{wire:?}");
            let other = stranger(world.client(wire)).call(request.clone()).await.expect_err("refused").refusal();
            assert_eq!(other.anonymous(), outside.anonymous(), "{wire:?}");
        }
    }
}

async fn unknown_tags_are_skipped(engine: Engine) {
    let world = World::new(engine).await;
    let mut message = pb::CreateCustomerRequest { name: "x".to_owned(), ..Default::default() }.encode_to_vec();
    message.extend(b"\xfa\x3f\x03new"); // Field 1023 of a client that is newer than we are.
    let answer = bytes_over_grpc(&world, CREATE_CUSTOMER, frame(&message)).await;
    assert!(Status::from_header_map(&answer.headers).is_none(), "{answer:?}");
    assert!(!answer.body.is_empty(), "a customer");
}

async fn requests_have_names(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let named = [("x-request-id", "Shop.42")];
        let refused = client.call_with(&named, order("", &[])).await.expect_err("refused").refusal();
        assert_eq!(refused.request_id, "Shop.42", "{wire:?}");
        let answer = client.call_with(&named, pb::WhoamiRequest {}).await.expect("the caller");
        assert_eq!(answer.header("x-request-id"), "Shop.42", "{wire:?}");
    }
}

/// Clients refuse a status whose headers are larger than 8 KiB: of many violations only some are told, and how many not.
async fn many_violations_fit_into_the_headers(engine: Engine) {
    let world = World::new(engine).await;
    let lines: Vec<_> = (0..300).map(|line| format!("NO-SUCH-PRODUCT-{line}")).collect();
    let lines: Vec<_> = lines.iter().map(|sku| (sku.as_str(), 1)).collect();
    for wire in Wire::ALL {
        let request = order(&world.customer, &lines);
        let refused = world.client(wire).call(request).await.expect_err("no such products").refusal();
        assert_eq!((refused.code.as_str(), refused.field.as_deref()), ("product_not_found", Some("items[0].sku")));
        assert!(refused.fields().len() > 10, "{refused:?}");
        let encoded: usize = refused.details.iter().map(|(field, code)| field.len() + code.len()).sum();
        assert!(wire == Wire::Rest || encoded < 4096, "{encoded}");
    }
}

/// Neither a GET nor a connection without trailers can carry gRPC, and no other encoding is spoken: nothing happens.
async fn grpc_is_post_over_http_2_with_protobuf(engine: Engine) {
    let world = World::new(engine).await;
    let body = frame(&pb::CreateCustomerRequest { name: "Eve".to_owned(), ..Default::default() }.encode_to_vec());
    let bearer = bearer();
    for (method, content_type, http2, code) in [
        (Method::GET, "application/grpc", true, "METHOD_NOT_ALLOWED"),
        (Method::PUT, "application/grpc+proto", true, "METHOD_NOT_ALLOWED"),
        (Method::GET, "application/grpc-web+proto", false, "METHOD_NOT_ALLOWED"),
        (Method::POST, "application/grpc", false, "UNSUPPORTED_MEDIA_TYPE"),
        (Method::POST, "application/grpc+json", true, "UNSUPPORTED_MEDIA_TYPE"),
        (Method::POST, "application/grpc-web+json", false, "UNSUPPORTED_MEDIA_TYPE"),
        (Method::POST, "application/grpc-web+json", true, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let headers = [("content-type", content_type), ("authorization", bearer.as_str())];
        let call = HttpCall { method, target: CREATE_CUSTOMER, headers: &headers, body: body.clone().into() };
        let address = world.service.address;
        let answer = if http2 { call.send_http2(address).await } else { call.send(address).await };
        assert_eq!(refusal(&answer.expect("an answer")).code, code.to_lowercase(), "{content_type}");
    }
    assert_eq!(world.database.count("SELECT count(*) FROM customers WHERE name = 'Eve'").await, 0);
}
