//! What orders do to stock: taken when they leave their draft, moved by edits, given back when they end.

use serde_json::json;
use tradepost::contract::pb;

use crate::order_edits::line;
use crate::order_moves::{cancel, place};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, TEAPOT, World, order};

on_both_engines! {
    an_order_takes_its_stock_when_it_leaves_the_draft,
    lines_of_one_sku_are_summed_before_they_are_checked,
    edits_take_the_difference,
    what_ends_gives_back,
    a_reservation_becomes_an_order,
    a_batch_takes_stock_together,
    racing_orders_never_sell_more_than_there_is,
}

/// A product of every scenario here, whose units are counted.
const LAMP: &str = "LAMP";

/// A product whose stock is counted, and so many units of it.
pub(crate) async fn counted(client: &Client, sku: &str, units: i64) {
    let product = pb::CreateProductRequest { track_inventory: true, ..world::product(sku, &[("GBP", 1000)], 0) };
    client.call(product).await.expect("a product");
    adjust(client, sku, units).await;
}

async fn adjust(client: &Client, sku: &str, delta: i64) {
    let request = pb::AdjustStockRequest { sku: sku.to_owned(), delta: Some(delta), ..Default::default() };
    client.keyed(&format!("adjust-{sku}-{delta}"), request).await.expect("stock");
}

/// What is on hand, and how much of it is taken.
pub(crate) async fn stock(client: &Client, sku: &str) -> (i64, i64) {
    let request = pb::ListStockLevelsRequest { sku: sku.to_owned(), ..Default::default() };
    let stock = client.call(request).await.expect("the stock");
    let count = |name: &str| {
        stock
            .json
            .pointer(&format!("/stock_levels/0/{name}"))
            .and_then(|count| count.as_str())
            .map_or(0, |count| count.parse().expect("a count"))
    };
    (count("on_hand"), count("reserved"))
}

async fn lamps(world: &World, client: &Client, quantities: &[i32]) -> Result<Answer, crate::support::refusal::Failed> {
    let lines: Vec<_> = quantities.iter().map(|quantity| (LAMP, *quantity)).collect();
    client.call(order(&world.customer, &lines)).await
}

/// The counters are what the ledger says, and never less than nothing.
pub(crate) async fn books_are_true(world: &World) {
    let off = "SELECT COUNT(*) FROM stock_levels l WHERE l.on_hand <> (SELECT COALESCE(SUM(on_hand_change), 0) FROM stock_movements m \
               WHERE m.product_id = l.product_id AND m.location_id = l.location_id) OR l.reserved <> (SELECT COALESCE(SUM(reserved_change), 0) \
               FROM stock_movements m WHERE m.product_id = l.product_id AND m.location_id = l.location_id)";
    assert_eq!(world.database.count(off).await, 0, "counters and ledger");
    let held = "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) - (SELECT CAST(COALESCE(SUM(quantity_reserved), 0) AS BIGINT) FROM order_items) \
                - (SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) FROM reservation_lines l JOIN reservations r ON r.id = l.reservation_id \
                WHERE r.status = 'HELD') FROM stock_levels";
    assert_eq!(world.database.count(held).await, 0, "counters and who holds them");
}

async fn an_order_takes_its_stock_when_it_leaves_the_draft(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    counted(&staff, LAMP, 10).await;
    let default = staff.call(pb::ListLocationsRequest::default()).await.expect("locations").text("/locations/0/id");
    let mut taken = 0;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let draft = pb::CreateOrderRequest { draft: true, ..order(&world.customer, &[(LAMP, 2), (TEAPOT, 50)]) };
        let draft = client.call(draft).await.expect("a draft");
        assert_eq!(stock(&client, LAMP).await, (10, taken), "a draft promises nothing");
        assert_eq!(draft.text("/items/0/location_id"), "");
        let placed = client.call(place(&draft.id())).await.expect("placed");
        taken += 2;
        assert_eq!(
            (placed.text("/items/0/location_id"), placed.text("/items/1/location_id")),
            (default.clone(), String::new())
        );
        assert_eq!(stock(&client, LAMP).await, (10, taken));
    }
    let partner = world.client(Wire::Rest).with_key(&world.key(pb::Role::Partner, &world.customer).await);
    let refusal = lamps(&world, &staff, &[3]).await.expect_err("two are left").refusal();
    assert_eq!(refusal.code, "insufficient_stock");
    assert_eq!(refusal.metadata, json!({"sku": LAMP, "available": "2"}));
    assert_eq!(refusal.field.as_deref(), Some("items[0].quantity"));
    let refusal = lamps(&world, &partner, &[3]).await.expect_err("two are left").refusal();
    assert_eq!(refusal.metadata, json!({"sku": LAMP}), "partners learn no numbers");
    let nowhere = crate::access::sibling(&default);
    let mut elsewhere = order(&world.customer, &[(LAMP, 1)]);
    elsewhere.items[0].location_id = nowhere;
    for draft in [true, false] {
        let refusal = staff
            .call(pb::CreateOrderRequest { draft, ..elsewhere.clone() })
            .await
            .expect_err("no such place")
            .refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("location_not_found", Some("items[0].location_id"))
        );
    }
    books_are_true(&world).await;
}

async fn lines_of_one_sku_are_summed_before_they_are_checked(engine: Engine) {
    let world = World::new(engine).await;
    counted(&world.client(Wire::Grpc), LAMP, 5).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let refusal = lamps(&world, &client, &[3, 3]).await.expect_err("six of five").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["available"]), ("insufficient_stock", &json!("5")));
        assert_eq!(stock(&client, LAMP).await, (5, 0));
        let whole = lamps(&world, &client, &[2, 3]).await.expect("five of five");
        assert_eq!(stock(&client, LAMP).await, (5, 5));
        client.call(cancel(&whole.id())).await.expect("canceled");
    }
    books_are_true(&world).await;
}

async fn edits_take_the_difference(engine: Engine) {
    let world = World::new(engine).await;
    counted(&world.client(Wire::Grpc), LAMP, 5).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = lamps(&world, &client, &[2]).await.expect("an order").id();
        let edit = |lines: &[i32]| {
            let items = lines.iter().map(|quantity| line(LAMP, *quantity)).collect();
            let order = Some(pb::OrderPatch { items, ..Default::default() });
            pb::UpdateOrderRequest { order_id: id.clone(), order, ..Default::default() }
        };
        for (lines, reserved) in [(&[4][..], 4), (&[1, 1, 1], 3), (&[5], 5), (&[1], 1)] {
            client.call(edit(lines)).await.expect("an edit");
            assert_eq!(stock(&client, LAMP).await, (5, reserved));
        }
        let refusal = client.call(edit(&[1, 5])).await.expect_err("six of five").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("insufficient_stock", Some("order.items[0].quantity"))
        );
        assert_eq!(stock(&client, LAMP).await, (5, 1));
        let other = pb::OrderPatch { items: vec![line(TEAPOT, 1)], ..Default::default() };
        client.call(pb::UpdateOrderRequest { order: Some(other), ..edit(&[]) }).await.expect("an edit");
        assert_eq!(stock(&client, LAMP).await, (5, 0));
    }
    books_are_true(&world).await;
}

async fn what_ends_gives_back(engine: Engine) {
    let world = World::new(engine).await;
    counted(&world.client(Wire::Grpc), LAMP, 5).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let order = lamps(&world, &client, &[4, 1]).await.expect("an order");
        let units = crate::order_cancels::cancel_units(&order, &[(0, 3)]);
        client.keyed(&format!("three-{wire:?}"), units).await.expect("canceled");
        assert_eq!(stock(&client, LAMP).await, (5, 2));
        client.call(cancel(&order.id())).await.expect("canceled");
        assert_eq!(stock(&client, LAMP).await, (5, 0));
    }
    books_are_true(&world).await;
}

async fn a_reservation_becomes_an_order(engine: Engine) {
    let world = World::new(engine).await;
    counted(&world.client(Wire::Grpc), LAMP, 6).await;
    counted(&world.client(Wire::Grpc), "BULB", 6).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let line = |sku: &str, quantity| pb::create_reservation_request::Line {
            sku: sku.to_owned(),
            quantity,
            ..Default::default()
        };
        let reserve =
            pb::CreateReservationRequest { lines: vec![line(LAMP, 5), line("BULB", 4)], ..Default::default() };
        let reservation_id = client.keyed(&format!("hold-{wire:?}"), reserve).await.expect("a reservation").id();
        let with = |lines: &[(&str, i32)]| pb::CreateOrderRequest {
            reservation_id: reservation_id.clone(),
            ..order(&world.customer, lines)
        };
        let refusal = client.call(with(&[(LAMP, 7)])).await.expect_err("there are six").refusal();
        assert_eq!(refusal.code, "insufficient_stock");
        assert_eq!((stock(&client, LAMP).await, stock(&client, "BULB").await), ((6, 5), (6, 4)), "all or nothing");
        let placed = client.call(with(&[(LAMP, 6), ("BULB", 1)])).await.expect("one more of these, fewer of those");
        assert_eq!((stock(&client, LAMP).await, stock(&client, "BULB").await), ((6, 6), (6, 1)));
        let get = pb::GetReservationRequest { reservation_id: reservation_id.clone() };
        let used = client.call(get).await.expect("the reservation");
        assert_eq!((used.text("/status"), used.text("/order_id")), ("COMMITTED".to_owned(), placed.id()));
        let refusal = client.call(with(&[("BULB", 1)])).await.expect_err("it is used").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!("COMMITTED")));
        let absent = pb::CreateOrderRequest {
            reservation_id: crate::access::sibling(&reservation_id),
            ..order(&world.customer, &[("BULB", 1)])
        };
        let refusal = client.call(absent).await.expect_err("no such").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("reservation_not_found", Some("reservation_id"))
        );
        client.call(cancel(&placed.id())).await.expect("canceled");
    }
    books_are_true(&world).await;
}

async fn a_batch_takes_stock_together(engine: Engine) {
    use pb::batch_create_orders_request::OnError;
    let world = World::new(engine).await;
    counted(&world.client(Wire::Grpc), LAMP, 5).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let orders = vec![
            order(&world.customer, &[(LAMP, 3)]),
            order(&world.customer, &[(LAMP, 3)]),
            order(&world.customer, &[(LAMP, 2)]),
        ];
        let batch = |on_error: OnError| pb::BatchCreateOrdersRequest {
            orders: orders.clone(),
            on_error: on_error.into(),
            ..Default::default()
        };
        let refusal = client.call(batch(OnError::Atomic)).await.expect_err("eight of five").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("insufficient_stock", Some("orders[1].items[0].quantity"))
        );
        assert_eq!(stock(&client, LAMP).await, (5, 0));
        let answer = client.call(batch(OnError::PerItem)).await.expect("two of them");
        assert_eq!(
            (answer.json["failures"][0]["index"].clone(), answer.text("/failures/0/code")),
            (json!(1), "insufficient_stock".into())
        );
        assert_eq!(stock(&client, LAMP).await, (5, 5));
        for order in answer.json["orders"].as_array().expect("orders") {
            client.call(cancel(order["id"].as_str().expect("an id"))).await.expect("canceled");
        }
    }
    books_are_true(&world).await;
}

async fn racing_orders_never_sell_more_than_there_is(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    for sku in ["A", "B", "C"] {
        counted(&staff, sku, 40).await;
    }
    let callers = (0..16_usize).map(|caller| {
        let client = world.client(if caller % 2 == 0 { Wire::Grpc } else { Wire::Rest });
        let customer = world.customer.clone();
        tokio::spawn(async move {
            let mut sold = [0; 3];
            for round in 0..12_usize {
                let (first, second) = ((caller + round) % 3, (caller + round + 1 + round % 2) % 3);
                // In both orders of the skus, so that whoever locks as the request says meets somebody.
                let lines = [(["A", "B", "C"][first], 1), (["A", "B", "C"][second], 2)];
                match client.call(order(&customer, &lines)).await {
                    Ok(placed) if round % 4 == 3 => {
                        client.call(cancel(&placed.id())).await.expect("canceled");
                    }
                    Ok(_) => {
                        sold[first] += 1;
                        sold[second] += 2;
                    }
                    Err(failed) => assert_eq!(failed.refusal().code, "insufficient_stock"),
                }
            }
            sold
        })
    });
    let mut sold = [0; 3];
    for caller in callers.collect::<Vec<_>>() {
        for (sum, one) in sold.iter_mut().zip(caller.await.expect("a task")) {
            *sum += one;
        }
    }
    for (sku, sold) in ["A", "B", "C"].into_iter().zip(sold) {
        assert_eq!(stock(&staff, sku).await, (40, sold), "{sku}");
        // What canceled orders gave back can be sold again, to the last unit.
        for _ in sold..40 {
            staff.call(order(&world.customer, &[(sku, 1)])).await.expect("the rest");
        }
        let refusal = staff.call(order(&world.customer, &[(sku, 1)])).await.expect_err("sold out").refusal();
        assert_eq!((refusal.code.as_str(), stock(&staff, sku).await), ("insufficient_stock", (40, 40)), "{sku}");
    }
    books_are_true(&world).await;
}
