//! Products: created and read on every wire, each SKU once in its tenant.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{TEAPOT, World, money, product};

on_both_engines! {
    a_product_is_created_and_read,
    a_sku_belongs_to_one_product,
    prices_that_cannot_stand_are_named,
    skus_compare_byte_for_byte,
}

async fn a_product_is_created_and_read(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let request = pb::CreateProductRequest {
            description: "Holds 1 ℓ.".to_owned(),
            metadata: [("shelf".to_owned(), "7".to_owned())].into(),
            ..product(&format!("KETTLE-{wire:?}"), &[("JPY", 4000), ("GBP", 2599)], 2000)
        };
        let created = world.client(wire).call(request.clone()).await.expect("a product");
        assert_eq!(created.status, if wire == Wire::Rest { 201 } else { 200 });
        assert_eq!(created.header("location"), format!("/v1/products/{}", created.id()));
        let read = world.client(wire).call(pb::GetProductRequest { product_id: created.id() }).await.expect("it");
        assert_eq!(read.json, created.json);
        assert_eq!(read.json["sku"], request.sku);
        assert_eq!(read.json["status"], "ACTIVE");
        assert_eq!(read.json["tax_rate_bps"], 2000);
        assert_eq!(read.json["track_inventory"], false);
        assert_eq!(read.json["metadata"], json!({"shelf": "7"}));
        let prices = [("JPY", "4000"), ("GBP", "2599")]
            .map(|(currency, amount)| json!({"currency_code": currency, "minor_units": amount}));
        assert_eq!(read.json["prices"], json!(prices), "in the order they were given");
    }
}

async fn a_sku_belongs_to_one_product(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let request = product(&format!("MUG-{wire:?}"), &[("GBP", 500)], 0);
        let first = client.call(request.clone()).await.expect("a product");
        let refusal = client.call(request).await.expect_err("a duplicate").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("duplicate_sku", Some("sku")));
        assert_eq!(refusal.metadata["existing_id"], first.id());
    }
}

async fn prices_that_cannot_stand_are_named(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let prices = vec![money("GBP", 1), money("EUR", -1), money("GBP", 2)];
        let request = pb::CreateProductRequest { prices, ..product("PLATE", &[], 0) };
        let refusal = world.client(wire).call(request).await.expect_err("two mistakes").refusal();
        assert_eq!(refusal.code, "validation_failed");
        let fields = refusal.fields();
        assert!(fields.iter().any(|field| field.starts_with("prices[1]")), "{fields:?}");
        assert!(fields.iter().any(|field| field.starts_with("prices[2]")), "{fields:?}");
        let request = pb::CreateProductRequest { prices: vec![money("XQX", 1)], ..product("PLATE", &[], 10_001) };
        let refusal = world.client(wire).call(request).await.expect_err("no such currency").refusal();
        assert_eq!(refusal.code, "validation_failed");
    }
}

async fn skus_compare_byte_for_byte(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    // One with a precomposed letter, one with a combining accent; one with a space behind.
    for sku in ["teapot", "TEAPOT ", "TÉAPOT", "TE\u{301}APOT", "téapot", "%", "_EAPOT"] {
        let created = client.call(product(sku, &[("GBP", 1)], 0)).await;
        assert_eq!(created.unwrap_or_else(|refused| panic!("{sku:?}: {refused:?}")).json["sku"], sku);
        let order = crate::support::world::order(&world.customer, &[(sku, 1), (TEAPOT, 1)]);
        let order = client.call(order).await.expect("an order").json;
        assert_eq!((&order["items"][0]["sku"], &order["items"][1]["sku"]), (&json!(sku), &json!(TEAPOT)));
    }
}
