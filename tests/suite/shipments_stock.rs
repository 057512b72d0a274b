//! What shipments and returns do to stock: every unit is somewhere, and the ledger says why.

use serde_json::{Value, json};
use tradepost::contract::pb;
use tradepost::contract::pb::r#return::Disposition::{Restock, Scrap};

use crate::shipments::{at, order_of, race, refused};
use crate::support::cases::fulfillment::{authorize, come_back, inspect, new_key, receive, send, shipment, take_back};
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{TEAPOT, World, order, product};

on_both_engines! {
    shipping_takes_what_the_order_holds,
    the_reservation_moves_along,
    units_at_several_locations_leave_from_one,
    what_another_location_lacks_is_not_shipped,
    units_are_stocked_again_by_decision_alone,
    of_racing_claims_of_one_order_stock_tells_one,
}

const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

/// What is counted in these tests.
const KETTLE: &str = "KETTLE";

async fn write(world: &World, target: &str, body: Value) -> Value {
    let key = new_key();
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let answer = world.rest("POST", target, &headers, body.to_string().as_bytes()).await;
    assert!(answer.status < 300, "{target}: {}", answer.json());
    answer.json()
}

/// A world with ten kettles at the default location and five at another one, whose id is told.
async fn kettles(engine: Engine) -> (World, String) {
    let world = World::new(engine).await;
    let counted = pb::CreateProductRequest { track_inventory: true, ..product(KETTLE, &[("GBP", 900)], 0) };
    world.client(Wire::Grpc).call(counted).await.expect("a product");
    let other = write(&world, "/v1/locations", json!({"code": "north", "name": "North"})).await;
    let other = other["id"].as_str().expect("an id").to_owned();
    write(&world, "/v1/stock:adjust", json!({"sku": KETTLE, "delta": "10"})).await;
    write(&world, "/v1/stock:adjust", json!({"sku": KETTLE, "delta": "5", "location_id": other})).await;
    (world, other)
}

/// On hand and reserved at the default location, then at the other one.
async fn stock(world: &World) -> Vec<String> {
    let ledger = "SELECT CAST(l.on_hand AS TEXT) || '/' || CAST(l.reserved AS TEXT) FROM stock_levels l \
                  JOIN locations p ON p.id = l.location_id ORDER BY p.code";
    balanced(world).await;
    world.database.texts(ledger).await
}

/// The ledger sums to the counters, and orders hold what is reserved.
async fn balanced(world: &World) {
    let sum = |change: &str, counter: &str| {
        format!(
            "SELECT COUNT(*) FROM stock_levels l WHERE l.{counter} <> (SELECT SUM(m.{change}) FROM stock_movements m \
             WHERE m.product_id = l.product_id AND m.location_id = l.location_id)"
        )
    };
    for (change, counter) in [("on_hand_change", "on_hand"), ("reserved_change", "reserved")] {
        assert_eq!(world.database.count(&sum(change, counter)).await, 0, "{counter}");
    }
    let held = "SELECT CAST((SELECT SUM(reserved) FROM stock_levels) - (SELECT SUM(quantity_reserved) FROM order_items) AS BIGINT)";
    assert_eq!(world.database.count(held).await, 0);
}

/// A confirmed order of kettles: its id, and that of its line.
async fn ordered(world: &World, client: &Client, quantity: i32) -> (String, String) {
    let placed = client.call(order(&world.customer, &[(KETTLE, quantity)])).await.expect("an order");
    client.call(crate::order_moves::confirm(&placed.id())).await.expect("confirmed");
    (placed.id(), placed.text("/items/0/id"))
}

async fn shipping_takes_what_the_order_holds(engine: Engine) {
    let (world, _) = kettles(engine).await;
    let client = world.client(Wire::Grpc);
    let (id, item) = ordered(&world, &client, 4).await;
    assert_eq!(stock(&world).await, ["10/4", "5/0"]);
    let dry = pb::CreateShipmentRequest { validate_only: true, ..shipment(&id, &[(&item, 3)]) };
    send(&client, dry).await;
    let sent = send(&client, shipment(&id, &[(&item, 3)])).await;
    assert_eq!(stock(&world).await, ["7/1", "5/0"]);
    let line = order_of(&client, &id).await.json["items"][0].clone();
    assert_eq!(line["location_id"], sent.text("/location_id"), "it leaves from where the order has it");
    let moved = world.rest("GET", &format!("/v1/stock_movements?order_id={id}&page_size=1"), &[], b"").await.json();
    let movement = &moved["stock_movements"][0];
    assert_eq!((&movement["type"], &movement["shipment_id"]), (&json!("SHIPPED"), &json!(sent.id())), "{moved}");
    assert_eq!((&movement["on_hand_change"], &movement["reserved_change"]), (&json!("-3"), &json!("-3")));
    client.call(take_back(&sent.id())).await.expect("taken back");
    client.call(take_back(&sent.id())).await.expect("again");
    assert_eq!(stock(&world).await, ["10/4", "5/0"]);
    send(&client, shipment(&id, &[(&item, 1)])).await;
    client.call(crate::order_moves::cancel(&id)).await.expect("the rest is canceled");
    assert_eq!(stock(&world).await, ["9/0", "5/0"]);
}

async fn the_reservation_moves_along(engine: Engine) {
    let (world, north) = kettles(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (id, item) = ordered(&world, &client, 4).await;
        let from_north =
            |quantity| pb::CreateShipmentRequest { location_id: north.clone(), ..shipment(&id, &[(&item, quantity)]) };
        let first = send(&client, from_north(2)).await;
        assert_eq!(first.text("/location_id"), north);
        assert_eq!(stock(&world).await, ["10/2", "3/0"]);
        client.call(take_back(&first.id())).await.expect("taken back");
        assert_eq!(stock(&world).await, ["10/4", "5/0"], "the order has its other units at the default location");
        let all = send(&client, from_north(4)).await;
        assert_eq!(stock(&world).await, ["10/0", "1/0"]);
        client.call(take_back(&all.id())).await.expect("taken back");
        assert_eq!(stock(&world).await, ["10/0", "5/4"], "no other unit is anywhere");
        assert_eq!(order_of(&client, &id).await.json["items"][0]["location_id"], json!(north));
        client.call(crate::order_moves::cancel(&id)).await.expect("canceled");
        assert_eq!(stock(&world).await, ["10/0", "5/0"]);
    }
}

async fn units_at_several_locations_leave_from_one(engine: Engine) {
    let (world, north) = kettles(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let mut request = order(&world.customer, &[(KETTLE, 2), (KETTLE, 1), (TEAPOT, 1)]);
        request.items[1].location_id.clone_from(&north);
        let placed = client.call(request).await.expect("an order");
        let (id, lines) = (placed.id(), [0, 1, 2].map(|place| placed.text(&format!("/items/{place}/id"))));
        client.call(crate::order_moves::confirm(&id)).await.expect("confirmed");
        let both = [(lines[0].as_str(), 2), (lines[1].as_str(), 1), (lines[2].as_str(), 1)];
        let refusal = refused(&client, shipment(&id, &both)).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("validation_failed", "location_id".to_owned()));
        let nowhere = crate::access::sibling(&north);
        let refusal =
            refused(&client, pb::CreateShipmentRequest { location_id: nowhere, ..shipment(&id, &both) }).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("location_not_found", "location_id".to_owned()));
        let before = stock(&world).await;
        let sent =
            send(&client, pb::CreateShipmentRequest { location_id: north.clone(), ..shipment(&id, &both) }).await;
        client.call(take_back(&sent.id())).await.expect("taken back");
        // Two units were at the default location; they are in the north now, and the order holds them there.
        assert_ne!(stock(&world).await, before);
        client.call(crate::order_moves::cancel(&id)).await.expect("canceled");
        assert_eq!(stock(&world).await, ["10/0", "5/0"]);
    }
}

async fn what_another_location_lacks_is_not_shipped(engine: Engine) {
    let (world, north) = kettles(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (id, item) = ordered(&world, &client, 6).await;
        let too_many = pb::CreateShipmentRequest { location_id: north.clone(), ..shipment(&id, &[(&item, 6)]) };
        let refusal = refused(&client, too_many).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("insufficient_stock", "items[0].quantity".to_owned()));
        assert_eq!(refusal.metadata, json!({"sku": KETTLE, "available": "5"}));
        assert_eq!(stock(&world).await, ["10/6", "5/0"]);
        let sent =
            send(&client, pb::CreateShipmentRequest { location_id: north.clone(), ..shipment(&id, &[(&item, 4)]) })
                .await;
        let (other, _) = ordered(&world, &client, 8).await;
        let refusal = client.call(take_back(&sent.id())).await.expect_err("its place is taken").refusal();
        assert_eq!(refusal.code, "insufficient_stock", "the order would claim its units where it has the others");
        client.call(crate::order_moves::cancel(&other)).await.expect("canceled");
        client.call(take_back(&sent.id())).await.expect("taken back");
        client.call(crate::order_moves::cancel(&id)).await.expect("canceled");
        assert_eq!(stock(&world).await, ["10/0", "5/0"]);
    }
}

async fn units_are_stocked_again_by_decision_alone(engine: Engine) {
    let (world, north) = kettles(engine).await;
    let client = world.client(Wire::Rest);
    let (id, item) = ordered(&world, &client, 4).await;
    send(&client, shipment(&id, &[(&item, 4)])).await;
    let mut returns = Vec::new();
    for _ in 0..2 {
        let back = send(&client, come_back(&id, &[(&item, 2)])).await.id();
        client.call(authorize(&back)).await.expect("authorized");
        client.call(receive(&back, &[])).await.expect("received");
        returns.push(back);
    }
    assert_eq!(stock(&world).await, ["6/0", "5/0"], "what came is not in stock");
    let decisions = inspect(&returns[0], &[(&item, 1, Restock), (&item, 1, Scrap)]);
    client.call(decisions.clone()).await.expect("inspected");
    client.call(decisions).await.expect("again");
    assert_eq!(stock(&world).await, ["7/0", "5/0"], "where the order had it");
    let decisions = inspect(&returns[1], &[(&item, 2, Restock)]);
    client.call(pb::InspectReturnRequest { location_id: north, ..decisions }).await.expect("inspected");
    assert_eq!(stock(&world).await, ["7/0", "7/0"], "where somebody says");
    let of_return = format!("/v1/stock_movements?order_id={id}&page_size=1");
    let moved = world.rest("GET", &of_return, &[], b"").await.json();
    let movement = &moved["stock_movements"][0];
    assert_eq!((&movement["type"], &movement["return_id"]), (&json!("RESTOCKED"), &json!(returns[1])), "{moved}");
}

async fn of_racing_claims_of_one_order_stock_tells_one(engine: Engine) {
    let (world, north) = kettles(engine).await;
    let (grpc, rest) = (world.client(Wire::Grpc), world.client(Wire::Rest));
    for round in 0..8 {
        let (id, item) = ordered(&world, &grpc, 3).await;
        let location_id = if round % 2 == 0 { north.clone() } else { String::new() };
        let ship = pb::CreateShipmentRequest { location_id, ..shipment(&id, &[(&item, 3)]) };
        let [sent, canceled] = race((&grpc, ship), (&rest, crate::order_moves::cancel(&id))).await;
        assert_ne!(sent.is_ok(), canceled.is_ok(), "exactly one");
        balanced(&world).await;
        if let Ok(sent) = sent {
            // Now it is taken back, and again somebody wants to ship it.
            let [back, again] = race((&rest, take_back(&sent.id())), (&grpc, shipment(&id, &[(&item, 3)]))).await;
            back.expect("taken back");
            assert!(again.is_ok() || again.is_err_and(|failed| failed.refusal().code == "over_shipment"));
            balanced(&world).await;
            for found in grpc
                .all("shipments", |page_token| pb::ListShipmentsRequest {
                    page_token,
                    order_id: id.clone(),
                    ..Default::default()
                })
                .await
            {
                if found["status"] == "SHIPPED" {
                    grpc.call(take_back(found["id"].as_str().expect("an id"))).await.expect("taken back");
                }
            }
            grpc.call(crate::order_moves::cancel(&id)).await.expect("canceled");
        }
        assert_eq!(stock(&world).await, ["10/0", "5/0"]);
    }
}
