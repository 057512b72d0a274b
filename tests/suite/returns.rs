//! Returns: asked for, agreed to, taken in, inspected, closed; never more units than are with the customer.

use serde_json::json;
use tradepost::contract::pb;
use tradepost::contract::pb::r#return::Disposition::{Restock, Scrap, SendBack};

use crate::shipments::{at, order_of, race, refused};
use crate::support::cases::fulfillment::{
    authorize, close, come_back, confirmed, inspect, receive, reject, send, shipment,
};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, TEAPOT, World};

on_both_engines! {
    a_return_goes_its_way,
    fewer_may_come_than_were_asked_for,
    what_is_sent_back_may_be_returned_again,
    no_more_comes_back_than_was_shipped,
    an_inspection_is_about_what_came,
    a_return_may_be_refused,
    illegal_moves_name_what_is_legal,
    only_orders_that_shipped_have_returns,
    of_racing_returns_one_wins,
    returns_are_listed,
    partners_ask_for_returns_of_their_own,
}

const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

/// An order of so many teapots, all of them shipped: its id, and that of its line.
async fn shipped(world: &World, client: &Client, quantity: i32) -> (String, String) {
    let (order, item) = confirmed(client, &world.customer, quantity).await;
    send(client, shipment(&order, &[(&item, quantity)])).await;
    (order, item)
}

/// The units of a return's only line.
fn units(answer: &Answer) -> Vec<i64> {
    let item = &answer.json["items"][0];
    let counts = ["quantity", "quantity_received", "quantity_restocked", "quantity_scrapped", "quantity_sent_back"];
    counts.map(|count| item[count].as_i64().expect("a number")).into()
}

/// The fulfillment status of an order, and the returned units of its first line.
async fn returned(client: &Client, order: &str) -> (String, i64) {
    let order = order_of(client, order).await;
    (order.text("/fulfillment_status"), order.json["items"][0]["quantity_returned"].as_i64().expect("a number"))
}

async fn a_return_goes_its_way(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = shipped(&world, &client, 3).await;
        let complete = pb::CompleteOrderRequest { order_id: order.clone(), ..Default::default() };
        client.call(complete).await.expect("completed: returns stay possible");
        let named = pb::CreateReturnRequest {
            reference: format!("R-{wire:?}"),
            metadata: [("desk".to_owned(), "3".to_owned())].into(),
            ..come_back(&order, &[(&item, 1), (&item, 1)])
        };
        let asked = send(&client, named.clone()).await;
        assert_eq!(asked.header("location"), format!("/v1/returns/{}", asked.id()));
        assert_eq!((asked.text("/status"), asked.text("/etag")), ("REQUESTED".to_owned(), "v1".to_owned()));
        assert_eq!((asked.text("/items/0/sku"), units(&asked)), (TEAPOT.to_owned(), vec![2, 0, 0, 0, 0]));
        assert_eq!(
            (asked.text("/reason"), asked.text("/customer_id")),
            ("too many".to_owned(), world.customer.clone())
        );
        assert_eq!(asked.json["allowed_actions"], json!(["authorize", "reject"]));
        assert_eq!(returned(&client, &order).await, ("FULFILLED".to_owned(), 0));
        let id = asked.id();
        let agreed = client.call(authorize(&id)).await.expect("authorized");
        assert_eq!(agreed.json["allowed_actions"], json!(["receive", "reject", "close"]));
        let came = client.call(receive(&id, &[])).await.expect("received");
        assert_eq!((came.text("/status"), units(&came)), ("RECEIVED".to_owned(), vec![2, 2, 0, 0, 0]));
        assert_eq!(returned(&client, &order).await, ("PARTIALLY_RETURNED".to_owned(), 2));
        let decisions = inspect(&id, &[(&item, 1, Scrap), (&item, 1, Restock)]);
        let seen = client.call(decisions.clone()).await.expect("inspected");
        assert_eq!((seen.text("/status"), units(&seen)), ("INSPECTED".to_owned(), vec![2, 2, 1, 1, 0]));
        let over = client.call(close(&id)).await.expect("closed");
        assert_eq!((over.text("/status"), over.text("/etag")), ("CLOSED".to_owned(), "v5".to_owned()));
        assert_eq!(over.json["allowed_actions"], json!([]));
        for time in ["authorize_time", "receive_time", "inspect_time", "close_time"] {
            assert!(over.json[time].is_string(), "{time}");
        }
        assert_eq!(client.call(close(&id)).await.expect("again").json, over.json);
        let get = pb::GetReturnRequest { return_id: id.clone() };
        assert_eq!(client.call(get).await.expect("there").json, over.json);
        let told = world.database.told(&id).await;
        let expected =
            ["1 return.requested", "2 return.authorized", "3 return.received", "4 return.inspected", "5 return.closed"];
        assert_eq!(told, expected);
        let taken = refused(&client, pb::CreateReturnRequest { items: named.items[..1].to_vec(), ..named }).await;
        assert_eq!((taken.code.as_str(), &taken.metadata["existing_id"]), ("duplicate_reference", &json!(id)));
        send(&client, come_back(&order, &[(&item, 1)])).await;
    }
    let told = "SELECT CAST(data AS TEXT) FROM events WHERE type LIKE 'return.%'";
    assert!(world.database.texts(told).await.iter().all(|data| !data.contains("too many")), "people type reasons");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM stock_movements").await, 0, "stock is not counted");
}

async fn fewer_may_come_than_were_asked_for(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = shipped(&world, &client, 5).await;
        let id = send(&client, come_back(&order, &[(&item, 4)])).await.id();
        client.call(authorize(&id)).await.expect("authorized");
        let refusal = client.call(receive(&id, &[(&item, 3), (&item, 2)])).await.expect_err("too many").refusal();
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("over_return", "items[1].quantity".to_owned()));
        assert_eq!(refusal.metadata, json!({"item_id": item, "maximum": "4"}));
        let stranger = crate::access::sibling(&item);
        let refusal = client.call(receive(&id, &[(&stranger, 1)])).await.expect_err("no such line").refusal();
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("order_item_not_found", "items[0].item_id".to_owned()));
        let came = client.call(receive(&id, &[(&item, 1), (&item, 2)])).await.expect("fewer");
        assert_eq!(units(&came), [4, 3, 0, 0, 0]);
        assert_eq!(client.call(receive(&id, &[])).await.expect("again").json, came.json, "the first receipt stays");
        assert_eq!(refused(&client, come_back(&order, &[(&item, 2)])).await.metadata["maximum"], "1", "one is open");
        client.call(inspect(&id, &[(&item, 3, Scrap)])).await.expect("inspected");
        assert_eq!(refused(&client, come_back(&order, &[(&item, 2)])).await.metadata["maximum"], "1", "as before");
        client.call(close(&id)).await.expect("closed");
        send(&client, come_back(&order, &[(&item, 2)])).await;
        assert_eq!(returned(&client, &order).await.1, 3);
    }
}

async fn what_is_sent_back_may_be_returned_again(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = shipped(&world, &client, 2).await;
        for (decisions, returned_units, free) in [
            (vec![(item.as_str(), 2, SendBack)], 0, "2"),
            (vec![(item.as_str(), 1, SendBack), (item.as_str(), 1, Scrap)], 1, "1"),
        ] {
            let id = send(&client, come_back(&order, &[(&item, 2)])).await.id();
            client.call(authorize(&id)).await.expect("authorized");
            client.call(receive(&id, &[])).await.expect("received");
            assert_eq!(returned(&client, &order).await, ("RETURNED".to_owned(), 2));
            client.call(inspect(&id, &decisions)).await.expect("inspected");
            assert_eq!(returned(&client, &order).await.1, returned_units);
            client.call(close(&id)).await.expect("closed");
            assert_eq!(refused(&client, come_back(&order, &[(&item, 3)])).await.metadata["maximum"], free);
        }
    }
}

async fn no_more_comes_back_than_was_shipped(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = confirmed(&client, &world.customer, 5).await;
        send(&client, shipment(&order, &[(&item, 3)])).await;
        let refusal = refused(&client, come_back(&order, &[(&item, 2), (&item, 2)])).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("over_return", "items[1].quantity".to_owned()));
        assert_eq!(refusal.metadata, json!({"item_id": item, "maximum": "3"}));
        send(&client, come_back(&order, &[(&item, 2)])).await;
        let refusal = refused(&client, come_back(&order, &[(&item, 2)])).await;
        assert_eq!((refusal.code.as_str(), &refusal.metadata["maximum"]), ("over_return", &json!("1")));
        let stranger = crate::access::sibling(&item);
        let refusal = refused(&client, come_back(&order, &[(&stranger, 1)])).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("order_item_not_found", "items[0].item_id".to_owned()));
        let absent = crate::access::sibling(&order);
        let refusal = refused(&client, come_back(&absent, &[(&item, 1)])).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("order_not_found", "order_id".to_owned()));
    }
}

async fn an_inspection_is_about_what_came(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = shipped(&world, &client, 3).await;
        let id = send(&client, come_back(&order, &[(&item, 3)])).await.id();
        client.call(authorize(&id)).await.expect("authorized");
        client.call(receive(&id, &[(&item, 2)])).await.expect("two of three");
        let fewer = client.call(inspect(&id, &[(&item, 1, Scrap)])).await.expect_err("one is left").refusal();
        assert_eq!((fewer.code.as_str(), at(&fewer)), ("validation_failed", "items".to_owned()));
        let more =
            client.call(inspect(&id, &[(&item, 1, Scrap), (&item, 2, Restock)])).await.expect_err("three").refusal();
        assert_eq!((more.code.as_str(), at(&more)), ("over_return", "items[1].quantity".to_owned()));
        assert_eq!(more.metadata["maximum"], "2");
        let nowhere = pb::InspectReturnRequest {
            location_id: "loc_01h455vb4pex5vsknk084sn02q".to_owned(),
            ..inspect(&id, &[(&item, 2, Scrap)])
        };
        let refusal = client.call(nowhere).await.expect_err("no such location").refusal();
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("location_not_found", "location_id".to_owned()));
        let undecided = pb::r#return::Disposition::Unspecified;
        let refusal = client.call(inspect(&id, &[(&item, 2, undecided)])).await.expect_err("undecided").refusal();
        assert_eq!(refusal.code, "validation_failed");
        let seen = client.call(inspect(&id, &[(&item, 1, SendBack), (&item, 1, Scrap)])).await.expect("all of them");
        assert_eq!((seen.text("/etag"), units(&seen)), ("v4".to_owned(), vec![3, 2, 0, 1, 1]));
    }
}

async fn a_return_may_be_refused(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = shipped(&world, &client, 2).await;
        for agreed in [false, true] {
            let id = send(&client, come_back(&order, &[(&item, 2)])).await.id();
            if agreed {
                client.call(authorize(&id)).await.expect("authorized");
            }
            let no = client.call(reject(&id)).await.expect("rejected");
            assert_eq!((no.text("/status"), no.text("/reject_reason")), ("REJECTED".to_owned(), "worn".to_owned()));
            assert_eq!((no.text("/reject_time"), no.text("/reason")), (no.text("/update_time"), "too many".to_owned()));
            assert_eq!(client.call(reject(&id)).await.expect("again").json, no.json);
        }
        let id = send(&client, come_back(&order, &[(&item, 2)])).await.id();
        client.call(authorize(&id)).await.expect("authorized");
        assert_eq!(client.call(close(&id)).await.expect("nothing came").text("/status"), "CLOSED");
        send(&client, come_back(&order, &[(&item, 2)])).await;
        assert_eq!(returned(&client, &order).await, ("FULFILLED".to_owned(), 0));
    }
}

async fn illegal_moves_name_what_is_legal(engine: Engine) {
    let world = World::new(engine).await;
    let viewer = world.key(pb::Role::Viewer, "").await;
    for wire in WIRES {
        let client = world.client(wire);
        let (order, item) = shipped(&world, &client, 1).await;
        let id = send(&client, come_back(&order, &[(&item, 1)])).await.id();
        let illegal = [
            client.call(receive(&id, &[])).await,
            client.call(inspect(&id, &[(&item, 1, Scrap)])).await,
            client.call(close(&id)).await,
        ];
        for (refused, action) in illegal.into_iter().zip(["receive", "inspect", "close"]) {
            let refusal = refused.expect_err("illegal").refusal();
            assert_eq!(refusal.code, "illegal_transition");
            assert_eq!(refusal.metadata, json!({"from": "REQUESTED", "action": action, "allowed": "authorize,reject"}));
        }
        let get = pb::GetReturnRequest { return_id: id.clone() };
        let seen = client.with_key(&viewer).call(get).await.expect("viewers read");
        assert_eq!(seen.json["allowed_actions"], json!([]));
        client.call(reject(&id)).await.expect("rejected");
        let late = client.call(authorize(&id)).await.expect_err("refused").refusal();
        assert_eq!(late.metadata, json!({"from": "REJECTED", "action": "authorize", "allowed": ""}));
    }
}

async fn only_orders_that_shipped_have_returns(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let placed = client.call(world.order()).await.expect("an order");
        let (order, item) = (placed.id(), placed.text("/items/0/id"));
        let early = refused(&client, come_back(&order, &[(&item, 1)])).await;
        assert_eq!((early.code.as_str(), &early.metadata["from"]), ("illegal_transition", &json!("PLACED")));
        assert_eq!(early.metadata["action"], "return");
        client.call(crate::order_moves::confirm(&order)).await.expect("confirmed");
        assert_eq!(refused(&client, come_back(&order, &[(&item, 1)])).await.code, "over_return");
    }
}

async fn of_racing_returns_one_wins(engine: Engine) {
    let world = World::new(engine).await;
    let (grpc, rest) = (world.client(Wire::Grpc), world.client(Wire::Rest));
    for _ in 0..10 {
        let (order, item) = shipped(&world, &grpc, 3).await;
        let request = come_back(&order, &[(&item, 2)]);
        let outcomes = race((&grpc, request.clone()), (&rest, request)).await;
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        let id = won.into_iter().flatten().next().expect("one wins").id();
        let failed = lost.into_iter().next().expect("one loses").expect_err("lost");
        assert_eq!(failed.refusal().code, "over_return");
        let [agreed, refused] = race((&grpc, authorize(&id)), (&rest, reject(&id))).await;
        // Who is authorized first may still be rejected; who is rejected first, not authorized.
        refused.expect("rejected");
        assert!(agreed.is_ok() || agreed.is_err_and(|failed| failed.refusal().code == "illegal_transition"));
        send(&grpc, come_back(&order, &[(&item, 3)])).await;
    }
}

async fn returns_are_listed(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let (one, item) = shipped(&world, &client, 3).await;
        let first = send(&client, come_back(&one, &[(&item, 1)])).await.id();
        let second = send(&client, come_back(&one, &[(&item, 2)])).await.id();
        client.call(reject(&second)).await.expect("rejected");
        let base = pb::ListReturnsRequest { order_id: one.clone(), ..Default::default() };
        let status = |status: pb::r#return::Status| vec![status.into()];
        let grace = world::customer(&client, "Grace").await;
        for (request, expected) in [
            (base.clone(), vec![&second, &first]),
            (pb::ListReturnsRequest { customer_id: world.customer.clone(), ..base.clone() }, vec![&second, &first]),
            (pb::ListReturnsRequest { customer_id: grace.clone(), ..base.clone() }, vec![]),
            (pb::ListReturnsRequest { customer_id: grace, ..Default::default() }, vec![]),
            (pb::ListReturnsRequest { status: status(pb::r#return::Status::Rejected), ..base.clone() }, vec![&second]),
            (pb::ListReturnsRequest { status: status(pb::r#return::Status::Closed), ..Default::default() }, vec![]),
        ] {
            let page = client.call(request.clone()).await.expect("a page");
            let rows = page.json["returns"].as_array().expect("rows");
            assert_eq!(rows.iter().map(|row| &row["id"]).collect::<Vec<_>>(), expected, "{request:?}");
            assert!(rows.iter().all(|row| row["items"] == json!([]) && row["allowed_actions"] == json!([])));
        }
        let full = pb::ListReturnsRequest { view: pb::View::Full.into(), page_size: 1, ..base };
        let all = client.all("returns", |page_token| pb::ListReturnsRequest { page_token, ..full.clone() }).await;
        assert_eq!(all.iter().map(|row| row["items"][0]["quantity"].as_i64()).collect::<Vec<_>>(), [Some(2), Some(1)]);
        assert_eq!(all[1]["allowed_actions"], json!(["authorize", "reject"]));
    }
}

async fn partners_ask_for_returns_of_their_own(engine: Engine) {
    let world = World::new(engine).await;
    let key = world.key(pb::Role::Partner, &world.customer).await;
    for wire in WIRES {
        let staff = world.client(wire);
        let partner = staff.with_key(&key);
        let (own, item) = shipped(&world, &staff, 2).await;
        let grace = world::customer(&staff, "Grace").await;
        let (foreign, foreign_item) = confirmed(&staff, &grace, 1).await;
        send(&staff, shipment(&foreign, &[(&foreign_item, 1)])).await;
        let theirs = send(&staff, come_back(&foreign, &[(&foreign_item, 1)])).await.id();
        let asked = send(&partner, come_back(&own, &[(&item, 1)])).await;
        assert_eq!((asked.text("/status"), &asked.json["allowed_actions"]), ("REQUESTED".to_owned(), &json!([])));
        let refusal = partner.call(authorize(&asked.id())).await.expect_err("not theirs to decide").refusal();
        assert_eq!(
            (refusal.code.as_str(), &refusal.metadata["permission"]),
            ("permission_denied", &json!("returns.write"))
        );
        let refusal = refused(&partner, come_back(&foreign, &[(&foreign_item, 1)])).await;
        assert_eq!((refusal.code.as_str(), at(&refusal)), ("order_not_found", "order_id".to_owned()));
        let get = pb::GetReturnRequest { return_id: theirs };
        assert_eq!(partner.call(get).await.expect_err("foreign").refusal().code, "return_not_found");
        let listed = partner.call(pb::ListReturnsRequest::default()).await.expect("a page");
        let rows = listed.json["returns"].as_array().expect("rows");
        assert!(rows.iter().all(|row| row["customer_id"] == world.customer.as_str()), "{rows:?}");
    }
}
