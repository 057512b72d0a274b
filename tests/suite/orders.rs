//! Orders: created, read and listed on every wire, with every amount computed.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{SPOON, TEAPOT, World, money, order};

on_both_engines! {
    an_order_is_created_read_and_listed,
    amounts_come_from_the_catalog_with_tax,
    everything_a_client_says_is_kept,
    bad_lines_are_named_all_at_once,
    a_reference_belongs_to_one_order,
    a_chosen_price_needs_a_permission,
    amounts_never_leave_their_range,
}

async fn an_order_is_created_read_and_listed(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let created = client.call(order(&world.customer, &[(TEAPOT, 2)])).await.expect("an order");
        assert_eq!(created.status, if wire == Wire::Rest { 201 } else { 200 });
        assert_eq!(created.header("location"), format!("/v1/orders/{}", created.id()));
        assert!(!created.is_replay());
        let read = client.call(pb::GetOrderRequest { order_id: created.id() }).await.expect("the order");
        assert_eq!((read.status, &read.json), (200, &created.json), "{wire:?}");
        let listed = client.call(pb::ListOrdersRequest { page_size: 1, ..Default::default() }).await.expect("a page");
        assert_eq!(listed.text("/orders/0/id"), created.id(), "the newest comes first");
        assert_eq!(listed.json["orders"][0]["total"], created.json["total"]);
        assert_eq!(listed.json["orders"][0]["items"], json!([]), "lists leave lines out");
    }
}

async fn amounts_come_from_the_catalog_with_tax(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        // 2 × 12.50 + 20 % = 30.00; 3 × 3.33 = 9.99, 5 % of which is 0.4995, rounded half up.
        let created = world.client(wire).call(order(&world.customer, &[(TEAPOT, 2), (SPOON, 3)])).await;
        let json = created.expect("an order").json;
        let gbp = |minor_units: &str| json!({"currency_code": "GBP", "minor_units": minor_units});
        for (field, minor_units) in [
            ("subtotal", "3499"),
            ("discount_total", "0"),
            ("tax_total", "550"),
            ("total", "4049"),
            ("amount_due", "4049"),
            ("paid_total", "0"),
            ("canceled_total", "0"),
            ("refunded_total", "0"),
        ] {
            assert_eq!(json[field], gbp(minor_units), "{field} of {json}");
        }
        let [pots, spoons] = json["items"].as_array().expect("lines").as_slice() else { panic!("two lines: {json}") };
        assert_eq!((&pots["unit_price"], &pots["tax"], &pots["total"]), (&gbp("1250"), &gbp("500"), &gbp("3000")));
        assert_eq!((&spoons["unit_price"], &spoons["tax"], &spoons["total"]), (&gbp("333"), &gbp("50"), &gbp("1049")));
        assert_eq!((&pots["sku"], &pots["name"], &pots["quantity"]), (&json!(TEAPOT), &json!("The TEAPOT"), &json!(2)));
        for (field, value) in [
            ("status", "PLACED"),
            ("payment_status", "UNPAID"),
            ("fulfillment_status", "UNFULFILLED"),
            ("tax_mode", "EXCLUSIVE"),
            ("rounding_mode", "HALF_UP"),
            ("currency_code", "GBP"),
        ] {
            assert_eq!(json[field], value, "{field} of {json}");
        }
        assert_eq!(json["place_time"], json["create_time"]);
        assert!(!json["etag"].as_str().expect("a text").is_empty());
    }
}

async fn everything_a_client_says_is_kept(engine: Engine) {
    let world = World::new(engine).await;
    let address = pb::Address {
        name: "Ada Lovelace".to_owned(),
        line1: "12 St James's Square".to_owned(),
        city: "Łódź 東京 🫖".to_owned(),
        postal_code: "SW1Y 4JH".to_owned(),
        country_code: "GB".to_owned(),
        ..Default::default()
    };
    for wire in Wire::ALL {
        let request = pb::CreateOrderRequest {
            shipping_address: Some(address.clone()),
            billing_address: Some(pb::Address { city: "Köln".to_owned(), ..Default::default() }),
            note: "ring \"twice\"\n\tthen wait\\".to_owned(),
            reference: format!("PO-{wire:?}"),
            metadata: [("ключ".to_owned(), "значение".to_owned()), ("empty".to_owned(), String::new())].into(),
            ..world.order()
        };
        let created = world.client(wire).call(request.clone()).await.expect("an order");
        let read = world.client(wire).call(pb::GetOrderRequest { order_id: created.id() }).await.expect("the order");
        for json in [&created.json, &read.json] {
            assert_eq!(json["shipping_address"], tradepost::contract::to_json(&address), "{wire:?}");
            assert_eq!(json["billing_address"]["city"], "Köln");
            assert_eq!(json["note"], request.note);
            assert_eq!(json["reference"], request.reference);
            assert_eq!(json["metadata"], json!({"ключ": "значение", "empty": ""}));
            assert_eq!(json["customer_id"], world.customer);
        }
    }
}

async fn bad_lines_are_named_all_at_once(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let lines = [(TEAPOT, 1), ("NO-SUCH", 1), (SPOON, 1), ("teapot", 2)];
        let refusal = client.call(order(&world.customer, &lines)).await.expect_err("unknown skus").refusal();
        assert_eq!(refusal.code, "product_not_found");
        assert_eq!(refusal.fields(), ["items[1].sku", "items[3].sku"], "skus compare byte for byte");
        assert_eq!(refusal.metadata["sku"], "NO-SUCH");
        let euros = pb::CreateOrderRequest {
            currency_code: "EUR".to_owned(),
            ..order(&world.customer, &[(TEAPOT, 1), (SPOON, 1)])
        };
        let refusal = client.call(euros).await.expect_err("no price").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("price_not_found", vec!["items[1].sku"]));
        let invalid = order("cus_nonsense", &[("", 0), (TEAPOT, 1_000_001)]);
        let refusal = client.call(invalid).await.expect_err("not the contract").refusal();
        assert_eq!(refusal.code, "validation_failed");
        let fields = refusal.fields();
        for field in ["customer_id", "items[0].sku", "items[0].quantity", "items[1].quantity"] {
            assert!(fields.contains(&field), "{field} is missing in {fields:?}");
        }
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 0);
}

async fn a_reference_belongs_to_one_order(engine: Engine) {
    let world = World::new(engine).await;
    let other = crate::support::world::customer(&world.client(Wire::Rest), "Grace").await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let named = pb::CreateOrderRequest { reference: format!("PO-{wire:?}"), ..world.order() };
        let first = client.call(named.clone()).await.expect("an order");
        let refusal = client.call(named.clone()).await.expect_err("a duplicate").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("duplicate_reference", Some("reference")));
        assert_eq!(refusal.metadata["existing_id"], first.id());
        let draft = pb::CreateOrderRequest { draft: true, ..world.order() };
        let order_id = client.call(draft).await.expect("a draft").id();
        let patch = pb::OrderPatch { reference: Some(named.reference.clone()), ..Default::default() };
        let patch = pb::UpdateOrderRequest { order_id: order_id.clone(), order: Some(patch), ..Default::default() };
        let refusal = client.call(patch).await.expect_err("a duplicate").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("duplicate_reference", vec!["order.reference"]));
        let anew = pb::ReplaceOrderRequest {
            order_id,
            customer_id: named.customer_id.clone(),
            currency_code: named.currency_code.clone(),
            items: named.items.clone(),
            reference: named.reference.clone(),
            ..Default::default()
        };
        let refusal = client.call(anew).await.expect_err("a duplicate").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("duplicate_reference", vec!["reference"]));
        let elsewhere = pb::CreateOrderRequest { customer_id: other.clone(), ..named };
        client.call(elsewhere).await.expect("another customer may use the same reference");
        client.call(world.order()).await.expect("orders need no reference");
        client.call(world.order()).await.expect("and any number of them has none");
    }
}

async fn a_chosen_price_needs_a_permission(engine: Engine) {
    let world = World::new(engine).await;
    let operator = world.key(pb::Role::Operator, "").await;
    for wire in Wire::ALL {
        let mut request = order(&world.customer, &[(SPOON, 1), (TEAPOT, 2)]);
        request.items[1].unit_price = Some(money("GBP", 700));
        let created = world.client(wire).call(request.clone()).await.expect("an order");
        assert_eq!(created.json["items"][1]["unit_price"]["minor_units"], "700");
        assert_eq!(created.json["subtotal"]["minor_units"], "1733");
        let client = world.client(wire).with_key(&operator);
        let refusal = client.call(request.clone()).await.expect_err("not allowed").refusal();
        assert_eq!(refusal.code, "permission_denied");
        assert_eq!(refusal.field.as_deref(), Some("items[1].unit_price"));
        assert_eq!(refusal.metadata["permission"], "orders.override_price");
        client.call(world.order()).await.expect("the catalog's price is free to use");
        request.items[1].unit_price = Some(money("EUR", 700));
        let refusal = world.client(wire).call(request).await.expect_err("another currency").refusal();
        assert_eq!(refusal.code, "currency_mismatch");
        assert_eq!(refusal.fields(), ["items[1].unit_price.currency_code"]);
    }
}

async fn amounts_never_leave_their_range(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (minor_units, quantity) in [(-1, 1), ((1 << 53) - 1, 2), (1 << 53, 1), (i64::MIN, 1), (i64::MAX, 1_000_000)]
        {
            let mut request = order(&world.customer, &[(TEAPOT, quantity)]);
            request.items[0].unit_price = Some(money("GBP", minor_units));
            let refusal = client.call(request).await.expect_err("out of range").refusal();
            assert_eq!(refusal.code, "validation_failed", "{minor_units} × {quantity} on {wire:?}");
        }
        let free = {
            let mut request = order(&world.customer, &[(TEAPOT, 1)]);
            request.items[0].unit_price = Some(money("GBP", 0));
            client.call(request).await.expect("a free order")
        };
        assert_eq!(free.json["payment_status"], "PAID", "there is nothing to pay");
    }
}
