//! The moves of an order: draft, place, confirm, cancel, delete; what is legal when, and what callers are told.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{TEAPOT, World, order};

on_both_engines! {
    a_draft_becomes_an_order,
    an_order_is_confirmed_and_canceled,
    the_same_move_again_does_nothing,
    illegal_moves_name_what_is_legal,
    a_draft_is_deleted,
    allowed_actions_are_true_for_the_caller,
    of_many_moves_one_wins,
}

pub(crate) fn draft(world: &World) -> pb::CreateOrderRequest {
    pb::CreateOrderRequest { draft: true, ..world.order() }
}

pub(crate) fn place(order_id: &str) -> pb::PlaceOrderRequest {
    pb::PlaceOrderRequest { order_id: order_id.to_owned(), ..Default::default() }
}

pub(crate) fn confirm(order_id: &str) -> pb::ConfirmOrderRequest {
    pb::ConfirmOrderRequest { order_id: order_id.to_owned(), ..Default::default() }
}

pub(crate) fn cancel(order_id: &str) -> pb::CancelOrderRequest {
    pb::CancelOrderRequest {
        order_id: order_id.to_owned(),
        reason: "no longer wanted".to_owned(),
        ..Default::default()
    }
}

fn delete(order_id: &str) -> pb::DeleteOrderRequest {
    pb::DeleteOrderRequest { order_id: order_id.to_owned(), ..Default::default() }
}

async fn get(client: &Client, order_id: &str) -> Answer {
    client.call(pb::GetOrderRequest { order_id: order_id.to_owned() }).await.expect("the order")
}

async fn a_draft_becomes_an_order(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let drafted = client.call(draft(&world)).await.expect("a draft");
        assert_eq!((drafted.text("/status"), drafted.text("/etag")), ("DRAFT".to_owned(), "v1".to_owned()));
        assert!(drafted.json.get("place_time").is_none_or(serde_json::Value::is_null));
        assert_eq!(drafted.text("/total/minor_units"), "1500", "a draft shows what it would cost now");
        let placed = client.call(place(&drafted.id())).await.expect("placed");
        assert_eq!((placed.text("/status"), placed.text("/etag")), ("PLACED".to_owned(), "v2".to_owned()));
        assert_eq!(placed.header("etag"), "\"v2\"");
        assert_eq!(placed.text("/place_time"), placed.text("/update_time"));
        assert_eq!(get(&client, &drafted.id()).await.json, placed.json);
    }
    let types = world.database.texts("SELECT type FROM events WHERE type LIKE 'order.%' ORDER BY id").await;
    assert_eq!(types, ["order.created", "order.placed"].repeat(4));
}

async fn an_order_is_confirmed_and_canceled(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let placed = client.call(order(&world.customer, &[(TEAPOT, 3)])).await.expect("an order");
        let confirmed = client.call(confirm(&placed.id())).await.expect("confirmed");
        assert_eq!(confirmed.text("/status"), "CONFIRMED");
        assert_eq!(confirmed.text("/confirm_time"), confirmed.text("/update_time"));
        let canceled = client.call(cancel(&placed.id())).await.expect("canceled");
        assert_eq!(canceled.text("/status"), "CANCELED");
        assert_eq!(canceled.text("/cancel_reason"), "no longer wanted");
        assert_eq!(canceled.json["canceled_total"], canceled.json["total"]);
        assert_eq!(canceled.text("/amount_due/minor_units"), "0");
        assert_eq!(canceled.text("/payment_status"), "PAID", "there is nothing to pay");
        assert_eq!(canceled.json["items"][0]["quantity_canceled"], 3);
        assert_eq!(get(&client, &placed.id()).await.json, canceled.json);
    }
    let reasons =
        world.database.texts("SELECT DISTINCT reason FROM audit_events WHERE method LIKE '%CancelOrder'").await;
    assert_eq!(reasons, ["no longer wanted"]);
}

async fn the_same_move_again_does_nothing(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(draft(&world)).await.expect("a draft").id();
        let placed = client.call(place(&id)).await.expect("placed").json;
        assert_eq!(client.call(place(&id)).await.expect("again").json, placed);
        let confirmed = client.call(confirm(&id)).await.expect("confirmed").json;
        assert_eq!(client.call(confirm(&id)).await.expect("again").json, confirmed);
        let canceled = client.call(cancel(&id)).await.expect("canceled").json;
        let other_reason = pb::CancelOrderRequest { reason: "another".to_owned(), ..cancel(&id) };
        assert_eq!(client.call(other_reason).await.expect("again").json, canceled, "the first reason stays");
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM events WHERE resource_type = 'order'").await, 4 * 4);
}

async fn illegal_moves_name_what_is_legal(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(draft(&world)).await.expect("a draft").id();
        let illegal = [client.call(confirm(&id)).await, client.call(cancel(&id)).await];
        for (refused, action) in illegal.into_iter().zip(["confirm", "cancel"]) {
            let refusal = refused.expect_err("illegal").refusal();
            assert_eq!(refusal.code, "illegal_transition");
            let expected = json!({"from": "DRAFT", "action": action, "allowed": "place,update,replace,delete"});
            assert_eq!(refusal.metadata, expected);
        }
        client.call(place(&id)).await.expect("placed");
        client.call(cancel(&id)).await.expect("canceled");
        for refused in [client.call(place(&id)).await, client.call(confirm(&id)).await] {
            let refusal = refused.expect_err("illegal").refusal();
            assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!("CANCELED")));
            assert_eq!(refusal.metadata["allowed"], "update");
        }
        let refusal = client.call(delete(&id)).await.expect_err("no draft").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["action"]), ("illegal_transition", &json!("delete")));
    }
}

async fn a_draft_is_deleted(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let reference = format!("draft-{wire:?}");
        let request = pb::CreateOrderRequest { reference: reference.clone(), ..draft(&world) };
        let id = client.call(request.clone()).await.expect("a draft").id();
        let dry = pb::DeleteOrderRequest { validate_only: true, ..delete(&id) };
        let checked = client.call(dry).await.expect("it could be");
        assert_eq!((checked.status, &checked.json), (200, &json!({})));
        get(&client, &id).await;
        let deleted = client.keyed("gone", delete(&id)).await.expect("deleted");
        assert_eq!(deleted.status, if wire == Wire::Rest { 204 } else { 200 });
        let again = client.keyed("gone", delete(&id)).await.expect("a replay");
        assert!(again.is_replay() && again.status == deleted.status);
        let refusal = client.call(pb::GetOrderRequest { order_id: id.clone() }).await.expect_err("gone").refusal();
        assert_eq!(refusal.code, "order_not_found");
        assert_eq!(client.call(delete(&id)).await.expect_err("gone").refusal().code, "order_not_found");
        client.with_key(&world.key(pb::Role::Admin, "").await).call(request).await.expect("its reference is free");
        let gone =
            format!("SELECT COUNT(*) FROM idempotency_keys WHERE key = 'gone' AND method LIKE '%{}'", "DeleteOrder");
        assert_eq!(world.database.count(&gone).await, 1);
        world.database.connect().await.close().await.expect("closes");
        let clear = "DELETE FROM idempotency_keys WHERE key = 'gone'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.database.connect().await, clear).await.expect("cleared");
    }
    let deleted = "SELECT COUNT(*) FROM events WHERE type = 'order.deleted'";
    assert_eq!(world.database.count(deleted).await, 4);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM order_items").await, 4, "lines of drafts that are left");
}

async fn allowed_actions_are_true_for_the_caller(engine: Engine) {
    let world = World::new(engine).await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    let viewer = world.key(pb::Role::Viewer, "").await;
    for wire in Wire::ALL {
        let staff = world.client(wire);
        let (partner, viewer) = (staff.with_key(&partner), staff.with_key(&viewer));
        let drafted = staff.call(draft(&world)).await.expect("a draft");
        let id = drafted.id();
        let desk = json!(["place", "update", "replace", "delete"]);
        assert_eq!(drafted.json["allowed_actions"], desk);
        assert_eq!(get(&partner, &id).await.json["allowed_actions"], desk);
        assert_eq!(get(&viewer, &id).await.json["allowed_actions"], json!([]));
        let placed = staff.call(place(&id)).await.expect("placed");
        assert_eq!(placed.json["allowed_actions"], json!(["confirm", "hold", "cancel", "update"]));
        assert_eq!(get(&partner, &id).await.json["allowed_actions"], json!(["cancel", "update"]));
        let refusal = partner.call(confirm(&id)).await.expect_err("not a partner's").refusal();
        assert_eq!(
            (refusal.code.as_str(), &refusal.metadata["permission"]),
            ("permission_denied", &json!("orders.manage"))
        );
        let (theirs, ours) = (get(&partner, &id).await, get(&staff, &id).await);
        assert_eq!(theirs.header("etag"), ours.header("etag"), "allowed_actions do not move it");
    }
}

async fn of_many_moves_one_wins(engine: Engine) {
    let world = World::new(engine).await;
    for round in 0..6 {
        let placed = world.client(Wire::Grpc).call(world.order()).await.expect("an order");
        let calls = (0..12).map(|place| {
            let client = world.client(if place % 2 == 0 { Wire::Grpc } else { Wire::Rest });
            let (id, etag) = (placed.id(), placed.text("/etag"));
            tokio::spawn(async move {
                if place % 4 < 2 {
                    client.call(pb::ConfirmOrderRequest { etag, ..confirm(&id) }).await
                } else {
                    client.call(pb::CancelOrderRequest { etag, ..cancel(&id) }).await
                }
            })
        });
        let mut won = 0;
        for call in calls.collect::<Vec<_>>() {
            match call.await.expect("a task") {
                Ok(_) => won += 1,
                Err(failed) => {
                    let refusal = failed.refusal();
                    assert_eq!((refusal.code.as_str(), &refusal.metadata["etag"]), ("etag_mismatch", &json!("v2")));
                }
            }
        }
        assert_eq!(won, 1, "round {round}: each counted on v1");
        assert_eq!(get(&world.client(Wire::Rest), &placed.id()).await.text("/etag"), "v2");
    }
}
