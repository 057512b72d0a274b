//! Events: what they tell, to whom, and how they are found.

use serde_json::Value;
use tradepost::contract::pb;
use tradepost::domain::ids::{CustomerId, TypedId};

use crate::access::sibling;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, TEAPOT, World, order, product};

on_both_engines! {
    an_event_tells_what_happened,
    events_are_found,
    a_partner_reads_of_its_own_only,
    an_order_has_its_events,
    foreign_events_are_not_there,
    what_a_newer_version_told_is_readable,
}

/// The ids of all events that a request finds, two at a time.
async fn found(client: &Client, request: &pb::ListEventsRequest) -> Vec<String> {
    let page = |page_token| pb::ListEventsRequest { page_size: 2, page_token, ..request.clone() };
    let events = client.all("events", page).await;
    events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
}

fn timestamp(text: &str) -> prost_types::Timestamp {
    text.parse().expect("a time")
}

fn get(id: &str) -> pb::GetEventRequest {
    pb::GetEventRequest { event_id: id.to_owned() }
}

fn of_order(id: &str) -> pb::ListOrderEventsRequest {
    pb::ListOrderEventsRequest { order_id: id.to_owned(), ..Default::default() }
}

async fn an_event_tells_what_happened(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let actor = client.call(pb::WhoamiRequest {}).await.expect("the caller").text("/api_key_id");
        let secretive = pb::CreateOrderRequest {
            note: "ring at Ada Lovelace".to_owned(),
            shipping_address: Some(pb::Address { name: "Ada Lovelace".to_owned(), ..Default::default() }),
            reference: format!("R-{wire:?}"),
            ..world.order()
        };
        let placed = client.call(secretive).await.expect("an order");
        let page = client.call(of_order(&placed.id())).await.expect("events");
        let event = page.json["events"][0].clone();
        let read = client.call(get(event["id"].as_str().expect("an id"))).await.expect("the event");
        assert_eq!(read.json, event);
        assert!(read.id().starts_with("evt_"));
        assert_eq!((read.text("/type"), read.text("/resource_type")), ("order.placed".to_owned(), "order".to_owned()));
        assert_eq!((read.text("/resource_id"), read.text("/actor")), (placed.id(), actor));
        assert_eq!(
            (read.text("/resource_sequence"), &event["create_time"]),
            ("1".to_owned(), &placed.json["create_time"])
        );
        let data = &event["data"];
        for field in ["id", "status", "total", "customer_id", "reference", "etag", "create_time", "tax_mode"] {
            assert_eq!(data[field], placed.json[field], "{field} as the order has it");
        }
        let reason = "Ada Lovelace changed her mind".to_owned();
        let cancel = pb::CancelOrderRequest { order_id: placed.id(), reason: reason.clone(), ..Default::default() };
        client.call(cancel).await.expect("canceled");
        let page = client.call(of_order(&placed.id())).await.expect("events");
        assert_eq!(
            (page.text("/events/0/type"), page.text("/events/1/type")),
            ("order.canceled".into(), "order.placed".into())
        );
        assert!(!page.json.to_string().contains("Lovelace"), "no personal data: {}", page.json);
        let listed = client.call(pb::ListOrdersRequest::default()).await.expect("orders");
        assert_eq!(listed.text("/orders/0/cancel_reason"), reason, "lists show it");
        assert_eq!(data["total"]["minor_units"], "1500", "a long number is a text, as REST shows it");
        assert!(!event.to_string().contains("Lovelace"), "no personal data: {event}");
    }
    let customer = pb::CreateCustomerRequest {
        name: "Grace Hopper".to_owned(),
        email: "grace@example.com".to_owned(),
        reference: "C-1".to_owned(),
        ..Default::default()
    };
    let client = world.client(Wire::Rest);
    let customer = client.call(customer).await.expect("a customer").id();
    let told = pb::ListEventsRequest { resource_id: customer.clone(), ..Default::default() };
    let told = client.call(told).await.expect("events").json["events"][0].clone();
    assert_eq!((&told["data"]["id"], &told["data"]["reference"]), (&customer.into(), &"C-1".into()));
    assert!(!told.to_string().to_lowercase().contains("grace"), "no personal data: {told}");
}

async fn events_are_found(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(staff.call(world.order()).await.expect("an order"));
    }
    let mug = staff.call(product("MUG", &[("GBP", 1)], 0)).await.expect("a product").id();
    let middle = timestamp(&orders[1].text("/create_time"));
    let everything = found(&staff, &pb::ListEventsRequest::default()).await;
    assert_eq!(everything.len(), 7, "three products, a customer, three orders");
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let by_time = |after, before| pb::ListEventsRequest {
        resource_type: "order".to_owned(),
        create_time_after: after,
        create_time_before: before,
        ..Default::default()
    };
    let by_id = |id: &str| pb::ListEventsRequest { resource_id: id.to_owned(), ..Default::default() };
    let early = prost_types::Timestamp { seconds: middle.seconds, nanos: middle.nanos - 1 };
    let late = prost_types::Timestamp { seconds: middle.seconds, nanos: middle.nanos + 1 };
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (request, count) in [
            (pb::ListEventsRequest::default(), 7),
            (pb::ListEventsRequest { r#type: texts(&["order.placed"]), ..Default::default() }, 3),
            (pb::ListEventsRequest { r#type: texts(&["product.created", "order.placed"]), ..Default::default() }, 6),
            (pb::ListEventsRequest { r#type: texts(&["order.plac", "Order.placed"]), ..Default::default() }, 0),
            (pb::ListEventsRequest { resource_type: "product".to_owned(), ..Default::default() }, 3),
            (pb::ListEventsRequest { resource_type: "shoe".to_owned(), ..Default::default() }, 0),
            (by_id(&mug), 1),
            (by_id(&orders[0].id()), 1),
            (by_id(&mug.replace("prd", "ord")), 0),
            (by_id(&sibling(&mug)), 0),
            (pb::ListEventsRequest { resource_type: "order".to_owned(), ..by_id(&mug) }, 0),
            (by_time(Some(middle), None), 1),
            (by_time(None, Some(middle)), 1),
            (by_time(Some(early), None), 2),
            (by_time(None, Some(late)), 2),
            (by_time(Some(early), Some(late)), 1),
            (by_time(Some(middle), Some(middle)), 0),
        ] {
            assert_eq!(found(&client, &request).await.len(), count, "{request:?} on {wire:?}");
        }
        assert_eq!(found(&client, &pb::ListEventsRequest::default()).await, everything, "newest first");
        let oldest_first = pb::ListEventsRequest { order_by: "create_time".to_owned(), ..Default::default() };
        let backwards: Vec<_> = found(&client, &oldest_first).await.into_iter().rev().collect();
        assert_eq!(backwards, everything);
        for wrong in ["order", "ord_1", "itm_01h455vb4pex5vsknk084sn02q", "ORD_01h455vb4pex5vsknk084sn02q"] {
            let refusal = client.call(by_id(wrong)).await.expect_err("no id of a thing").refusal();
            assert_eq!(
                (refusal.code.as_str(), refusal.fields()),
                ("validation_failed", vec!["resource_id"]),
                "{wrong}"
            );
        }
        check_tokens(&client).await;
    }
}

/// A token fits the list that it was made for, however its types are spelled.
async fn check_tokens(client: &Client) {
    let types = |names: &[&str]| pb::ListEventsRequest {
        page_size: 2,
        r#type: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    };
    let first = client.call(types(&["order.placed", "product.created"])).await.expect("a page");
    let page_token = first.text("/next_page_token");
    let turned =
        pb::ListEventsRequest { page_token: page_token.clone(), ..types(&["product.created", "order.placed"]) };
    client.call(turned).await.expect("the same list");
    let other = pb::ListEventsRequest { page_token, ..types(&["order.placed"]) };
    assert_eq!(client.call(other).await.expect_err("another list").refusal().code, "invalid_page_token");
}

async fn a_partner_reads_of_its_own_only(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let other = world::customer(&staff, "Grace").await;
    let own = staff.call(world.order()).await.expect("an order").id();
    let foreign = staff.call(order(&other, &[(TEAPOT, 1)])).await.expect("an order").id();
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    let everything = found(&staff, &pb::ListEventsRequest::default()).await;
    for wire in Wire::ALL {
        let client = world.client(wire).with_key(&partner);
        let seen = client.all("events", |page_token| pb::ListEventsRequest { page_token, ..Default::default() }).await;
        let ids: Vec<_> = seen.iter().map(|event| &event["resource_id"]).collect();
        assert_eq!(ids, [&Value::from(own.as_str())], "its order, no product, no customer, nobody else's order");
        let seen = seen[0]["id"].as_str().expect("an id").to_owned();
        client.call(get(&seen)).await.expect("its own");
        let nothing = client.call(get(&sibling(&seen))).await.expect_err("none").refusal();
        assert_eq!(nothing.code, "event_not_found");
        for hidden in everything.iter().filter(|id| **id != seen) {
            let refusal = client.call(get(hidden)).await.expect_err("hidden").refusal();
            assert_eq!(refusal.anonymous(), nothing.anonymous(), "nobody can tell them apart");
        }
        for filter in [foreign.clone(), other.clone(), world.customer.clone()] {
            let request = pb::ListEventsRequest { resource_id: filter, ..Default::default() };
            assert!(found(&client, &request).await.is_empty());
        }
        client.call(of_order(&own)).await.expect("its own");
        let hidden = client.call(of_order(&foreign)).await.expect_err("hidden").refusal();
        let nothing = client.call(of_order(&sibling(&own))).await.expect_err("none").refusal();
        assert_eq!((hidden.code.as_str(), hidden.anonymous()), ("order_not_found", nothing.anonymous()));
    }
}

async fn an_order_has_its_events(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let draft = pb::CreateOrderRequest { draft: true, ..world.order() };
    let (id, _other) = (staff.call(draft).await.expect("a draft").id(), staff.call(world.order()).await);
    staff.call(pb::PlaceOrderRequest { order_id: id.clone(), ..Default::default() }).await.expect("placed");
    let note = Some(pb::OrderPatch { note: Some("for Ada Lovelace".to_owned()), ..Default::default() });
    let noted = pb::UpdateOrderRequest { order_id: id.clone(), order: note, ..Default::default() };
    staff.call(noted).await.expect("updated");
    staff.call(pb::CancelOrderRequest { order_id: id.clone(), ..Default::default() }).await.expect("canceled");
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    let newest_first = [("4", "order.canceled"), ("3", "order.updated"), ("2", "order.placed"), ("1", "order.created")];
    for wire in Wire::ALL {
        for client in [world.client(wire), world.client(wire).with_key(&partner)] {
            let page = |page_token| pb::ListOrderEventsRequest { page_size: 1, page_token, ..of_order(&id) };
            let events = client.all("events", page).await;
            let told: Vec<_> = events
                .iter()
                .map(|event| {
                    (event["resource_sequence"].as_str().expect("a number"), event["type"].as_str().expect("a type"))
                })
                .collect();
            assert_eq!(told, newest_first);
            assert!(events.iter().all(|event| event["resource_id"] == id.as_str()), "{events:?}");
            assert_eq!(events[0]["data"]["status"], "CANCELED");
            assert_eq!(events[3]["data"]["status"], "DRAFT", "the order as it was then");
            assert!(!format!("{events:?}").contains("Lovelace"), "no personal data");
            let elsewhere = pb::ListEventsRequest { page_size: 1, ..Default::default() };
            let page_token = client.call(elsewhere).await.expect("a page").text("/next_page_token");
            let mixed = pb::ListOrderEventsRequest { page_token, ..of_order(&id) };
            assert_eq!(client.call(mixed).await.expect_err("another list").refusal().code, "invalid_page_token");
        }
    }
}

async fn foreign_events_are_not_there(engine: Engine) {
    let world = World::new(engine).await;
    let ours = world.client(Wire::Grpc).call(world.order()).await.expect("an order").id();
    for wire in Wire::ALL {
        let (client, theirs) = (world.client(wire), world.stranger(wire).await);
        world::stock(&theirs).await;
        let event = theirs.call(pb::ListEventsRequest::default()).await.expect("events").text("/events/0/id");
        theirs.call(get(&event)).await.expect("theirs");
        let hidden = client.call(get(&event)).await.expect_err("hidden").refusal();
        let nothing = client.call(get(&sibling(&event))).await.expect_err("none").refusal();
        assert_eq!((hidden.code.as_str(), hidden.anonymous()), ("event_not_found", nothing.anonymous()));
        assert_eq!(theirs.call(of_order(&ours)).await.expect_err("hidden").refusal().code, "order_not_found");
        let all = found(&theirs, &pb::ListEventsRequest::default()).await;
        assert_eq!(all.len(), 2, "two products, and nothing of ours");
    }
}

/// After a rollback, rows stay of kinds of things that only the newer version knows.
async fn what_a_newer_version_told_is_readable(engine: Engine) {
    let world = World::new(engine).await;
    world.database.execute("UPDATE events SET resource_type = 'invoice' WHERE type = 'customer.created'").await;
    world
        .database
        .execute("UPDATE audit_events SET resource_type = 'invoice' WHERE method LIKE '%CreateCustomer'")
        .await;
    let bare = CustomerId::parse(&world.customer).expect("an id").uuid().to_string();
    for wire in Wire::ALL {
        let client = world.client(wire);
        let events = client.call(pb::ListEventsRequest::default()).await.expect("all events").json;
        let audit = client.call(pb::ListAuditEventsRequest::default()).await.expect("all audit events").json;
        for (rows, count) in [(&events["events"], 3), (&audit["audit_events"], 4)] {
            let rows = rows.as_array().expect("rows");
            assert_eq!(rows.len(), count, "{rows:?}");
            assert_eq!(
                (&rows[0]["resource_type"], &rows[0]["resource_id"]),
                (&"invoice".into(), &bare.as_str().into())
            );
            assert!(rows[1]["resource_id"].as_str().is_some_and(|id| id.starts_with("prd_")), "{rows:?}");
        }
        let id = events["events"][0]["id"].as_str().expect("an id");
        assert_eq!(client.call(get(id)).await.expect("the event").json, events["events"][0]);
        let audit_event_id = audit["audit_events"][0]["id"].as_str().expect("an id").to_owned();
        let read = client.call(pb::GetAuditEventRequest { audit_event_id }).await.expect("the audit event");
        assert_eq!(read.json, audit["audit_events"][0]);
        let invoices = pb::ListEventsRequest { resource_type: "invoice".to_owned(), ..Default::default() };
        assert_eq!(found(&client, &invoices).await, [id]);
    }
}
