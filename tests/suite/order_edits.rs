//! Editing orders: patches and their masks, replacing a draft, and who may change what in which state.

use serde_json::json;
use tradepost::contract::pb;

use crate::order_moves::{cancel, confirm, draft, place};
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, SPOON, TEAPOT, World, money, order};

on_both_engines! {
    a_patch_changes_what_it_names,
    masks_are_exact,
    an_edit_that_changes_nothing_is_none,
    each_state_has_its_fields,
    kept_lines_keep_id_and_price,
    a_draft_is_written_anew,
    an_update_replays_on_every_wire,
    edits_meet_and_none_is_lost,
    partners_edit_what_is_theirs,
    a_chosen_price_does_not_grow,
    a_given_discount_stays_with_partners,
    erasing_and_editing_meet,
    addresses_stay_with_their_customer,
}

pub(crate) fn patch(order_id: &str, order: pb::OrderPatch) -> pb::UpdateOrderRequest {
    pb::UpdateOrderRequest { order_id: order_id.to_owned(), order: Some(order), ..Default::default() }
}

fn masked(request: pb::UpdateOrderRequest, paths: &[&str]) -> pb::UpdateOrderRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    pb::UpdateOrderRequest { update_mask: Some(prost_types::FieldMask { paths }), ..request }
}

fn note(text: &str) -> pb::OrderPatch {
    pb::OrderPatch { note: Some(text.to_owned()), ..Default::default() }
}

pub(crate) fn line(sku: &str, quantity: i32) -> pb::create_order_request::Item {
    pb::create_order_request::Item { sku: sku.to_owned(), quantity, ..Default::default() }
}

async fn a_patch_changes_what_it_names(engine: Engine) {
    let world = World::new(engine).await;
    let address = pb::Address { line1: "1 High St".into(), city: "London".into(), ..Default::default() };
    for wire in Wire::ALL {
        let client = world.client(wire);
        let request = pb::CreateOrderRequest {
            shipping_address: Some(address.clone()),
            metadata: [("a".to_owned(), "1".to_owned())].into(),
            note: "first".to_owned(),
            ..draft(&world)
        };
        let before = client.call(request).await.expect("a draft");
        let id = before.id();
        let moved = pb::OrderPatch {
            shipping_address: Some(pb::Address { city: "Leeds".into(), ..Default::default() }),
            metadata: [("b".to_owned(), "2".to_owned())].into(),
            ..Default::default()
        };
        let after = client.call(patch(&id, moved)).await.expect("an edit");
        assert_eq!((after.text("/etag"), after.text("/note")), ("v2".to_owned(), "first".to_owned()));
        assert_eq!(after.text("/shipping_address/city"), "Leeds");
        assert_eq!(after.text("/shipping_address/line1"), "1 High St", "parts change by themselves");
        assert_eq!(after.json["metadata"], json!({"b": "2"}), "maps are replaced whole");
        let lines = pb::OrderPatch { items: vec![line(SPOON, 3), line(TEAPOT, 1)], ..Default::default() };
        let after = client.call(patch(&id, lines)).await.expect("an edit");
        assert_eq!(after.text("/total/minor_units"), "2549");
        assert_eq!(after.json["items"][1]["id"], before.json["items"][0]["id"], "the teapot keeps its id");
        let cleared = masked(patch(&id, pb::OrderPatch::default()), &["note", "shipping_address", "metadata"]);
        let after = client.call(cleared).await.expect("an edit");
        assert_eq!((after.text("/note"), &after.json["metadata"]), (String::new(), &json!({})));
        assert!(after.json.get("shipping_address").is_none_or(serde_json::Value::is_null));
    }
    let id = world.client(Wire::Rest).call(draft(&world)).await.expect("a draft").id();
    world.client(Wire::Rest).call(patch(&id, note("x"))).await.expect("an edit");
    let target = format!("/v1/orders/{id}");
    let json_type = [("content-type", "application/json")];
    let answer = world.rest("PATCH", &target, &json_type, br#"{"note":null,"metadata":{"k":"v"}}"#).await.json();
    assert_eq!((&answer["note"], &answer["metadata"], &answer["etag"]), (&json!(""), &json!({"k": "v"}), &json!("v3")));
}

async fn masks_are_exact(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(draft(&world)).await.expect("a draft").id();
        for (request, field) in [
            (masked(patch(&id, note("x")), &["metadata"]), "order.note"),
            (masked(patch(&id, note("x")), &["note", "total"]), "update_mask"),
            (masked(patch(&id, pb::OrderPatch::default()), &["customer_id"]), "order.customer_id"),
            (masked(patch(&id, pb::OrderPatch::default()), &["items"]), "order.items"),
            (masked(patch(&id, note("x")), &["*"]), "order.items"),
        ] {
            let refusal = client.call(request.clone()).await.expect_err("not exact").refusal();
            assert_eq!(refusal.code, "validation_failed", "{request:?}");
            assert!(refusal.fields().contains(&field), "{field} in {refusal:?}");
        }
        assert_eq!(client.call(masked(patch(&id, note("x")), &["note"])).await.expect("exact").text("/etag"), "v2");
    }
}

async fn an_edit_that_changes_nothing_is_none(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let before = client.call(draft(&world)).await.expect("a draft");
        let same = pb::OrderPatch { items: vec![line(TEAPOT, 1)], ..note("") };
        for nothing in [patch(&before.id(), pb::OrderPatch::default()), patch(&before.id(), same)] {
            assert_eq!(client.call(nothing).await.expect("nothing").json, before.json);
        }
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM events WHERE type = 'order.updated'").await, 0);
}

async fn each_state_has_its_fields(engine: Engine) {
    let world = World::new(engine).await;
    let items = || pb::OrderPatch { items: vec![line(SPOON, 2)], ..Default::default() };
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(draft(&world)).await.expect("a draft").id();
        let reference =
            |text: &str| pb::OrderPatch { reference: Some(format!("{text}-{wire:?}")), ..Default::default() };
        client.call(patch(&id, reference("one"))).await.expect("drafts change in every way");
        client.call(place(&id)).await.expect("placed");
        let refusal = client.call(patch(&id, reference("two"))).await.expect_err("too late").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("illegal_transition", Some("order.reference")));
        assert_eq!(
            refusal.metadata,
            json!({"from": "PLACED", "action": "update", "allowed": "confirm,hold,cancel,update"})
        );
        let edited = client.call(patch(&id, items())).await.expect("placed orders change their lines");
        assert_eq!(edited.text("/total/minor_units"), "699");
        client.call(confirm(&id)).await.expect("confirmed");
        for (state, fixed) in
            [("CONFIRMED", items()), ("CANCELED", pb::OrderPatch { discount: discount(1), ..note("x") })]
        {
            let refusal = client.call(patch(&id, fixed)).await.expect_err("fixed").refusal();
            assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!(state)));
            client.call(patch(&id, note(state))).await.expect("notes always change");
            client.call(cancel(&id)).await.expect("canceled");
        }
    }
}

fn discount(percent_bps: i32) -> Option<pb::Discount> {
    Some(pb::Discount { amount: None, percent_bps: Some(percent_bps) })
}

async fn kept_lines_keep_id_and_price(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let own = pb::create_order_request::Item { unit_price: Some(money("GBP", 5)), ..line(TEAPOT, 1) };
        let request = pb::CreateOrderRequest { items: vec![line(SPOON, 1), own], ..world.order() };
        let before = client.call(request).await.expect("an order").json;
        let wishes = pb::OrderPatch { items: vec![line(TEAPOT, 4), line(TEAPOT, 1)], ..Default::default() };
        let after = client.call(patch(before["id"].as_str().expect("an id"), wishes)).await.expect("an edit").json;
        assert_eq!(after["items"][0]["id"], before["items"][1]["id"]);
        assert_eq!(after["items"][0]["unit_price"]["minor_units"], "5", "at the price it was placed with");
        assert_eq!(after["items"][1]["unit_price"]["minor_units"], "1250", "a new line, at the price of the day");
        assert_eq!(after["total"]["minor_units"], "1524");
    }
}

async fn a_draft_is_written_anew(engine: Engine) {
    let world = World::new(engine).await;
    let other = world::customer(&world.client(Wire::Grpc), "Grace").await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let request = pb::CreateOrderRequest { note: "old".to_owned(), discount: discount(500), ..draft(&world) };
        let before = client.call(request).await.expect("a draft");
        let anew = pb::ReplaceOrderRequest {
            order_id: before.id(),
            customer_id: other.clone(),
            currency_code: "EUR".to_owned(),
            items: vec![line(TEAPOT, 2)],
            expected_total: Some(money("EUR", 3600)),
            ..Default::default()
        };
        let wrong = pb::ReplaceOrderRequest { expected_total: Some(money("EUR", 3599)), ..anew.clone() };
        let refusal = client.call(wrong).await.expect_err("another price").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["total"]), ("price_changed", &json!("3600")));
        let after = client.call(anew.clone()).await.expect("anew");
        assert_eq!((after.text("/customer_id"), after.text("/note")), (other.clone(), String::new()));
        assert_eq!(after.json["total"], json!({"currency_code": "EUR", "minor_units": "3600"}));
        assert!(after.json.get("discount").is_none_or(serde_json::Value::is_null));
        assert_eq!(after.text("/create_time"), before.text("/create_time"));
        client.call(place(&before.id())).await.expect("placed");
        let refusal = client.call(anew).await.expect_err("no draft").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["action"]), ("illegal_transition", &json!("replace")));
    }
}

async fn an_update_replays_on_every_wire(engine: Engine) {
    let world = World::new(engine).await;
    for (place, first) in Wire::ALL.into_iter().enumerate() {
        let id = world.client(first).call(draft(&world)).await.expect("a draft").id();
        let address = pb::Address { city: "Leeds".into(), ..Default::default() };
        let change = pb::OrderPatch { shipping_address: Some(address), ..note("x") };
        let key = format!("edit-{place}");
        let (client, headers) = (world.client(first), [("idempotency-key", key.as_str()), ("if-match", "\"v1\"")]);
        let answer = client.call_with(&headers, patch(&id, change.clone())).await.expect("an edit");
        for wire in Wire::ALL {
            let in_the_field = pb::UpdateOrderRequest { etag: "v1".to_owned(), ..patch(&id, change.clone()) };
            let in_the_mask = masked(in_the_field.clone(), &["note", "shipping_address.city"]);
            for request in [in_the_field, in_the_mask] {
                let again = world.client(wire).keyed(&key, request).await.expect("a replay");
                assert!(again.is_replay(), "{first:?} then {wire:?}");
                assert_eq!((&again.json, again.header("etag")), (&answer.json, "\"v2\""));
            }
            let refusal =
                world.client(wire).keyed(&key, patch(&id, change.clone())).await.expect_err("no etag").refusal();
            assert_eq!(refusal.code, "idempotency_key_reused");
        }
    }
}

async fn edits_meet_and_none_is_lost(engine: Engine) {
    let world = World::new(engine).await;
    let id = world.client(Wire::Grpc).call(world.order()).await.expect("an order").id();
    let edits = (0..16).map(|place| {
        let client = world.client(if place % 2 == 0 { Wire::Grpc } else { Wire::Rest });
        let lines = pb::OrderPatch { items: vec![line(TEAPOT, 1), line(SPOON, place + 1)], ..Default::default() };
        let change = if place % 4 == 0 { note(&place.to_string()) } else { lines };
        let id = id.clone();
        tokio::spawn(async move { client.call(patch(&id, change)).await })
    });
    for edit in edits.collect::<Vec<_>>() {
        edit.await.expect("a task").expect("an edit");
    }
    let read = world.client(Wire::Rest).call(pb::GetOrderRequest { order_id: id }).await.expect("the order");
    assert_eq!(read.text("/etag"), "v17", "every one of them counts");
    let spoons = read.json["items"][1]["quantity"].as_i64().expect("a number");
    let line_total =
        read.json["items"][1]["total"]["minor_units"].as_str().expect("a text").parse::<i64>().expect("a number");
    assert_eq!(read.text("/total/minor_units"), (1500 + line_total).to_string(), "{spoons} spoons");
}

async fn partners_edit_what_is_theirs(engine: Engine) {
    let world = World::new(engine).await;
    let other = world::customer(&world.client(Wire::Grpc), "Grace").await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in Wire::ALL {
        let (staff, client) = (world.client(wire), world.client(wire).with_key(&partner));
        let own = client.call(draft(&world)).await.expect("a draft").id();
        let foreign = staff.call(pb::CreateOrderRequest { draft: true, ..order(&other, &[(TEAPOT, 1)]) }).await;
        let foreign = foreign.expect("a draft").id();
        client.call(patch(&own, note("mine"))).await.expect("an edit");
        assert_eq!(
            client.call(patch(&foreign, note("x"))).await.expect_err("hidden").refusal().code,
            "order_not_found"
        );
        assert_eq!(client.call(place(&foreign)).await.expect_err("hidden").refusal().code, "order_not_found");
        let given = pb::OrderPatch { customer_id: Some(other.clone()), ..Default::default() };
        let refusal = client.call(patch(&own, given)).await.expect_err("not its customer").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("customer_not_found", Some("order.customer_id"))
        );
        let cheap = pb::create_order_request::Item { discount: discount(5000), ..line(TEAPOT, 1) };
        for (change, permission, field) in [
            (pb::OrderPatch { discount: discount(5000), ..Default::default() }, "orders.discount", "order.discount"),
            (pb::OrderPatch { items: vec![cheap], ..Default::default() }, "orders.discount", "order.items[0].discount"),
        ] {
            let refusal = client.call(patch(&own, change)).await.expect_err("not a partner's").refusal();
            assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("permission_denied", Some(field)));
            assert_eq!(refusal.metadata["permission"], permission);
        }
    }
}

async fn a_chosen_price_does_not_grow(engine: Engine) {
    let world = World::new(engine).await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in Wire::ALL {
        let (staff, client) = (world.client(wire), world.client(wire).with_key(&partner));
        let gift = pb::create_order_request::Item { unit_price: Some(money("GBP", 1)), ..line(TEAPOT, 1) };
        let request = pb::CreateOrderRequest { items: vec![gift, line(TEAPOT, 100)], ..world.order() };
        let id = staff.call(request).await.expect("an order").id();
        let merged = || pb::OrderPatch { items: vec![line(TEAPOT, 101)], ..Default::default() };
        let refusal = client.call(patch(&id, merged())).await.expect_err("101 gifts").refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.field.as_deref()),
            ("permission_denied", Some("order.items[0].quantity"))
        );
        assert_eq!(refusal.metadata["permission"], "orders.override_price");
        let fewer = pb::OrderPatch { items: vec![line(TEAPOT, 1), line(TEAPOT, 200)], ..Default::default() };
        let edited = client.call(patch(&id, fewer)).await.expect("more at the price of the catalog");
        assert_eq!(edited.text("/subtotal/minor_units"), "250001");
        let grown = staff.call(patch(&id, merged())).await.expect("staff may choose prices");
        assert_eq!(grown.text("/subtotal/minor_units"), "101");
    }
}

async fn a_given_discount_stays_with_partners(engine: Engine) {
    let world = World::new(engine).await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in Wire::ALL {
        let (staff, client) = (world.client(wire), world.client(wire).with_key(&partner));
        for is_draft in [true, false] {
            let half = pb::create_order_request::Item { discount: discount(5000), ..line(TEAPOT, 2) };
            let request = pb::CreateOrderRequest { items: vec![half], discount: discount(1000), ..world.order() };
            let created = staff.call(pb::CreateOrderRequest { draft: is_draft, ..request }).await.expect("an order");
            assert_eq!(created.json["items"][0]["line_discount"], serde_json::json!({"percent_bps": 5000}));
            assert_eq!(created.json["items"][0]["tax_rate_bps"], 2000);
            let items = |quantity| pb::OrderPatch { items: vec![line(TEAPOT, quantity)], ..Default::default() };
            let fewer = client.call(patch(&created.id(), items(1))).await.expect("fewer");
            // Half of 12.50, less 10 %, and 20 % tax: 5.625 is rounded up once, on the discount of the order.
            assert_eq!(fewer.text("/total/minor_units"), "674", "{wire:?} {is_draft}");
            let refusal = client.call(patch(&created.id(), items(2))).await.expect_err("more").refusal();
            assert_eq!(
                (refusal.code.as_str(), refusal.field.as_deref()),
                ("permission_denied", Some("order.items[0].quantity"))
            );
            let cleared = masked(patch(&created.id(), pb::OrderPatch::default()), &["discount"]);
            let refusal = client.call(cleared.clone()).await.expect_err("not a partner's").refusal();
            assert_eq!(
                (refusal.code.as_str(), refusal.field.as_deref()),
                ("permission_denied", Some("order.discount"))
            );
            staff.call(cleared).await.expect("staff may");
            let replaced = staff.call(patch(&created.id(), items(1))).await.expect("staff give the list anew");
            assert_eq!(replaced.text("/total/minor_units"), "1500", "without a discount");
        }
    }
}

async fn erasing_and_editing_meet(engine: Engine) {
    let world = World::new(engine).await;
    for _ in 0..4 {
        let customer = world::customer(&world.client(Wire::Grpc), "Grace").await;
        let mut orders = Vec::new();
        for _ in 0..6 {
            orders.push(world.client(Wire::Grpc).call(order(&customer, &[(TEAPOT, 1)])).await.expect("an order").id());
        }
        let edits = orders.iter().enumerate().map(|(place, id)| {
            let client = world.client(if place % 2 == 0 { Wire::Grpc } else { Wire::Rest });
            let address = pb::Address { city: "Leeds".into(), ..Default::default() };
            let change = pb::OrderPatch { shipping_address: Some(address), ..Default::default() };
            let request = patch(id, change);
            let key = format!("address-{id}");
            tokio::spawn(async move { client.keyed(&key, request).await })
        });
        let edits: Vec<_> = edits.collect();
        let erase = pb::EraseCustomerRequest { customer_id: customer, ..Default::default() };
        world.client(Wire::Rest).call(erase).await.expect("erased");
        for edit in edits {
            if let Err(failed) = edit.await.expect("a task") {
                let code = failed.refusal().code;
                assert!(code == "customer_erased", "{code}");
            }
        }
    }
    let left = "SELECT COUNT(*) FROM orders WHERE shipping_address IS NOT NULL";
    assert_eq!(world.database.count(left).await, 0, "no address came back");
}

async fn addresses_stay_with_their_customer(engine: Engine) {
    let world = World::new(engine).await;
    let other = world::customer(&world.client(Wire::Grpc), "Grace").await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let address = pb::Address { city: "London".into(), ..Default::default() };
        let request = pb::CreateOrderRequest { shipping_address: Some(address), ..draft(&world) };
        let id = client.call(request).await.expect("a draft").id();
        let given = pb::OrderPatch { customer_id: Some(other.clone()), ..Default::default() };
        let after = client.call(patch(&id, given)).await.expect("an edit");
        assert!(after.json.get("shipping_address").is_none_or(serde_json::Value::is_null));
        let part = pb::OrderPatch { discount: discount(100), ..Default::default() };
        client.call(patch(&id, part)).await.expect("a discount");
        let nothing = masked(patch(&id, pb::OrderPatch::default()), &["discount.amount"]);
        let refusal = client.call(nothing).await.expect_err("a part of one value").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["update_mask"]));
    }
}
