//! Shipments: made, delivered, taken back, listed; never more units than are open, whoever is faster.

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::support::cases::fulfillment::{
    authorize, come_back, confirmed, deliver, new_key, send, shipment, take_back,
};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::{Failed, Refusal};
use crate::support::world::{self, SPOON, TEAPOT, World, order};

on_both_engines! {
    a_shipment_leaves_and_arrives,
    an_order_ships_in_parts,
    no_more_is_shipped_than_is_open,
    only_confirmed_orders_without_holds_ship,
    a_shipment_is_taken_back,
    a_shipment_with_units_in_a_return_stays,
    references_are_given_once,
    of_racing_shipments_one_wins,
    of_shipping_and_canceling_one_wins,
    shipments_are_listed,
    partners_see_their_own_shipments,
}

const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

pub(crate) async fn order_of(client: &Client, order_id: &str) -> Answer {
    client.call(pb::GetOrderRequest { order_id: order_id.to_owned() }).await.expect("the order")
}

pub(crate) async fn refused<Q: crate::support::rpc::Rpc>(client: &Client, request: Q) -> Refusal {
    client.keyed(&new_key(), request).await.expect_err("refused").refusal()
}

/// What the refusal is about.
pub(crate) fn at(refusal: &Refusal) -> String {
    refusal.field.clone().unwrap_or_default()
}

async fn a_shipment_leaves_and_arrives(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = confirmed(&client, &world.customer, 2).await;
        let tracked = pb::CreateShipmentRequest {
            tracking_url: "https://example.com/RM-1".to_owned(),
            reference: format!("S-{wire:?}"),
            metadata: [("box".to_owned(), "7".to_owned())].into(),
            ..shipment(&order, &[(&item, 2)])
        };
        let sent = send(&client, tracked.clone()).await;
        assert_eq!(sent.header("location"), format!("/v1/shipments/{}", sent.id()));
        assert_eq!(sent.status, if wire == Wire::Rest { 201 } else { 200 });
        assert_eq!((sent.text("/status"), sent.text("/etag")), ("SHIPPED".to_owned(), "v1".to_owned()));
        assert_eq!(sent.json["items"], json!([{"item_id": item, "sku": TEAPOT, "quantity": 2}]));
        assert_eq!((sent.text("/order_id"), sent.text("/customer_id")), (order.clone(), world.customer.clone()));
        assert_eq!((sent.text("/location_id"), sent.text("/carrier")), (String::new(), "Royal Mail".to_owned()));
        let get = pb::GetShipmentRequest { shipment_id: sent.id() };
        assert_eq!(client.call(get.clone()).await.expect("there").json, sent.json);
        let shipped = order_of(&client, &order).await;
        assert_eq!(
            (shipped.text("/fulfillment_status"), shipped.text("/etag")),
            ("FULFILLED".to_owned(), "v3".to_owned())
        );
        let delivered = client.call(deliver(&sent.id())).await.expect("delivered");
        assert_eq!((delivered.text("/status"), delivered.text("/etag")), ("DELIVERED".to_owned(), "v2".to_owned()));
        assert_eq!(delivered.text("/deliver_time"), delivered.text("/update_time"));
        assert_eq!(client.call(deliver(&sent.id())).await.expect("again").json, delivered.json);
        let refusal = client.call(take_back(&sent.id())).await.expect_err("it arrived").refusal();
        assert_eq!(refusal.code, "illegal_transition");
        assert_eq!(refusal.metadata, json!({"from": "DELIVERED", "action": "cancel", "allowed": ""}));
        assert_eq!(world.database.told(&sent.id()).await, ["1 shipment.created", "2 shipment.delivered"]);
        let told = world.database.told(&order).await;
        assert_eq!(told, ["1 order.placed", "2 order.confirmed", "3 order.updated"]);
        let no_key = client.call(tracked).await.expect_err("no key").refusal();
        assert_eq!(no_key.code, "idempotency_key_required");
    }
}

async fn an_order_ships_in_parts(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let placed = client.call(order(&world.customer, &[(TEAPOT, 5), (SPOON, 1)])).await.expect("an order");
        let (id, first, second) = (placed.id(), placed.text("/items/0/id"), placed.text("/items/1/id"));
        client.call(crate::order_moves::confirm(&id)).await.expect("confirmed");
        let complete = pb::CompleteOrderRequest { order_id: id.clone(), ..Default::default() };
        for (lines, status) in [
            (vec![(first.as_str(), 1), (first.as_str(), 2)], "PARTIALLY_FULFILLED"),
            (vec![(second.as_str(), 1)], "PARTIALLY_FULFILLED"),
            (vec![(first.as_str(), 2)], "FULFILLED"),
        ] {
            let early = client.call(complete.clone()).await.expect_err("units are open").refusal();
            assert_eq!(early.code, "illegal_transition");
            let sent = send(&client, shipment(&id, &lines)).await;
            let units: i64 = sent.json["items"].as_array().expect("items").iter().map(quantity).sum();
            assert_eq!(units, lines.iter().map(|(_, quantity)| i64::from(*quantity)).sum::<i64>());
            assert_eq!(order_of(&client, &id).await.text("/fulfillment_status"), status);
        }
        let done = client.call(complete).await.expect("everything was shipped");
        assert_eq!(
            (done.text("/status"), &done.json["items"][0]["quantity_shipped"]),
            ("COMPLETED".to_owned(), &json!(5))
        );
        let late = refused(&client, shipment(&id, &[(&first, 1)])).await;
        assert_eq!((late.code.as_str(), &late.metadata["from"]), ("illegal_transition", &json!("COMPLETED")));
    }
}

fn quantity(item: &Value) -> i64 {
    item["quantity"].as_i64().expect("a number")
}

async fn no_more_is_shipped_than_is_open(engine: Engine) {
    let world = World::new(engine).await;
    let (_, elsewhere) = confirmed(&world.client(Wire::Grpc), &world.customer, 9).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (id, item) = confirmed(&client, &world.customer, 6).await;
        let cancel = pb::CancelOrderRequest {
            items: vec![pb::cancel_order_request::Item { item_id: item.clone(), quantity: 1 }],
            ..crate::order_moves::cancel(&id)
        };
        client.keyed(&new_key(), cancel).await.expect("one unit is canceled");
        send(&client, shipment(&id, &[(&item, 2)])).await;
        for (lines, place) in [(vec![(item.as_str(), 4)], 0), (vec![(item.as_str(), 2), (item.as_str(), 2)], 1)] {
            let refusal = refused(&client, shipment(&id, &lines)).await;
            assert_eq!((refusal.code.as_str(), at(&refusal)), ("over_shipment", format!("items[{place}].quantity")));
            assert_eq!(refusal.metadata, json!({"item_id": item, "maximum": "3"}));
        }
        let refusal = refused(&client, shipment(&id, &[(&item, 1), (&elsewhere, 1)])).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("order_item_not_found", "items[1].item_id".to_owned()));
        send(&client, shipment(&id, &[(&item, 3)])).await;
        assert_eq!(refused(&client, shipment(&id, &[(&item, 1)])).await.metadata["maximum"], "0");
        let wrong_url =
            pb::CreateShipmentRequest { tracking_url: "ftp://x".to_owned(), ..shipment(&id, &[(&item, 1)]) };
        assert_eq!(refused(&client, wrong_url).await.code, "validation_failed");
    }
}

async fn only_confirmed_orders_without_holds_ship(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let placed = client.call(world.order()).await.expect("an order");
        let (id, item) = (placed.id(), placed.text("/items/0/id"));
        let refusal = refused(&client, shipment(&id, &[(&item, 1)])).await;
        assert_eq!(refusal.code, "illegal_transition");
        assert_eq!((&refusal.metadata["from"], &refusal.metadata["action"]), (&json!("PLACED"), &json!("ship")));
        let legal = placed.json["allowed_actions"].as_array().expect("a list").iter().filter_map(Value::as_str);
        assert_eq!(refusal.metadata["allowed"], legal.collect::<Vec<_>>().join(","));
        client.call(crate::order_moves::confirm(&id)).await.expect("confirmed");
        client.call(pb::HoldOrderRequest { order_id: id.clone(), ..Default::default() }).await.expect("held");
        assert_eq!(refused(&client, shipment(&id, &[(&item, 1)])).await.code, "order_on_hold");
        let release = pb::ReleaseOrderHoldRequest { order_id: id.clone(), ..Default::default() };
        client.call(release).await.expect("released");
        send(&client, shipment(&id, &[(&item, 1)])).await;
        let absent = crate::access::sibling(&id);
        let refusal = refused(&client, shipment(&absent, &[(&item, 1)])).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("order_not_found", "order_id".to_owned()));
    }
}

async fn a_shipment_is_taken_back(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (id, item) = confirmed(&client, &world.customer, 2).await;
        let sent = send(&client, shipment(&id, &[(&item, 2)])).await;
        let canceled = client.call(take_back(&sent.id())).await.expect("taken back");
        assert_eq!(
            (canceled.text("/status"), canceled.text("/cancel_reason")),
            ("CANCELED".to_owned(), "wrong address".to_owned())
        );
        assert_eq!(canceled.text("/cancel_time"), canceled.text("/update_time"));
        assert_eq!(client.call(take_back(&sent.id())).await.expect("again").json, canceled.json);
        let open = order_of(&client, &id).await;
        assert_eq!(
            (open.text("/fulfillment_status"), &open.json["items"][0]["quantity_shipped"]),
            ("UNFULFILLED".to_owned(), &json!(0))
        );
        let late = client.call(deliver(&sent.id())).await.expect_err("it came back").refusal();
        assert_eq!((late.code.as_str(), &late.metadata["from"]), ("illegal_transition", &json!("CANCELED")));
        let again = send(&client, shipment(&id, &[(&item, 2)])).await;
        client.call(pb::CompleteOrderRequest { order_id: id, ..Default::default() }).await.expect("completed");
        let late = client.call(take_back(&again.id())).await.expect_err("the order is over").refusal();
        assert_eq!(late.metadata, json!({"from": "SHIPPED", "action": "cancel", "allowed": "markDelivered"}));
    }
    let told = "SELECT CAST(data AS TEXT) FROM events WHERE type = 'shipment.canceled'";
    assert!(world.database.texts(told).await.iter().all(|data| !data.contains("wrong address")));
}

async fn a_shipment_with_units_in_a_return_stays(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (id, item) = confirmed(&client, &world.customer, 3).await;
        let one = send(&client, shipment(&id, &[(&item, 1)])).await.id();
        let two = send(&client, shipment(&id, &[(&item, 2)])).await.id();
        let back = send(&client, come_back(&id, &[(&item, 2)])).await.id();
        let refusal = client.call(take_back(&two)).await.expect_err("in a return").refusal();
        assert_eq!(
            (refusal.code.as_str(), &refusal.metadata["allowed"]),
            ("illegal_transition", &json!("markDelivered"))
        );
        client.call(take_back(&one)).await.expect("the others are not in it");
        client.call(authorize(&back)).await.expect("authorized");
        assert!(client.call(take_back(&two)).await.is_err());
        client.call(crate::support::cases::fulfillment::close(&back)).await.expect("nothing came");
        client.call(take_back(&two)).await.expect("free again");
    }
}

async fn references_are_given_once(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let (id, item) = confirmed(&client, &world.customer, 3).await;
    let named = pb::CreateShipmentRequest { reference: "S-1".to_owned(), ..shipment(&id, &[(&item, 1)]) };
    let first = send(&client, named.clone()).await;
    let refusal = refused(&client, named.clone()).await;
    assert_eq!((refusal.code.as_str(), at(&refusal)), ("duplicate_reference", "reference".to_owned()));
    assert_eq!(refusal.metadata["existing_id"], first.id());
    let grace = world::customer(&client, "Grace").await;
    let (order_id, other) = confirmed(&client, &grace, 1).await;
    let items = shipment(&order_id, &[(&other, 1)]).items;
    send(&client, pb::CreateShipmentRequest { order_id, items, ..named }).await;
}

/// Sends both at the same time, many times, and tells what came of each.
pub(crate) async fn race<A, B>(first: (&Client, A), second: (&Client, B)) -> [Result<Answer, Failed>; 2]
where
    A: crate::support::rpc::Rpc,
    B: crate::support::rpc::Rpc,
{
    let (one, other) = (first.0.clone(), second.0.clone());
    let one = tokio::spawn(async move { one.keyed(&new_key(), first.1).await });
    let other = tokio::spawn(async move { other.keyed(&new_key(), second.1).await });
    [one.await.expect("a task"), other.await.expect("a task")]
}

async fn of_racing_shipments_one_wins(engine: Engine) {
    let world = World::new(engine).await;
    let (grpc, rest) = (world.client(Wire::Grpc), world.client(Wire::Rest));
    for _ in 0..10 {
        let (id, item) = confirmed(&grpc, &world.customer, 3).await;
        let request = shipment(&id, &[(&item, 2)]);
        let outcomes = race((&grpc, request.clone()), (&rest, request)).await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1));
        for failed in lost {
            assert_eq!(failed.expect_err("lost").refusal().code, "over_shipment");
        }
        assert_eq!(order_of(&grpc, &id).await.json["items"][0]["quantity_shipped"], 2);
    }
}

async fn of_shipping_and_canceling_one_wins(engine: Engine) {
    let world = World::new(engine).await;
    let (grpc, rest) = (world.client(Wire::Grpc), world.client(Wire::Rest));
    let mut shipped = 0;
    for round in 0..20 {
        let (id, item) = confirmed(&grpc, &world.customer, 2).await;
        let (ship, cancel) = (shipment(&id, &[(&item, 2)]), crate::order_moves::cancel(&id));
        let outcomes = if round % 2 == 0 {
            race((&grpc, ship), (&rest, cancel)).await
        } else {
            let [canceled, sent] = race((&grpc, cancel), (&rest, ship)).await;
            [sent, canceled]
        };
        let order = order_of(&grpc, &id).await;
        match outcomes {
            [Ok(_), Err(failed)] => {
                assert_eq!(failed.refusal().code, "illegal_transition", "nothing is open");
                assert_eq!(
                    (order.text("/status"), &order.json["items"][0]["quantity_shipped"]),
                    ("CONFIRMED".to_owned(), &json!(2))
                );
                shipped += 1;
            }
            [Err(failed), Ok(_)] => {
                assert_eq!(failed.refusal().code, "illegal_transition");
                assert_eq!(
                    (order.text("/status"), &order.json["items"][0]["quantity_shipped"]),
                    ("CANCELED".to_owned(), &json!(0))
                );
            }
            both => panic!("{both:?}"),
        }
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM shipments").await, shipped);
}

async fn shipments_are_listed(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let customer = world::customer(&client, "Grace").await;
        let (one, item) = confirmed(&client, &customer, 3).await;
        let (other, other_item) = confirmed(&client, &customer, 1).await;
        let number = format!("RM-{wire:?}");
        let numbered = pb::CreateShipmentRequest { tracking_number: number.clone(), ..shipment(&one, &[(&item, 1)]) };
        let first = send(&client, numbered).await.id();
        let second = send(&client, shipment(&one, &[(&item, 2)])).await.id();
        let third = send(&client, shipment(&other, &[(&other_item, 1)])).await.id();
        client.call(deliver(&second)).await.expect("delivered");
        client.call(take_back(&third)).await.expect("taken back");
        let base = pb::ListShipmentsRequest { customer_id: customer.clone(), ..Default::default() };
        let status = |status: pb::shipment::Status| vec![status.into()];
        let of_order = |order: &str| pb::ListShipmentsRequest { order_id: order.to_owned(), ..base.clone() };
        for (request, expected) in [
            (base.clone(), vec![&third, &second, &first]),
            (of_order(&one), vec![&second, &first]),
            (pb::ListShipmentsRequest { customer_id: String::new(), ..of_order(&other) }, vec![&third]),
            (pb::ListShipmentsRequest { customer_id: world.customer.clone(), ..of_order(&other) }, vec![]),
            (pb::ListShipmentsRequest { tracking_number: number.clone(), ..Default::default() }, vec![&first]),
            (pb::ListShipmentsRequest { tracking_number: number.clone(), ..of_order(&one) }, vec![&first]),
            (pb::ListShipmentsRequest { tracking_number: number.clone(), ..of_order(&other) }, vec![]),
            (
                pb::ListShipmentsRequest { status: status(pb::shipment::Status::Delivered), ..base.clone() },
                vec![&second],
            ),
            (pb::ListShipmentsRequest { status: status(pb::shipment::Status::Canceled), ..of_order(&one) }, vec![]),
        ] {
            let page = client.call(request.clone()).await.expect("a page");
            let found: Vec<_> = page.json["shipments"].as_array().expect("rows").iter().map(|row| &row["id"]).collect();
            assert_eq!(found, expected, "{request:?}");
            assert!(page.json["shipments"].as_array().expect("rows").iter().all(|row| row["items"] == json!([])));
        }
        let all = client
            .all("shipments", |page_token| pb::ListShipmentsRequest {
                page_token,
                page_size: 1,
                view: pb::View::Full.into(),
                ..base.clone()
            })
            .await;
        assert_eq!(
            all.iter().map(|row| row["items"][0]["quantity"].as_i64()).collect::<Vec<_>>(),
            [Some(1), Some(2), Some(1)]
        );
    }
}

async fn partners_see_their_own_shipments(engine: Engine) {
    let world = World::new(engine).await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in WIRES {
        let staff = world.client(wire);
        let partner = staff.with_key(&partner);
        let (own, item) = confirmed(&staff, &world.customer, 2).await;
        let grace = world::customer(&staff, "Grace").await;
        let (foreign, foreign_item) = confirmed(&staff, &grace, 2).await;
        let own_shipment = send(&staff, shipment(&own, &[(&item, 1)])).await;
        let other = send(&staff, shipment(&foreign, &[(&foreign_item, 1)])).await.id();
        let get = |shipment_id: &str| pb::GetShipmentRequest { shipment_id: shipment_id.to_owned() };
        assert_eq!(partner.call(get(&own_shipment.id())).await.expect("its own").json, own_shipment.json);
        assert_eq!(partner.call(get(&other)).await.expect_err("foreign").refusal().code, "shipment_not_found");
        for (order_id, expected) in [(own.clone(), 1), (foreign, 0)] {
            let list = pb::ListShipmentsRequest { order_id, ..Default::default() };
            let page = partner.call(list).await.expect("a page");
            assert_eq!(page.json["shipments"].as_array().expect("rows").len(), expected);
        }
        let refusal = refused(&partner, shipment(&own, &[(&item, 1)])).await;
        assert_eq!(
            (refusal.code.as_str(), &refusal.metadata["permission"]),
            ("permission_denied", &json!("shipments.write"))
        );
        let told = partner.call(pb::ListEventsRequest { resource_id: own_shipment.id(), ..Default::default() }).await;
        assert_eq!(told.expect("events").text("/events/0/type"), "shipment.created");
    }
}
