//! The audit: every effect has its line, told to those who may read it, without secrets and without personal data.

use serde_json::Value;
use tradepost::contract::pb;

use crate::access::sibling;
use crate::keys::{revoke, rotate};
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::World;

on_both_engines! {
    an_effect_has_its_line,
    lines_are_found,
    nothing_secret_is_written_down,
    foreign_lines_are_not_there,
}

async fn found(client: &Client, request: &pb::ListAuditEventsRequest) -> Vec<Value> {
    let page = |page_token| pb::ListAuditEventsRequest { page_size: 3, page_token, ..request.clone() };
    client.all("audit_events", page).await
}

fn get(id: &str) -> pb::GetAuditEventRequest {
    pb::GetAuditEventRequest { audit_event_id: id.to_owned() }
}

fn of(id: &str) -> pb::ListAuditEventsRequest {
    pb::ListAuditEventsRequest { resource_id: id.to_owned(), ..Default::default() }
}

async fn an_effect_has_its_line(engine: Engine) {
    let world = World::new(engine).await;
    let (admin_id, admin) = world.new_key(pb::Role::Admin, "").await;
    for wire in Wire::ALL {
        let client = world.client(wire).with_key(&admin);
        let placed = client.call_with(&[("x-request-id", "req_of-the-suite")], world.order()).await.expect("an order");
        let lines = found(&client, &of(&placed.id())).await;
        assert_eq!(lines.len(), 1);
        let line = client.call(get(lines[0]["id"].as_str().expect("an id"))).await.expect("the line");
        assert_eq!(line.json, lines[0]);
        assert!(line.id().starts_with("aud_"));
        for (field, expected) in [
            ("/actor", admin_id.as_str()),
            ("/owner", "console"),
            ("/method", "tradepost.v1.OrderService/CreateOrder"),
            ("/resource_type", "order"),
            ("/resource_id", &placed.id()),
            ("/request_id", placed.header("x-request-id")),
            ("/reason", ""),
            ("/create_time", &placed.text("/create_time")),
        ] {
            assert_eq!(line.text(field), expected, "{field}");
        }
        assert!(!line.text("/request_id").is_empty());
        let reason = "changed their mind".to_owned();
        let cancel = pb::CancelOrderRequest { order_id: placed.id(), reason: reason.clone(), ..Default::default() };
        client.call(cancel).await.expect("canceled");
        let line = found(&client, &of(&placed.id())).await[0].clone();
        assert_eq!(
            (&line["reason"], &line["method"]),
            (&reason.into(), &"tradepost.v1.OrderService/CancelOrder".into())
        );
        let once = format!("once-{wire:?}");
        let replayed = client.keyed(&once, world.order()).await.expect("an order").id();
        client.keyed(&once, world.order()).await.expect("a replay");
        assert_eq!(found(&client, &of(&replayed)).await.len(), 1, "a replay has no effect");
    }
}

async fn lines_are_found(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let platform = staff.call(pb::WhoamiRequest {}).await.expect("the caller");
    let (id, admin) = world.new_key(pb::Role::Admin, "").await;
    let admin = staff.with_key(&admin);
    let order = admin.call(world.order()).await.expect("an order");
    let (key, _) = world.new_key(pb::Role::Viewer, "").await;
    admin.call(rotate(&key)).await.expect("rotated");
    admin.call(revoke(&key)).await.expect("revoked");
    admin.call(revoke(&key)).await.expect("nothing to do");
    let tenant = platform.text("/tenant_id");
    let patch = Some(pb::TenantPatch { name: Some("Renamed".to_owned()), ..Default::default() });
    let renamed = pb::UpdateTenantRequest { tenant_id: tenant.clone(), tenant: patch, ..Default::default() };
    staff.call(renamed).await.expect("renamed");
    let time: prost_types::Timestamp = order.text("/create_time").parse().expect("a time");
    for wire in Wire::ALL {
        let client = world.client(wire);
        let all = found(&client, &pb::ListAuditEventsRequest::default()).await;
        assert_eq!(all.len(), 10, "{all:?}");
        let methods: Vec<_> = found(&client, &of(&key)).await;
        let methods: Vec<_> = methods.iter().map(|line| line["method"].as_str().expect("a method")).collect();
        assert_eq!(
            methods,
            ["RevokeApiKey", "RotateApiKey", "CreateApiKey"].map(|name| format!("tradepost.v1.AccessService/{name}"))
        );
        let first = all.last().expect("one");
        assert_eq!(
            (&first["method"], &first["owner"], &first["request_id"]),
            (&"console".into(), &"console".into(), &"".into())
        );
        assert_eq!(first["actor"], first["resource_id"], "nobody else had signed in");
        for (request, count) in [
            (pb::ListAuditEventsRequest { actor: id.clone(), ..Default::default() }, 3),
            (pb::ListAuditEventsRequest { actor: sibling(&id), ..Default::default() }, 0),
            (pb::ListAuditEventsRequest { resource_type: "api_key".to_owned(), ..Default::default() }, 5),
            (pb::ListAuditEventsRequest { resource_type: "shoe".to_owned(), ..Default::default() }, 0),
            (pb::ListAuditEventsRequest { actor: id.clone(), ..of(&key) }, 2),
            (of(&tenant), 1),
            (of(&sibling(&tenant)), 0),
            (pb::ListAuditEventsRequest { create_time_after: Some(time), ..Default::default() }, 4),
            (pb::ListAuditEventsRequest { create_time_before: Some(time), ..Default::default() }, 5),
        ] {
            assert_eq!(found(&client, &request).await.len(), count, "{request:?} on {wire:?}");
        }
        let wrong = pb::ListAuditEventsRequest { actor: "key_1".to_owned(), ..of("thing_1") };
        let refusal = client.call(wrong).await.expect_err("no ids").refusal();
        assert_eq!(refusal.fields(), ["resource_id", "actor"]);
        let first = pb::ListAuditEventsRequest { page_size: 1, ..Default::default() };
        let page_token = client.call(first.clone()).await.expect("a page").text("/next_page_token");
        let mixed = pb::ListAuditEventsRequest { page_token, actor: id.clone(), ..first };
        assert_eq!(client.call(mixed).await.expect_err("another list").refusal().code, "invalid_page_token");
    }
}

async fn nothing_secret_is_written_down(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let customer = pb::CreateCustomerRequest {
        name: "Grace Hopper".to_owned(),
        email: "grace@example.com".to_owned(),
        ..Default::default()
    };
    client.call(customer).await.expect("a customer");
    let (id, old) = world.new_key(pb::Role::Viewer, "").await;
    let new = client.call(rotate(&id)).await.expect("rotated").text("/key");
    let lines = found(&client, &pb::ListAuditEventsRequest::default()).await;
    let events = client.all("events", |page_token| pb::ListEventsRequest { page_token, ..Default::default() }).await;
    let told = format!("{lines:?} {events:?}");
    for hidden in ["Grace", "grace@", "Ada", PLATFORM_KEY, &old, &new] {
        assert!(!told.contains(hidden), "{hidden} is told");
    }
}

async fn foreign_lines_are_not_there(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, theirs) = (world.client(wire), world.stranger(wire).await);
        let customer = pb::CreateCustomerRequest { name: "Theirs".to_owned(), ..Default::default() };
        theirs.call(customer).await.expect("a customer");
        let lines = found(&theirs, &pb::ListAuditEventsRequest::default()).await;
        assert_eq!(lines.len(), 1, "what they did, and nothing of ours");
        let line = lines[0]["id"].as_str().expect("an id");
        let hidden = client.call(get(line)).await.expect_err("hidden").refusal();
        let nothing = client.call(get(&sibling(line))).await.expect_err("none").refusal();
        assert_eq!((hidden.code.as_str(), hidden.anonymous()), ("audit_event_not_found", nothing.anonymous()));
        let resource = lines[0]["resource_id"].as_str().expect("an id");
        assert!(found(&client, &of(resource)).await.is_empty());
    }
}
