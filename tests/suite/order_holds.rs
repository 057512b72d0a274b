//! Holds on orders, and completing them: what they stop, and who is told.

use serde_json::json;
use tradepost::contract::pb;

use crate::order_moves::{cancel, confirm, draft};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;

on_both_engines! {
    a_hold_stops_an_order_until_it_is_released,
    each_call_adds_a_hold_and_releasing_twice_changes_nothing,
    what_is_not_shipped_is_not_complete,
}

pub(crate) fn hold(order_id: &str, reason: &str) -> pb::HoldOrderRequest {
    pb::HoldOrderRequest { order_id: order_id.to_owned(), reason: reason.to_owned(), ..Default::default() }
}

pub(crate) fn release(order_id: &str, hold_id: &str) -> pb::ReleaseOrderHoldRequest {
    let (order_id, hold_id) = (order_id.to_owned(), hold_id.to_owned());
    pb::ReleaseOrderHoldRequest { order_id, hold_id, ..Default::default() }
}

pub(crate) fn complete(order_id: &str) -> pb::CompleteOrderRequest {
    pb::CompleteOrderRequest { order_id: order_id.to_owned(), ..Default::default() }
}

/// What was told of a thing, each version once.
pub(crate) async fn types(world: &World, id: &str) -> Vec<String> {
    let told = world.database.told(id).await;
    let versions = (1..).zip(&told).map(|(version, told)| {
        told.strip_prefix(&format!("{version} "))
            .unwrap_or_else(|| panic!("{version} is missing in {told:?}"))
            .to_owned()
    });
    versions.collect()
}

async fn placed(world: &World, client: &Client) -> String {
    client.call(world.order()).await.expect("an order").id()
}

fn reasons(order: &Answer) -> Vec<&str> {
    order.json["holds"]
        .as_array()
        .expect("holds")
        .iter()
        .map(|hold| hold["reason"].as_str().expect("a reason"))
        .collect()
}

async fn a_hold_stops_an_order_until_it_is_released(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = placed(&world, &client).await;
        let held = client.call(hold(&id, "address to be checked")).await.expect("held");
        assert_eq!(reasons(&held), ["address to be checked"]);
        assert_eq!(held.json["allowed_actions"], json!(["hold", "releaseHold", "cancel", "update"]));
        assert_eq!(held.text("/status"), "PLACED");
        let refusal = client.call(confirm(&id)).await.expect_err("on hold").refusal();
        assert_eq!(refusal.code, "order_on_hold");
        let released = client.call(release(&id, &held.text("/holds/0/id"))).await.expect("released");
        assert_eq!((reasons(&released).len(), released.text("/etag")), (0, "v3".to_owned()));
        client.call(confirm(&id)).await.expect("nothing stops it");
        client.call(hold(&id, "")).await.expect("held");
        client.call(cancel(&id)).await.expect("a hold does not keep it from being canceled");
        let refusal = client.call(hold(&id, "")).await.expect_err("it is over").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["allowed"]), ("illegal_transition", &json!("update")));
        let told = types(&world, &id).await;
        let expected =
            ["order.placed", "order.held", "order.hold_released", "order.confirmed", "order.held", "order.canceled"];
        assert_eq!(told, expected);
    }
}

async fn each_call_adds_a_hold_and_releasing_twice_changes_nothing(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = placed(&world, &client).await;
        client.call(hold(&id, "one")).await.expect("held");
        let held = client.call(hold(&id, "two")).await.expect("held again");
        assert_eq!(reasons(&held), ["one", "two"]);
        let first = held.text("/holds/0/id");
        let after = client.call(release(&id, &first)).await.expect("released");
        assert_eq!(reasons(&after), ["two"]);
        assert_eq!(client.call(release(&id, &first)).await.expect("again").json, after.json);
        let unknown = crate::access::sibling(&first);
        let refusal = client.call(release(&id, &unknown)).await.expect_err("never there").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("hold_not_found", Some("hold_id")));
        client.call(hold(&id, "three")).await.expect("held");
        let free = client.call(release(&id, "")).await.expect("all of them");
        assert_eq!(reasons(&free).len(), 0);
        assert_eq!(client.call(release(&id, "")).await.expect("again").json, free.json);
        let draft = client.call(draft(&world)).await.expect("a draft").id();
        assert_eq!(client.call(hold(&draft, "")).await.expect_err("a draft").refusal().code, "illegal_transition");
    }
}

async fn what_is_not_shipped_is_not_complete(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = placed(&world, &client).await;
        let refusal = client.call(complete(&id)).await.expect_err("not confirmed").refusal();
        let expected = json!({"from": "PLACED", "action": "complete", "allowed": "confirm,hold,cancel,update"});
        assert_eq!((refusal.code.as_str(), &refusal.metadata), ("illegal_transition", &expected));
        client.call(confirm(&id)).await.expect("confirmed");
        let refusal = client.call(complete(&id)).await.expect_err("nothing shipped").refusal();
        let expected = json!({"from": "CONFIRMED", "action": "complete", "allowed": "hold,cancel,update"});
        assert_eq!((refusal.code.as_str(), &refusal.metadata), ("illegal_transition", &expected));
    }
}
