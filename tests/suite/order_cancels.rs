//! Canceling some units of an order: amounts, ceilings, keys, races.

use serde_json::json;
use tradepost::contract::pb;

use crate::order_holds::types;
use crate::order_moves::{cancel, confirm};
use crate::order_stock::{books_are_true, counted};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{SPOON, TEAPOT, World, order};

on_both_engines! {
    some_units_are_canceled,
    the_last_unit_has_the_remainder_and_cancels_the_order,
    units_that_are_not_open_are_refused,
    canceling_units_takes_a_key,
    racing_cancels_never_pass_what_is_open,
    canceling_the_rest_again_changes_nothing,
}

/// Cancels units of lines: the place of the line in the order, and how many.
pub(crate) fn cancel_units(order: &Answer, units: &[(usize, i32)]) -> pb::CancelOrderRequest {
    let items = units.iter().map(|(place, quantity)| pb::cancel_order_request::Item {
        item_id: order.text(&format!("/items/{place}/id")),
        quantity: *quantity,
    });
    pb::CancelOrderRequest { items: items.collect(), ..cancel(&order.id()) }
}

async fn placed(world: &World, client: &Client, lines: &[(&str, i32)]) -> Answer {
    client.call(order(&world.customer, lines)).await.expect("an order")
}

async fn some_units_are_canceled(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let before = placed(&world, &client, &[(TEAPOT, 4), (SPOON, 3)]).await;
        let after =
            client.keyed(&format!("some-{wire:?}"), cancel_units(&before, &[(0, 1), (0, 2)])).await.expect("canceled");
        assert_eq!((after.text("/status"), after.text("/cancel_reason")), ("PLACED".to_owned(), String::new()));
        assert_eq!(after.json["items"][0]["quantity_canceled"], 3, "the same line twice is summed");
        assert_eq!(after.text("/canceled_total/minor_units"), "4500");
        assert_eq!(after.json["total"], before.json["total"], "what was ordered stays");
        assert_eq!(after.text("/amount_due/minor_units"), (1500 + 1049).to_string());
        let again =
            client.keyed(&format!("some-{wire:?}"), cancel_units(&before, &[(0, 1), (0, 2)])).await.expect("a replay");
        assert!(again.is_replay());
        client.call(confirm(&before.id())).await.expect("confirmed");
        let rest = client.call(cancel(&before.id())).await.expect("the rest");
        assert_eq!((rest.text("/status"), rest.text("/amount_due/minor_units")), ("CANCELED".into(), "0".into()));
        let told = types(&world, &before.id()).await;
        assert_eq!(told, ["order.placed", "order.updated", "order.confirmed", "order.canceled"]);
    }
}

async fn the_last_unit_has_the_remainder_and_cancels_the_order(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        // 3 × 3.33 and 5 % tax: 10.49, which three do not divide.
        let before = placed(&world, &client, &[(SPOON, 3)]).await;
        assert_eq!(before.text("/total/minor_units"), "1049");
        for (step, canceled, status) in [(1, "349", "PLACED"), (2, "699", "PLACED"), (3, "1049", "CANCELED")] {
            let key = format!("step-{step}-{wire:?}");
            let after = client.keyed(&key, cancel_units(&before, &[(0, 1)])).await.expect("canceled");
            assert_eq!(
                (after.text("/canceled_total/minor_units"), after.text("/status")),
                (canceled.into(), status.into())
            );
        }
    }
}

async fn units_that_are_not_open_are_refused(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let before = placed(&world, &client, &[(TEAPOT, 2), (SPOON, 1)]).await;
        let refusal = client
            .keyed(&format!("a-{wire:?}"), cancel_units(&before, &[(1, 1), (0, 3)]))
            .await
            .expect_err("too many")
            .refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("over_cancellation", Some("items[1].quantity")));
        assert_eq!(refusal.metadata, json!({"item_id": before.text("/items/0/id"), "maximum": "2"}));
        let other = placed(&world, &client, &[(TEAPOT, 2)]).await;
        let foreign = pb::CancelOrderRequest { order_id: before.id(), ..cancel_units(&other, &[(0, 1)]) };
        let refusal = client.keyed(&format!("b-{wire:?}"), foreign).await.expect_err("another order's").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("order_item_not_found", Some("items[0].item_id"))
        );
        let edited = client.keyed(&format!("c-{wire:?}"), cancel_units(&before, &[(0, 2)])).await.expect("canceled");
        let items = vec![crate::order_edits::line(TEAPOT, 1)];
        let order = Some(pb::OrderPatch { items, ..Default::default() });
        let fewer = pb::UpdateOrderRequest { order_id: edited.id(), order, ..Default::default() };
        let refusal = client.call(fewer).await.expect_err("two are canceled").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("over_cancellation", Some("order.items[0].quantity"))
        );
    }
}

async fn canceling_units_takes_a_key(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let before = placed(&world, &client, &[(TEAPOT, 2)]).await;
        let refusal = client.call(cancel_units(&before, &[(0, 1)])).await.expect_err("no key").refusal();
        assert_eq!(refusal.code, "idempotency_key_required");
        let dry = pb::CancelOrderRequest { validate_only: true, ..cancel_units(&before, &[(0, 1)]) };
        assert_eq!(client.call(dry).await.expect("checked").json["items"][0]["quantity_canceled"], 1);
        client.call(cancel(&before.id())).await.expect("the whole needs none");
    }
}

async fn racing_cancels_never_pass_what_is_open(engine: Engine) {
    let world = World::new(engine).await;
    let before = placed(&world, &world.client(Wire::Grpc), &[(TEAPOT, 7), (SPOON, 1)]).await;
    let calls = (0..16).map(|place| {
        let client = world.client(if place % 2 == 0 { Wire::Grpc } else { Wire::Rest });
        let request = cancel_units(&before, &[(0, 2)]);
        tokio::spawn(async move { client.keyed(&format!("race-{place}"), request).await })
    });
    let mut won = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.expect("a task") {
            Ok(_) => won += 1,
            Err(failed) => assert_eq!(failed.refusal().code, "over_cancellation"),
        }
    }
    assert_eq!(won, 3);
    let canceled = "SELECT CAST(SUM(quantity_canceled) AS BIGINT) FROM order_items";
    assert_eq!(world.database.count(canceled).await, 6);
}

async fn canceling_the_rest_again_changes_nothing(engine: Engine) {
    let world = World::new(engine).await;
    counted(&world.client(Wire::Grpc), "LAMP", 20).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let before = placed(&world, &client, &[("LAMP", 3)]).await;
        client.call(confirm(&before.id())).await.expect("confirmed");
        let items = vec![pb::create_shipment_request::Item { item_id: before.text("/items/0/id"), quantity: 1 }];
        let ship = pb::CreateShipmentRequest { order_id: before.id(), items, ..Default::default() };
        client.keyed(&format!("ship-{wire:?}"), ship).await.expect("shipped");
        let rest = client.call(cancel(&before.id())).await.expect("the rest");
        assert_eq!(
            (rest.text("/status"), rest.json["items"][0]["quantity_canceled"].clone()),
            ("CONFIRMED".into(), json!(2))
        );
        assert_eq!(client.call(cancel(&before.id())).await.expect("again").json, rest.json);
    }
    let typed = "SELECT COUNT(*) FROM stock_movements WHERE order_id IS NOT NULL AND reason <> ''";
    assert_eq!(world.database.count(typed).await, 0, "what people type of an order stays with the order");
    books_are_true(&world).await;
}
