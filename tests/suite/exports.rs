//! Exports: all orders, each once, however many there are, and on where they broke off.

use serde_json::Value;
use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, SPOON, TEAPOT, World, order};

on_both_engines! {
    an_export_tells_every_order_once,
    an_export_goes_on_where_it_broke_off,
    an_export_tells_what_it_was_asked_for,
    what_comes_later_is_in_no_export,
    an_export_is_one_array_when_asked,
    tokens_belong_to_their_export,
    large_orders_are_exported_whole,
}

fn export() -> pb::ExportOrdersRequest {
    pb::ExportOrdersRequest::default()
}

async fn orders(client: &Client, customer: &str, count: usize) {
    let some = (0..count).map(|_| order(customer, &[(TEAPOT, 1), (SPOON, 2)])).collect::<Vec<_>>();
    for part in some.chunks(100) {
        let batch = pb::BatchCreateOrdersRequest { orders: part.to_vec(), ..Default::default() };
        client.call(batch).await.expect("orders");
    }
}

fn ids(exported: &[Value]) -> Vec<&str> {
    exported.iter().map(|one| one["order"]["id"].as_str().expect("an order")).collect()
}

/// The orders as the list tells them, the oldest first.
async fn listed(client: &Client) -> Vec<Value> {
    let view = pb::View::Full.into();
    client
        .all("orders", |page_token| pb::ListOrdersRequest {
            page_size: 100,
            page_token,
            view,
            order_by: "create_time".into(),
            ..Default::default()
        })
        .await
}

async fn an_export_tells_every_order_once(engine: Engine) {
    let world = World::new(engine).await;
    orders(&world.client(Wire::Grpc), &world.customer, 250).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let told = client.stream(export()).await.expect("an export").rest().await;
        let told: Vec<_> = told.into_iter().map(|mut one| one["order"].take()).collect();
        assert_eq!(told, listed(&client).await, "as the list tells them, with everything, on {wire:?}");
    }
    let empty = world.stranger(Wire::Rest).await;
    assert!(empty.stream(export()).await.expect("an export").rest().await.is_empty());
}

async fn an_export_goes_on_where_it_broke_off(engine: Engine) {
    let world = World::new(engine).await;
    orders(&world.client(Wire::Grpc), &world.customer, 230).await;
    let all = world.client(Wire::Rest).stream(export()).await.expect("an export").rest().await;
    for (place, wire) in [0, 98, 99, 100, 150, 228, 229].into_iter().zip(Wire::ALL.into_iter().cycle()) {
        let resume_token = all[place]["resume_token"].as_str().expect("a token").to_owned();
        // Whatever is new by then does not belong to this export.
        orders(&world.client(Wire::Grpc), &world.customer, 1).await;
        let request = pb::ExportOrdersRequest { resume_token: resume_token.clone(), ..export() };
        let rest = world.client(wire).stream(request).await.expect("the rest").rest().await;
        assert_eq!(rest, all[place + 1..], "after {place} on {wire:?}");
        let with_header = [("last-event-id", resume_token.as_str())];
        let again = world.client(wire).stream_with(&with_header, export()).await.expect("the rest").rest().await;
        assert_eq!(again, rest);
    }
}

async fn an_export_tells_what_it_was_asked_for(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let other = world::customer(&staff, "Grace").await;
    orders(&staff, &world.customer, 3).await;
    orders(&staff, &other, 2).await;
    let draft = pb::CreateOrderRequest { draft: true, ..world.order() };
    let draft = staff.call(draft).await.expect("a draft").id();
    for wire in [Wire::Grpc, Wire::Rest] {
        let client = world.client(wire);
        let of_customer = pb::ExportOrdersRequest { customer_id: other.clone(), ..export() };
        assert_eq!(client.stream(of_customer).await.expect("an export").rest().await.len(), 2);
        let drafts = pb::ExportOrdersRequest { status: vec![pb::order::Status::Draft.into()], ..export() };
        let drafts = client.stream(drafts).await.expect("an export").rest().await;
        assert_eq!(ids(&drafts), [draft.as_str()]);
        let basic = pb::ExportOrdersRequest { view: pb::View::Basic.into(), ..export() };
        let basic = client.stream(basic).await.expect("an export").rest().await;
        assert_eq!(basic.len(), 6);
        assert!(basic.iter().all(|one| one["order"]["items"] == serde_json::json!([])), "without lines");
        let partner = client.with_key(&world.key(pb::Role::Partner, &other).await);
        assert_eq!(partner.stream(export()).await.expect("an export").rest().await.len(), 2, "a partner's own");
    }
}

async fn what_comes_later_is_in_no_export(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    orders(&staff, &world.customer, 300).await;
    let known = listed(&staff).await;
    let mut stream = world.client(Wire::Grpc).stream(export()).await.expect("an export");
    let mut told = stream.take(5).await;
    orders(&staff, &world.customer, 50).await;
    told.extend(stream.rest().await);
    assert_eq!(ids(&told), known.iter().map(|order| order["id"].as_str().expect("an id")).collect::<Vec<_>>());
}

async fn an_export_is_one_array_when_asked(engine: Engine) {
    let world = World::new(engine).await;
    orders(&world.client(Wire::Grpc), &world.customer, 120).await;
    let lines = world.client(Wire::Rest).stream(export()).await.expect("an export").rest().await;
    let array = world.rest("GET", "/v1/orders:export", &[("accept", "application/json")], b"").await;
    assert_eq!(array.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(array.json(), Value::Array(lines.clone()));
    let text = world.rest("GET", "/v1/orders:export", &[], b"").await;
    assert_eq!(text.header("content-type"), "application/x-ndjson");
    assert_eq!(text.body.split(|byte| *byte == b'\n').count() - 1, lines.len());
    let pictures = world.rest("GET", "/v1/orders:export", &[("accept", "image/png")], b"").await;
    assert_eq!((pictures.status, pictures.json()["error"]["code"].clone()), (406, "not_acceptable".into()));
}

async fn tokens_belong_to_their_export(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    orders(&staff, &world.customer, 3).await;
    let told = staff.stream(export()).await.expect("an export").rest().await;
    let resume_token = told[0]["resume_token"].as_str().expect("a token").to_owned();
    let going_on = pb::ExportOrdersRequest { resume_token: resume_token.clone(), ..export() };
    let page = pb::ListOrdersRequest { page_size: 1, ..Default::default() };
    let page_token = staff.call(page).await.expect("a page").text("/next_page_token");
    for (client, request) in [
        (staff.clone(), pb::ExportOrdersRequest { customer_id: world.customer.clone(), ..going_on.clone() }),
        (
            staff.clone(),
            pb::ExportOrdersRequest { resume_token: resume_token.replace(&resume_token[..2], "AA"), ..export() },
        ),
        (staff.clone(), pb::ExportOrdersRequest { resume_token: page_token, ..export() }),
        (world.stranger(Wire::Rest).await, going_on),
    ] {
        let refusal = client.stream(request).await.expect_err("another export").refusal();
        assert_eq!(refusal.code, "invalid_page_token");
    }
}

async fn large_orders_are_exported_whole(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    for lines in [2000, 1, 700, 400, 3] {
        staff.call(order(&world.customer, &vec![(SPOON, 1); lines])).await.expect("an order");
    }
    let told = staff.stream(export()).await.expect("an export").rest().await;
    let lines: Vec<_> = told.iter().map(|one| one["order"]["items"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(lines, [2000, 1, 700, 400, 3]);
}
