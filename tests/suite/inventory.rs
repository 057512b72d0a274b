//! Locations and stock: counted, adjusted, moved and listed on every wire, with a ledger of it all.

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::support::cases::inventory::{adjust, location, reserve};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Refusal;
use crate::support::world::{SPOON, World, order, product};

on_both_engines! {
    every_tenant_starts_with_a_location,
    a_location_is_created_and_changed,
    stock_is_adjusted_by_a_delta,
    a_count_compares_and_sets,
    stock_moves_between_locations,
    what_cannot_be_counted_is_refused,
    levels_are_listed_by_what_is_asked,
    partners_learn_whether_there_is_any,
    movements_are_listed_by_what_is_asked,
    counting_goes_on_while_units_are_open,
}

const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

/// A product whose stock is counted, and so many units of it.
pub(crate) async fn stocked(client: &Client, sku: &str, units: i64) -> String {
    let counted = pb::CreateProductRequest { track_inventory: true, ..product(sku, &[("GBP", 100)], 0) };
    let id = client.call(counted).await.expect("a product").id();
    client.keyed(&format!("stock-of-{sku}"), adjust(sku, units)).await.expect("stock");
    id
}

/// On hand, reserved and available of a product at the default location.
pub(crate) async fn numbers(client: &Client, sku: &str) -> [i64; 3] {
    let list = pb::ListStockLevelsRequest { sku: sku.to_owned(), ..Default::default() };
    let levels = client.call(list).await.expect("levels").json["stock_levels"].clone();
    assert_eq!(levels.as_array().map(Vec::len), Some(1), "{levels}");
    numbers_of(&levels[0])
}

fn numbers_of(level: &Value) -> [i64; 3] {
    ["on_hand", "reserved", "available"].map(|name| level[name].as_str().expect("a number").parse().expect("a number"))
}

async fn refused<Q: crate::support::rpc::Rpc>(client: &Client, key: &str, request: Q) -> Refusal {
    client.keyed(key, request).await.expect_err("a refusal").refusal()
}

fn fields(refusal: &Refusal) -> (&str, Vec<&str>) {
    (refusal.code.as_str(), refusal.fields())
}

async fn default_location(client: &Client) -> Answer {
    let list = pb::ListLocationsRequest { code: "default".to_owned(), ..Default::default() };
    client.call(list).await.expect("locations")
}

async fn every_tenant_starts_with_a_location(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        for client in [world.client(wire), world.stranger(wire).await] {
            let all = client.call(pb::ListLocationsRequest::default()).await.expect("locations").json;
            assert_eq!(all["locations"].as_array().map(Vec::len), Some(1), "{all}");
            let id = all["locations"][0]["id"].as_str().expect("an id").to_owned();
            let read = client.call(pb::GetLocationRequest { location_id: id.clone() }).await.expect("it");
            assert_eq!((read.json["code"].as_str(), read.json["name"].as_str()), (Some("default"), Some("Default")));
            let code = Some(pb::LocationPatch { code: Some("other".to_owned()), ..Default::default() });
            let request = pb::UpdateLocationRequest { location_id: id, location: code, ..Default::default() };
            let refusal = client.call(request).await.expect_err("it stays").refusal();
            assert_eq!(fields(&refusal), ("validation_failed", vec!["location.code"]));
        }
    }
}

async fn a_location_is_created_and_changed(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let code = format!("north-{wire:?}");
        let metadata = [("dock".to_owned(), "7".to_owned())].into();
        let request = pb::CreateLocationRequest { metadata, ..location(&code) };
        let created = client.call(request.clone()).await.expect("a location");
        assert_eq!(created.header("location"), format!("/v1/locations/{}", created.id()));
        assert_eq!(created.json["metadata"], json!({"dock": "7"}));
        let refusal = client.call(request).await.expect_err("taken").refusal();
        assert_eq!(fields(&refusal), ("duplicate_code", vec!["code"]));
        assert_eq!(refusal.metadata["existing_id"], created.id());
        let update = |patch| pb::UpdateLocationRequest {
            location_id: created.id(),
            location: Some(patch),
            ..Default::default()
        };
        let named = pb::LocationPatch { name: Some("North".to_owned()), ..Default::default() };
        let updated = client.call(update(named.clone())).await.expect("changed");
        assert_eq!((updated.text("/name"), updated.text("/etag")), ("North".to_owned(), "v2".to_owned()));
        assert_eq!(client.call(update(named)).await.expect("nothing to do").text("/etag"), "v2");
        let taken = pb::LocationPatch { code: Some("default".to_owned()), ..Default::default() };
        let refusal = client.call(update(taken)).await.expect_err("taken").refusal();
        assert_eq!(fields(&refusal), ("duplicate_code", vec!["location.code"]));
        let events = world.database.told(&created.id()).await;
        assert_eq!(events, ["1 location.created", "2 location.updated"]);
    }
}

async fn stock_is_adjusted_by_a_delta(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, sku) = (world.client(wire), format!("KETTLE-{wire:?}"));
        let id = stocked(&client, &sku, 10).await;
        let request = pb::AdjustStockRequest { reason: "found behind the shelf".to_owned(), ..adjust(&sku, 5) };
        let adjusted = client.keyed(&format!("{wire:?}"), request.clone()).await.expect("adjusted");
        assert_eq!((adjusted.text("/sku"), adjusted.text("/product_id")), (sku.clone(), id.clone()));
        assert_eq!((numbers_of(&adjusted.json), &adjusted.json["in_stock"]), ([15, 0, 15], &json!(true)));
        let again = client.keyed(&format!("{wire:?}"), request).await.expect("the same");
        assert_eq!((again.is_replay(), &again.json), (true, &adjusted.json));
        let refusal = refused(&client, &format!("less-{wire:?}"), adjust(&sku, -16)).await;
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["delta"]));
        assert_eq!(refusal.metadata, json!({"sku": sku, "available": "15"}));
        let none = client.keyed(&format!("none-{wire:?}"), adjust(&sku, -15)).await.expect("all of it");
        assert_eq!((numbers_of(&none.json), &none.json["in_stock"]), ([0, 0, 0], &json!(false)));
        let nothing = client.keyed(&format!("nothing-{wire:?}"), adjust(&sku, 0)).await.expect("nothing");
        assert_eq!(nothing.json, none.json);
        let bare = client.call(adjust(&sku, 1)).await.expect_err("no key").refusal();
        assert_eq!(bare.code, "idempotency_key_required");
        let movements = pb::ListStockMovementsRequest { sku, ..Default::default() };
        let movements = client
            .all("stock_movements", |page_token| pb::ListStockMovementsRequest { page_token, ..movements.clone() })
            .await;
        let shown: Vec<_> =
            movements.iter().map(|one| (one["on_hand_change"].clone(), one["reason"].clone())).collect();
        assert_eq!(json!(shown), json!([["-15", ""], ["5", "found behind the shelf"], ["10", ""]]));
        assert!(
            movements.iter().all(|one| one["type"] == "ADJUSTED" && one["reserved_change"] == "0"),
            "{movements:?}"
        );
        let told = world.database.told(movements[1]["id"].as_str().expect("an id")).await;
        assert_eq!(told, ["1 stock.adjusted"]);
    }
}

async fn a_count_compares_and_sets(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("CUP-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let count = |counted, expected| pb::AdjustStockRequest {
            sku: sku.clone(),
            counted: Some(counted),
            expected_on_hand: expected,
            ..Default::default()
        };
        let set = client.keyed(&format!("set-{wire:?}"), count(8, Some(10))).await.expect("counted");
        assert_eq!(numbers_of(&set.json), [8, 0, 8]);
        let refusal = refused(&client, &format!("late-{wire:?}"), count(9, Some(10))).await;
        assert_eq!(fields(&refusal), ("stock_changed", vec!["expected_on_hand"]));
        assert_eq!(refusal.metadata["on_hand"], "8");
        client.keyed(&format!("held-{wire:?}"), reserve(&[(&sku, 5)])).await.expect("held");
        let refusal = refused(&client, &format!("few-{wire:?}"), count(4, Some(8))).await;
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["counted"]));
        for wrong in [
            count(1, None),
            pb::AdjustStockRequest { delta: Some(1), ..count(1, Some(1)) },
            pb::AdjustStockRequest { counted: None, ..count(1, Some(1)) },
            pb::AdjustStockRequest { counted: None, delta: Some(1), ..count(1, Some(1)) },
            count(-1, Some(1)),
            count(1 << 53, Some(1)),
        ] {
            let refusal = refused(&client, "wrong", wrong.clone()).await;
            assert_eq!(refusal.code, "validation_failed", "{wrong:?}");
        }
        let first = format!("NEW-{wire:?}");
        let new = pb::CreateProductRequest { track_inventory: true, ..product(&first, &[], 0) };
        client.call(new).await.expect("a product");
        let request = pb::AdjustStockRequest { sku: first.clone(), ..count(3, Some(0)) };
        let set = client.keyed(&format!("first-{wire:?}"), request).await.expect("counted");
        assert_eq!(numbers_of(&set.json), [3, 0, 3]);
    }
}

async fn stock_moves_between_locations(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("PAN-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let north = client.call(location(&sku)).await.expect("a location").id();
        let home = default_location(&client).await.text("/locations/0/id");
        let transfer = |quantity| pb::TransferStockRequest {
            sku: sku.clone(),
            to_location_id: north.clone(),
            quantity,
            ..Default::default()
        };
        let moved = client.keyed(&format!("move-{wire:?}"), transfer(4)).await.expect("moved");
        assert_eq!((numbers_of(&moved.json["from"]), numbers_of(&moved.json["to"])), ([6, 0, 6], [4, 0, 4]));
        assert_eq!((moved.text("/from/location_id"), moved.text("/to/location_id")), (home.clone(), north.clone()));
        let refusal = refused(&client, &format!("many-{wire:?}"), transfer(7)).await;
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["quantity"]));
        let here = pb::TransferStockRequest { to_location_id: home.clone(), ..transfer(1) };
        assert_eq!(fields(&refused(&client, "here", here).await), ("validation_failed", vec!["to_location_id"]));
        let back = pb::TransferStockRequest { from_location_id: north.clone(), to_location_id: home, ..transfer(4) };
        let moved = client.keyed(&format!("back-{wire:?}"), back).await.expect("moved");
        assert_eq!((numbers_of(&moved.json["from"]), numbers_of(&moved.json["to"])), ([0, 0, 0], [10, 0, 10]));
        let told = format!("SELECT count(*) FROM events WHERE type = 'stock.transferred' AND data->>'sku' = '{sku}'");
        assert_eq!(world.database.count(&told).await, 4, "two of each transfer");
    }
}

async fn what_cannot_be_counted_is_refused(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("JAR-{wire:?}"));
        stocked(&client, &sku, 1).await;
        let absent = crate::access::sibling(&default_location(&client).await.text("/locations/0/id"));
        let somewhere = pb::AdjustStockRequest { location_id: absent.clone(), ..adjust(&sku, 1) };
        let nowhere =
            pb::TransferStockRequest { sku: sku.clone(), to_location_id: absent, quantity: 1, ..Default::default() };
        let key = |name: &str| format!("{name}-{wire:?}");
        assert_eq!(fields(&refused(&client, &key("a"), adjust("NONE", 1)).await), ("product_not_found", vec!["sku"]));
        assert_eq!(
            fields(&refused(&client, &key("b"), adjust(SPOON, 1)).await),
            ("inventory_not_tracked", vec!["sku"])
        );
        assert_eq!(fields(&refused(&client, &key("c"), somewhere).await), ("location_not_found", vec!["location_id"]));
        let refusal = refused(&client, &key("d"), nowhere).await;
        assert_eq!(fields(&refusal), ("location_not_found", vec!["to_location_id"]));
        let refusal = refused(&client, &key("e"), adjust(&sku, (1 << 53) - 1)).await;
        assert_eq!(fields(&refusal), ("validation_failed", vec!["delta"]), "one more than can be counted");
        assert_eq!(numbers(&client, &sku).await, [1, 0, 1]);
    }
}

async fn levels_are_listed_by_what_is_asked(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let north = staff.call(location("north")).await.expect("a location").id();
    for (sku, units) in [("A", 1), ("B", 5), ("C", 50)] {
        stocked(&staff, sku, units).await;
        let there = pb::AdjustStockRequest { location_id: north.clone(), ..adjust(sku, 2 * units) };
        staff.keyed(&format!("there-{sku}"), there).await.expect("stock");
    }
    staff.keyed("held", reserve(&[("C", 46)])).await.expect("held");
    for wire in WIRES {
        let shown = async |request: pb::ListStockLevelsRequest| {
            let client = world.client(wire);
            let levels = client
                .all("stock_levels", |page_token| pb::ListStockLevelsRequest {
                    page_token,
                    page_size: 2,
                    ..request.clone()
                })
                .await;
            levels
                .iter()
                .map(|one| {
                    format!("{} {}", one["sku"].as_str().expect("a SKU"), one["available"].as_str().expect("a number"))
                })
                .collect::<Vec<_>>()
        };
        let all = pb::ListStockLevelsRequest::default;
        assert_eq!(shown(all()).await, ["C 100", "C 4", "B 10", "B 5", "A 2", "A 1"]);
        assert_eq!(shown(pb::ListStockLevelsRequest { sku: "B".into(), ..all() }).await, ["B 10", "B 5"]);
        assert_eq!(shown(pb::ListStockLevelsRequest { sku: "X".into(), ..all() }).await, [""; 0]);
        let at_north = pb::ListStockLevelsRequest { location_id: north.clone(), ..all() };
        assert_eq!(shown(at_north.clone()).await, ["C 100", "B 10", "A 2"]);
        let low = pb::ListStockLevelsRequest { available_below: Some(5), ..all() };
        assert_eq!(shown(low).await, ["C 4", "A 2", "A 1"]);
        let low = pb::ListStockLevelsRequest { available_below: Some(5), sku: "C".into(), ..at_north };
        assert_eq!(shown(low).await, [""; 0]);
    }
}

async fn partners_learn_whether_there_is_any(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    stocked(&staff, "FULL", 7).await;
    stocked(&staff, "EMPTY", 0).await;
    staff.keyed("more", adjust("EMPTY", 1)).await.expect("stock");
    staff.keyed("held", reserve(&[("EMPTY", 1)])).await.expect("held");
    let key = world.key(pb::Role::Partner, &world.customer).await;
    for wire in WIRES {
        let partner = world.client(wire).with_key(&key);
        let levels = partner.call(pb::ListStockLevelsRequest::default()).await.expect("levels").json;
        for (place, (sku, in_stock)) in [("EMPTY", false), ("FULL", true)].into_iter().enumerate() {
            let level = &levels["stock_levels"][place];
            assert_eq!((level["sku"].as_str(), level["in_stock"].as_bool()), (Some(sku), Some(in_stock)));
            for hidden in ["on_hand", "reserved", "available"] {
                assert!(level.get(hidden).is_none_or(Value::is_null), "{level}");
            }
        }
        let guess = pb::ListStockLevelsRequest { available_below: Some(8), ..Default::default() };
        let refusal = partner.call(guess).await.expect_err("that would tell").refusal();
        assert_eq!(fields(&refusal), ("permission_denied", vec!["available_below"]));
        assert_eq!(refusal.metadata["permission"], "inventory.read");
        let refusal = partner.call(order(&world.customer, &[("FULL", 8)])).await.expect_err("too many").refusal();
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["items[0].quantity"]));
        assert_eq!(refusal.metadata, json!({"sku": "FULL"}), "and not how many there are");
    }
}

async fn movements_are_listed_by_what_is_asked(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    stocked(&staff, "A", 10).await;
    let north = staff.call(location("north")).await.expect("a location").id();
    let there = pb::AdjustStockRequest { location_id: north.clone(), ..adjust("A", 3) };
    staff.keyed("there", there).await.expect("stock");
    let reservation = staff.keyed("held", reserve(&[("A", 2)])).await.expect("held").id();
    let order = staff.call(order(&world.customer, &[("A", 4)])).await.expect("an order").id();
    for wire in WIRES {
        let client = world.client(wire);
        let shown = async |request: pb::ListStockMovementsRequest| {
            let rows = client.call(request).await.expect("movements").json["stock_movements"].clone();
            let rows = rows.as_array().expect("a list").iter();
            rows.map(|row| format!("{} {}", row["type"], row["reserved_change"]).replace('"', "")).collect::<Vec<_>>()
        };
        let all = pb::ListStockMovementsRequest::default;
        assert_eq!(shown(all()).await, ["RESERVED 4", "RESERVED 2", "ADJUSTED 0", "ADJUSTED 0"]);
        assert_eq!(shown(pb::ListStockMovementsRequest { sku: "A".into(), ..all() }).await.len(), 4);
        assert_eq!(shown(pb::ListStockMovementsRequest { sku: "X".into(), ..all() }).await.len(), 0);
        let at_north = pb::ListStockMovementsRequest { location_id: north.clone(), ..all() };
        assert_eq!(shown(at_north).await, ["ADJUSTED 0"]);
        let of_order = pb::ListStockMovementsRequest { order_id: order.clone(), ..all() };
        assert_eq!(shown(of_order).await, ["RESERVED 4"]);
        let of_reservation = pb::ListStockMovementsRequest { reservation_id: reservation.clone(), ..all() };
        assert_eq!(shown(of_reservation).await, ["RESERVED 2"]);
        let oldest = pb::ListStockMovementsRequest { order_by: "create_time".into(), page_size: 1, ..all() };
        assert_eq!(shown(oldest).await, ["ADJUSTED 0"]);
    }
}

async fn counting_goes_on_while_units_are_open(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("POT-{wire:?}"));
        let id = stocked(&client, &sku, 1).await;
        let track = |track_inventory| pb::UpdateProductRequest {
            product_id: id.clone(),
            product: Some(pb::ProductPatch { track_inventory: Some(track_inventory), ..Default::default() }),
            ..Default::default()
        };
        let refusal = client.call(track(false)).await.expect_err("in stock").refusal();
        assert_eq!(fields(&refusal), ("product_in_use", vec!["product.track_inventory"]));
        client.keyed(&format!("gone-{wire:?}"), adjust(&sku, -1)).await.expect("none left");
        assert_eq!(client.call(track(false)).await.expect("not counted").json["track_inventory"], false);
        let open = client.call(order(&world.customer, &[(&sku, 1)])).await.expect("an order").id();
        let refusal = client.call(track(true)).await.expect_err("ordered").refusal();
        assert_eq!(fields(&refusal), ("product_in_use", vec!["product.track_inventory"]));
        client.call(pb::CancelOrderRequest { order_id: open, ..Default::default() }).await.expect("canceled");
        assert_eq!(client.call(track(true)).await.expect("counted").json["track_inventory"], true);
    }
}
