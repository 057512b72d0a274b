//! Creating many orders at once: all of them or none, or as many as can be.

use serde_json::json;
use tradepost::contract::pb;
use tradepost::contract::pb::batch_create_orders_request::OnError::{self, Atomic, PerItem, Unspecified};

use crate::order_stock::{books_are_true, counted, stock};
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{SPOON, TEAPOT, World, order};

on_both_engines! {
    an_atomic_batch_is_all_or_nothing,
    a_batch_per_item_tells_what_failed,
    batches_have_limits,
    a_batch_replays_as_a_whole,
    batches_of_the_same_products_do_not_block_each_other,
}

fn batch(orders: Vec<pb::CreateOrderRequest>, on_error: OnError) -> pb::BatchCreateOrdersRequest {
    pb::BatchCreateOrdersRequest { orders, on_error: on_error.into(), ..Default::default() }
}

async fn an_atomic_batch_is_all_or_nothing(engine: Engine) {
    let world = World::new(engine).await;
    let mut created = 0;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let good = || order(&world.customer, &[(TEAPOT, 2), (SPOON, 1)]);
        let unknown = order(&world.customer, &[(TEAPOT, 1), ("NOTHING", 1)]);
        for on_error in [Atomic, Unspecified] {
            let refusal =
                client.call(batch(vec![good(), unknown.clone()], on_error)).await.expect_err("one is wrong").refusal();
            assert_eq!(
                (refusal.code.as_str(), refusal.field.as_deref()),
                ("product_not_found", Some("orders[1].items[1].sku"))
            );
        }
        assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, created);
        let answer = client.call(batch(vec![good(), good()], Atomic)).await.expect("created");
        created += 2;
        let orders = answer.json["orders"].as_array().expect("orders");
        assert_eq!((answer.status, orders.len(), &answer.json["failures"]), (200, 2, &json!([])));
        assert!(orders.iter().all(|order| order["status"] == "PLACED" && order["items"] == json!([])), "{orders:?}");
        assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, created);
        let twice = pb::CreateOrderRequest { reference: format!("twice-{wire:?}"), ..good() };
        let refusal = client.call(batch(vec![twice.clone(), twice], Atomic)).await.expect_err("taken").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("duplicate_reference", Some("orders[1].reference"))
        );
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM events WHERE type = 'order.placed'").await, created);
}

async fn a_batch_per_item_tells_what_failed(engine: Engine) {
    let world = World::new(engine).await;
    for (round, wire) in (1..).zip(Wire::ALL) {
        let client = world.client(wire);
        let good = |reference: &str| pb::CreateOrderRequest {
            reference: format!("{reference}-{wire:?}"),
            ..order(&world.customer, &[(TEAPOT, 1)])
        };
        let unknown = order(&world.customer, &[("NOTHING", 1)]);
        let stranger = order(&crate::access::sibling(&world.customer), &[(TEAPOT, 1)]);
        let orders = vec![good("a"), unknown, good("b"), good("a"), stranger];
        let answer = client.call(batch(orders, PerItem)).await.expect("two of them");
        let references: Vec<_> =
            answer.json["orders"].as_array().expect("orders").iter().map(|order| &order["reference"]).collect();
        assert_eq!(references, [&json!(format!("a-{wire:?}")), &json!(format!("b-{wire:?}"))]);
        let failures = answer.json["failures"].as_array().expect("failures");
        let told: Vec<_> = failures
            .iter()
            .map(|failure| (&failure["index"], &failure["code"], &failure["details"][0]["field"]))
            .collect();
        assert_eq!(told[0], (&json!(1), &json!("product_not_found"), &json!("items[0].sku")));
        assert_eq!(told[1], (&json!(3), &json!("duplicate_reference"), &json!("reference")));
        assert_eq!(told[2], (&json!(4), &json!("customer_not_found"), &json!("customer_id")));
        assert_eq!(failures[0]["metadata"], json!({"sku": "NOTHING"}));
        assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, 2 * round);
        assert_eq!(world.database.count("SELECT COUNT(*) FROM events WHERE type = 'order.placed'").await, 2 * round);
    }
}

async fn batches_have_limits(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let one = |lines: usize| order(&world.customer, &vec![(TEAPOT, 1); lines]);
    let too_many = client.call(batch(vec![one(1); 101], Atomic)).await.expect_err("101 orders").refusal();
    assert_eq!((too_many.code.as_str(), too_many.field.as_deref()), ("validation_failed", Some("orders")));
    let too_long = client.call(batch(vec![one(1_667); 3], Atomic)).await.expect_err("5,001 lines").refusal();
    assert_eq!((too_long.code.as_str(), too_long.field.as_deref()), ("validation_failed", Some("orders")));
    assert_eq!(client.call(batch(Vec::new(), Atomic)).await.expect_err("none").refusal().code, "validation_failed");
    let inner = pb::CreateOrderRequest { validate_only: true, ..one(1) };
    let refusal = client.call(batch(vec![inner], PerItem)).await.expect_err("not alone").refusal();
    assert_eq!(refusal.field.as_deref(), Some("orders[0].validate_only"));
    let wrong = pb::CreateOrderRequest { currency_code: "ZZZ".to_owned(), ..one(1) };
    let refusal = client.call(batch(vec![one(1), wrong], PerItem)).await.expect_err("no currency").refusal();
    assert_eq!(refusal.field.as_deref(), Some("orders[1].currency_code"));
    let whole = client.call(batch(vec![one(50); 100], Atomic)).await.expect("100 orders of 5,000 lines");
    assert_eq!(whole.json["orders"].as_array().map(Vec::len), Some(100));
    assert_eq!(world.database.count("SELECT COUNT(*) FROM order_items").await, 5_000);
}

async fn a_batch_replays_as_a_whole(engine: Engine) {
    let world = World::new(engine).await;
    let orders = vec![world.order(), order(&world.customer, &[("NOTHING", 1)])];
    let request = batch(orders, PerItem);
    let first = world.client(Wire::Rest).keyed("once", request.clone()).await.expect("one of them");
    let again = world.client(Wire::Grpc).keyed("once", request.clone()).await.expect("a replay");
    assert!(again.is_replay());
    assert_eq!(again.json, first.json);
    let dry = pb::BatchCreateOrdersRequest { validate_only: true, ..request };
    let checked = world.client(Wire::Rest).call(dry).await.expect("checked");
    assert_eq!(checked.text("/orders/0/id"), "");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, 1);
}

/// Each batch names the same products in another order: who locks as a batch says waits in a circle.
async fn batches_of_the_same_products_do_not_block_each_other(engine: Engine) {
    let world = World::new(engine).await;
    let skus = ["A", "B", "C", "D"];
    for sku in skus {
        counted(&world.client(Wire::Grpc), sku, 1_000).await;
    }
    let callers = (0..8_usize).map(|caller| {
        let client = world.client(if caller % 2 == 0 { Wire::Grpc } else { Wire::Rest });
        let customer = world.customer.clone();
        tokio::spawn(async move {
            for round in 0..6_usize {
                let turned = (0..skus.len()).map(|place| skus[(place * (1 + 2 * (caller % 2)) + round) % skus.len()]);
                let orders: Vec<_> = turned.map(|sku| order(&customer, &[(sku, 1)])).collect();
                let on_error = if round % 3 == 0 { Atomic } else { PerItem };
                let answer = client.call(batch(orders, on_error)).await.expect("a batch");
                assert_eq!(answer.json["orders"].as_array().map(Vec::len), Some(skus.len()), "{}", answer.json);
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a task");
    }
    for sku in skus {
        assert_eq!(stock(&world.client(Wire::Rest), sku).await, (1_000, 48), "{sku}");
    }
    assert!(!world.service.log().contains("deadlock"), "a deadlock");
    books_are_true(&world).await;
}
