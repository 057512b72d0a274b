//! Products in numbers: pages, filters and views, and many at once.

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::access::sibling;
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{SPOON, TEAPOT, World, product};

on_both_engines! {
    products_are_listed_page_by_page,
    filters_filter,
    a_view_shows_less_or_all,
    products_are_read_in_the_order_asked_for,
    a_page_ends_before_it_is_too_large,
    other_tenants_products_stay_hidden,
}

/// What a list request finds, page by page.
async fn skus(client: &Client, mut request: pb::ListProductsRequest) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let page = client.call(request.clone()).await.expect("a page");
        found.extend(column(&page.json["products"], "sku"));
        request.page_token = page.text("/next_page_token");
        if request.page_token.is_empty() {
            return found;
        }
    }
}

fn column(rows: &Value, field: &str) -> Vec<String> {
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| row[field].as_str().expect("a text").to_owned()).collect()
}

fn time(product: &Answer) -> Option<prost_types::Timestamp> {
    product.text("/create_time").parse().ok()
}

fn all(order_by: &str) -> pb::ListProductsRequest {
    pb::ListProductsRequest { order_by: order_by.to_owned(), page_size: 2, ..Default::default() }
}

async fn products_are_listed_page_by_page(engine: Engine) {
    let world = World::new(engine).await;
    for sku in ["A", "B", "C"] {
        world.client(Wire::Grpc).call(product(sku, &[("GBP", 1), ("EUR", 2)], 0)).await.expect("a product");
    }
    for wire in Wire::ALL {
        let client = world.client(wire);
        assert_eq!(skus(&client, all("create_time")).await, [TEAPOT, SPOON, "A", "B", "C"]);
        for newest_first in ["", "create_time desc"] {
            assert_eq!(skus(&client, all(newest_first)).await, ["C", "B", "A", SPOON, TEAPOT]);
        }
        let page = client.call(all("")).await.expect("a page");
        assert_eq!(page.json["products"][0]["prices"].as_array().map(Vec::len), Some(2), "lists show prices");
        let other =
            pb::ListProductsRequest { page_token: page.text("/next_page_token"), sku: "A".to_owned(), ..all("") };
        assert_eq!(client.call(other).await.expect_err("another list").refusal().code, "invalid_page_token");
    }
}

async fn filters_filter(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let (old, new) = (staff.call(product("OLD", &[], 0)).await, staff.call(product("NEW", &[], 0)).await);
    let (old, new) = (old.expect("a product"), new.expect("a product"));
    let archive = pb::ArchiveProductRequest { product_id: old.id(), ..Default::default() };
    staff.call(archive).await.expect("archived");
    let (active, archived) = (pb::product::Status::Active.into(), pb::product::Status::Archived.into());
    let request = all("create_time");
    let none: [&str; 0] = [];
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (status, expected) in [
            (vec![active], &[TEAPOT, SPOON, "NEW"][..]),
            (vec![archived], &["OLD"]),
            (vec![archived, active], &[TEAPOT, SPOON, "OLD", "NEW"]),
        ] {
            assert_eq!(skus(&client, pb::ListProductsRequest { status, ..request.clone() }).await, expected);
        }
        for (sku, expected) in [(SPOON, &[SPOON][..]), ("spoon", &none), ("%", &none), ("OLD", &["OLD"])] {
            let request = pb::ListProductsRequest { sku: sku.to_owned(), ..request.clone() };
            assert_eq!(skus(&client, request).await, expected, "{sku}");
        }
        for (after, before, expected) in [
            (time(&old), None, &["NEW"][..]),
            (None, time(&old), &[TEAPOT, SPOON]),
            (time(&old), time(&new), &none),
            (None, time(&new), &[TEAPOT, SPOON, "OLD"]),
        ] {
            let request =
                pb::ListProductsRequest { create_time_after: after, create_time_before: before, ..request.clone() };
            assert_eq!(skus(&client, request).await, expected, "{after:?} {before:?}");
        }
        let both = pb::ListProductsRequest {
            status: vec![archived],
            sku: "OLD".to_owned(),
            create_time_before: time(&new),
            ..request.clone()
        };
        assert_eq!(skus(&client, both).await, ["OLD"]);
    }
    let timeless = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: -1 });
    let request = pb::ListProductsRequest { create_time_after: timeless, ..request };
    let refusal = staff.call(request).await.expect_err("no time").refusal();
    assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["create_time_after"]));
    let target = "/v1/products?create_time_before=yesterday";
    let refusal = crate::support::refusal::from_rest(&world.rest("GET", target, &[], b"").await);
    assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["create_time_before"]));
}

async fn a_view_shows_less_or_all(engine: Engine) {
    let world = World::new(engine).await;
    let request = pb::CreateProductRequest {
        description: "Blue.".to_owned(),
        metadata: [("shelf".to_owned(), "7".to_owned())].into(),
        ..product("BLUE", &[("GBP", 1)], 0)
    };
    let created = world.client(Wire::Grpc).call(request).await.expect("a product");
    let mut basic = created.json.clone();
    basic["metadata"] = json!({});
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (view, expected) in
            [(pb::View::Unspecified, &basic), (pb::View::Basic, &basic), (pb::View::Full, &created.json)]
        {
            let request = pb::ListProductsRequest { sku: "BLUE".to_owned(), view: view.into(), ..Default::default() };
            let listed = client.call(request).await.expect("a page");
            assert_eq!(&listed.json["products"][0], expected, "{view:?}");
            let request = pb::BatchGetProductsRequest { product_ids: vec![created.id()], view: view.into() };
            let read = client.call(request).await.expect("the product");
            assert_eq!(&read.json["products"][0], expected, "{view:?}");
        }
    }
    let data = world.database.texts("SELECT CAST(data AS TEXT) FROM events WHERE type = 'product.created'").await;
    let told = data.iter().find(|data| data.contains("BLUE")).expect("an event");
    assert_eq!(serde_json::from_str::<Value>(told).expect("JSON"), basic, "events show what lists do");
}

async fn products_are_read_in_the_order_asked_for(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let mut ids = Vec::new();
    for place in 0..3_i64 {
        let created = staff.call(product(&format!("P-{place}"), &[("GBP", place), ("EUR", 9)], 0)).await;
        ids.push(created.expect("a product").id());
    }
    let wanted = [2, 0, 1, 0].map(|place: usize| ids[place].clone());
    for wire in Wire::ALL {
        let client = world.client(wire);
        let get = |ids: &[String]| pb::BatchGetProductsRequest { product_ids: ids.to_vec(), ..Default::default() };
        let read = client.call(get(&wanted)).await.expect("the products");
        assert_eq!(column(&read.json["products"], "id"), wanted);
        assert_eq!(read.json["products"][0]["prices"][0]["minor_units"], "2");
        assert_eq!(read.json["products"][1], read.json["products"][3]);
        let missing = [ids[0].clone(), sibling(&ids[0]), "prd_nonsense".to_owned()];
        let refusal = client.call(get(&missing[..2])).await.expect_err("one is missing").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("product_not_found", vec!["product_ids[1]"]));
        let refusal = client.call(get(&missing)).await.expect_err("no id").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["product_ids[2]"]));
        for count in [0, 101] {
            let refusal = client.call(get(&vec![ids[0].clone(); count])).await.expect_err("1 to 100").refusal();
            assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["product_ids"]));
        }
        let most = client.call(get(&vec![ids[0].clone(); 100])).await.expect("100 times the same");
        assert_eq!(most.json["products"].as_array().map(Vec::len), Some(100));
    }
}

/// 50 values of 500 characters that JSON and UTF-8 blow up.
async fn a_page_ends_before_it_is_too_large(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    for place in 0..70 {
        let metadata = (0..50).map(|key| (format!("{key}"), "🫖".repeat(500))).collect();
        let request = pb::CreateProductRequest { metadata, ..product(&format!("{place}"), &[], 0) };
        staff.call(request).await.expect("a product");
    }
    for wire in [Wire::Grpc, Wire::Rest] {
        let client = world.client(wire);
        let request = pb::ListProductsRequest { page_size: 100, view: pb::View::Full.into(), ..Default::default() };
        let page = client.call(request.clone()).await.expect("a page");
        let count = page.json["products"].as_array().map_or(0, Vec::len);
        assert!((1..70).contains(&count), "{count}");
        assert_eq!(skus(&client, request).await.len(), 72, "the others follow");
    }
}

async fn other_tenants_products_stay_hidden(engine: Engine) {
    let world = World::new(engine).await;
    let tenant = pb::CreateTenantRequest { name: "Other".to_owned(), ..Default::default() };
    let stranger = world.client(Wire::Rest).call(tenant).await.expect("a tenant").text("/admin_key");
    let ours = world.client(Wire::Grpc).call(product("OURS", &[("GBP", 1)], 0)).await.expect("a product").id();
    for wire in Wire::ALL {
        let client = world.client(wire).with_key(&stranger);
        assert!(skus(&client, all("")).await.is_empty());
        let product_id = ours.clone();
        let codes = [
            client.call(pb::GetProductRequest { product_id: ours.clone() }).await,
            client.call(pb::BatchGetProductsRequest { product_ids: vec![ours.clone()], ..Default::default() }).await,
            client.call(pb::UpdateProductRequest { product_id: ours.clone(), ..Default::default() }).await,
            client.call(pb::ArchiveProductRequest { product_id, ..Default::default() }).await,
        ]
        .map(|called| called.expect_err("hidden").refusal().code);
        assert_eq!(codes, ["product_not_found"; 4]);
    }
}
