//! Products: created, read and archived on every wire, each SKU once in its tenant.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{TEAPOT, World, money, order, product};

on_both_engines! {
    a_product_is_created_and_read,
    a_sku_belongs_to_one_product,
    a_product_can_be_tried_out,
    an_archived_product_is_not_ordered,
    prices_that_cannot_stand_are_named,
    skus_compare_byte_for_byte,
}

async fn a_product_is_created_and_read(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let request = pb::CreateProductRequest {
            description: "Holds 1 ℓ.".to_owned(),
            metadata: [("shelf".to_owned(), "7".to_owned())].into(),
            track_inventory: true,
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
        assert_eq!(read.json["track_inventory"], true);
        assert_eq!((read.json["description"].as_str(), read.header("etag")), (Some("Holds 1 ℓ."), "\"v1\""));
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

async fn a_product_can_be_tried_out(engine: Engine) {
    let world = World::new(engine).await;
    let before = world.database.traces().await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let request = pb::CreateProductRequest { validate_only: true, ..product("TRIED", &[("GBP", 1)], 0) };
        for _ in 0..2 {
            let tried = client.keyed("tried", request.clone()).await.expect("what would be");
            assert_eq!((tried.status, tried.header("location"), tried.id().as_str()), (200, "", ""));
            assert_eq!((tried.json["sku"].as_str(), tried.is_replay()), (Some("TRIED"), false));
        }
        let taken = pb::CreateProductRequest { sku: TEAPOT.to_owned(), ..request };
        assert_eq!(client.call(taken).await.expect_err("taken").refusal().code, "duplicate_sku");
    }
    assert_eq!(world.database.traces().await, before);
}

async fn an_archived_product_is_not_ordered(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, sku) = (world.client(wire), format!("OLD-{wire:?}"));
        let created = client.call(product(&sku, &[("GBP", 1)], 0)).await.expect("a product");
        let line = order(&world.customer, &[(TEAPOT, 1), (&sku, 1)]);
        let ordered = client.call(line.clone()).await.expect("an order").id();
        let archive = pb::ArchiveProductRequest { product_id: created.id(), ..Default::default() };
        let tried = pb::ArchiveProductRequest { validate_only: true, ..archive.clone() };
        assert_eq!(client.call(tried).await.expect("what would be").text("/status"), "ARCHIVED");
        let archived = client.call(archive.clone()).await.expect("archived");
        assert_eq!(
            (archived.status, archived.text("/status"), archived.text("/etag")),
            (200, "ARCHIVED".into(), "v2".into())
        );
        assert_eq!(archived.json["archive_time"], archived.json["update_time"]);
        let again = client.call(archive.clone()).await.expect("nothing to do");
        assert_eq!((&again.json, again.header("etag")), (&archived.json, "\"v2\""));
        let stale = pb::ArchiveProductRequest { etag: "v1".to_owned(), ..archive };
        assert_eq!(client.call(stale).await.expect_err("stale").refusal().code, "etag_mismatch");
        let refusal = client.call(line).await.expect_err("archived").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("product_archived", vec!["items[1].sku"]));
        let kept = client.call(pb::GetOrderRequest { order_id: ordered }).await.expect("the order");
        assert_eq!(kept.json["items"][1]["sku"], sku, "orders keep it");
        let events = world.database.told(&created.id()).await;
        assert_eq!(events, ["1 product.created", "2 product.archived"]);
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
        let lines = order(&world.customer, &[(sku, 1), (TEAPOT, 1)]);
        let order = client.call(lines).await.expect("an order").json;
        assert_eq!((&order["items"][0]["sku"], &order["items"][1]["sku"]), (&json!(sku), &json!(TEAPOT)));
    }
}
