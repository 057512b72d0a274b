//! What orders cost: discounts, tax modes, rounding, and the total a client expects.

use serde_json::json;
use tradepost::contract::pb;

use crate::order_moves::{draft, place};
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{SPOON, TEAPOT, World, money, order};

on_both_engines! {
    discounts_are_taken_off_and_prorated,
    bad_discounts_name_their_field,
    a_total_that_was_not_expected_changes_nothing,
    a_draft_is_priced_when_it_is_placed,
}

fn percent(bps: i32) -> Option<pb::Discount> {
    Some(pb::Discount { amount: None, percent_bps: Some(bps) })
}

fn amount(currency: &str, minor_units: i64) -> Option<pb::Discount> {
    Some(pb::Discount { amount: Some(money(currency, minor_units)), percent_bps: None })
}

async fn discounts_are_taken_off_and_prorated(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        // Two pots at 12.50 less 10 %, three spoons at 3.33; 1.00 off the whole, of which the pots carry 69 pence.
        let mut request = order(&world.customer, &[(TEAPOT, 2), (SPOON, 3)]);
        request.items[0].discount = percent(1000);
        request.discount = amount("GBP", 100);
        let created = world.client(wire).call(request).await.expect("an order");
        let units = |pointer: &str| created.text(&format!("{pointer}/minor_units")).parse::<i64>().expect("a number");
        assert_eq!((units("/subtotal"), units("/discount_total")), (3499, 350));
        assert_eq!((units("/items/0/discount"), units("/items/1/discount")), (250 + 69, 31));
        assert_eq!((units("/items/0/tax"), units("/items/1/tax")), (436, 48));
        assert_eq!((units("/items/0/total"), units("/items/1/total")), (2617, 1016));
        assert_eq!((units("/tax_total"), units("/total"), units("/amount_due")), (484, 3633, 3633));
        assert_eq!(created.json["discount"]["amount"], json!({"currency_code": "GBP", "minor_units": "100"}));
        let read = world.client(wire).call(pb::GetOrderRequest { order_id: created.id() }).await.expect("the order");
        assert_eq!(read.json, created.json);
    }
}

async fn bad_discounts_name_their_field(engine: Engine) {
    let world = World::new(engine).await;
    let both = Some(pb::Discount { amount: Some(money("GBP", 1)), percent_bps: Some(1) });
    let neither = Some(pb::Discount::default());
    for wire in Wire::ALL {
        for (line, whole, code, field) in [
            (amount("GBP", 1251), None, "validation_failed", "items[0].discount.amount"),
            (amount("GBP", -1), None, "validation_failed", "items[0].discount.amount.minor_units"),
            (None, amount("GBP", 1251), "validation_failed", "discount.amount"),
            (None, percent(10_001), "validation_failed", "discount.percent_bps"),
            (None, percent(-1), "validation_failed", "discount.percent_bps"),
            (None, both.clone(), "validation_failed", "discount"),
            (neither.clone(), None, "validation_failed", "items[0].discount"),
            (amount("EUR", 1), None, "currency_mismatch", "items[0].discount.amount.currency_code"),
            (None, amount("EUR", 1), "currency_mismatch", "discount.amount.currency_code"),
        ] {
            let mut request = world.order();
            request.items[0].discount = line;
            request.discount = whole;
            let refusal = world.client(wire).call(request.clone()).await.expect_err("a bad discount").refusal();
            assert_eq!((refusal.code.as_str(), refusal.fields()), (code, vec![field]), "{request:?}");
        }
    }
}

async fn a_total_that_was_not_expected_changes_nothing(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let expecting = |total| pb::CreateOrderRequest { expected_total: Some(total), ..world.order() };
        let refusal = client.call(expecting(money("GBP", 1499))).await.expect_err("another total").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("price_changed", Some("expected_total")));
        assert_eq!(refusal.metadata, json!({"total": "1500", "currency_code": "GBP"}));
        let refusal = client.call(expecting(money("EUR", 1500))).await.expect_err("another currency").refusal();
        let field = Some("expected_total.currency_code");
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("currency_mismatch", field));
        let request = pb::CreateOrderRequest { expected_total: Some(money("GBP", 1500)), ..world.order() };
        client.call(request).await.expect("as expected");
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM orders").await, 4);
}

async fn a_draft_is_priced_when_it_is_placed(engine: Engine) {
    let world = World::new(engine).await;
    for (step, wire) in (1..).zip(Wire::ALL) {
        let client = world.client(wire);
        let mut request = draft(&world);
        request
            .items
            .push(pb::create_order_request::Item { unit_price: Some(money("GBP", 5)), ..request.items[0].clone() });
        let drafted = client.call(request).await.expect("a draft");
        let dearer = format!(
            "UPDATE product_prices SET minor_units = 1250 + {step} WHERE currency_code = 'GBP' AND minor_units > 1000"
        );
        let connection = world.database.connect().await;
        sea_orm::ConnectionTrait::execute_unprepared(&connection, &dearer).await.expect("a new price");
        let expecting =
            |total| pb::PlaceOrderRequest { expected_total: Some(money("GBP", total)), ..place(&drafted.id()) };
        let before: i64 = drafted.text("/total/minor_units").parse().expect("a number");
        let refusal = client.call(expecting(before)).await.expect_err("it got dearer").refusal();
        let now: i64 = refusal.metadata["total"].as_str().expect("a text").parse().expect("a number");
        assert_eq!(refusal.code, "price_changed");
        let placed = client.call(expecting(now)).await.expect("placed");
        assert_eq!(placed.text("/items/0/unit_price/minor_units"), (1250 + step).to_string());
        assert_eq!(placed.text("/items/1/unit_price/minor_units"), "5", "a price of its own stays");
    }
}
