//! Updates: what a mask names and nothing else, only of what the caller has seen, and once for a key. Products stand for
//! everything that can be changed.

use prost_types::FieldMask;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::support::client::{Answer, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::from_rest;
use crate::support::world::{World, money, product};

on_both_engines! {
    an_update_changes_what_it_names,
    null_clears_over_rest,
    a_mask_is_exact,
    what_cannot_be_cleared_is_named,
    new_prices_are_checked,
    an_update_that_changes_nothing_leaves_no_trace,
    an_update_wants_the_state_it_knows,
    a_known_state_is_not_sent_again,
    an_update_can_be_tried_out,
    an_update_is_replayed_across_wires,
    a_taken_sku_is_not_given_away,
    one_of_many_who_saw_the_same_wins,
    updates_of_any_state_all_land,
    a_product_is_read_as_it_was_at_one_time,
}

/// A product with everything.
async fn pot(world: &World, sku: &str) -> Answer {
    let request = pb::CreateProductRequest {
        description: "Blue.".to_owned(),
        metadata: [("shelf".to_owned(), "7".to_owned())].into(),
        track_inventory: true,
        ..product(sku, &[("GBP", 1250), ("EUR", 1500)], 2000)
    };
    world.client(Wire::Grpc).call(request).await.expect("a product")
}

fn update(id: &str, product: pb::ProductPatch) -> pb::UpdateProductRequest {
    pb::UpdateProductRequest { product_id: id.to_owned(), product: Some(product), ..Default::default() }
}

fn masked(id: &str, product: pb::ProductPatch, paths: &[&str]) -> pb::UpdateProductRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    pb::UpdateProductRequest { update_mask: Some(FieldMask { paths }), ..update(id, product) }
}

fn named(name: &str) -> pb::ProductPatch {
    pb::ProductPatch { name: Some(name.to_owned()), ..Default::default() }
}

async fn patch(world: &World, id: &str, query: &str, body: Value) -> crate::support::http::HttpAnswer {
    let headers = [("content-type", "application/json")];
    world.rest("PATCH", &format!("/v1/products/{id}{query}"), &headers, body.to_string().as_bytes()).await
}

/// The product with other values in some fields.
fn with(before: &Value, changes: Value) -> Value {
    let mut after = before.clone();
    let Value::Object(changes) = changes else { panic!("an object") };
    for (field, value) in changes {
        assert!(after.get(&field).is_some(), "{field}");
        after[field] = value;
    }
    after
}

async fn an_update_changes_what_it_names(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, before) = (world.client(wire), pot(&world, &format!("POT-{wire:?}")).await);
        let changes = pb::ProductPatch {
            name: Some("Pot".to_owned()),
            prices: vec![money("JPY", 900)],
            tax_rate_bps: Some(0),
            metadata: [("row".to_owned(), "2".to_owned())].into(),
            ..Default::default()
        };
        let after = client.call(update(&before.id(), changes)).await.expect("changed");
        assert_eq!((after.status, after.header("etag"), after.header("location")), (200, "\"v2\"", ""));
        let expected = json!({
            "name": "Pot",
            "prices": [{"currency_code": "JPY", "minor_units": "900"}],
            "tax_rate_bps": 0,
            "metadata": {"row": "2"},
            "etag": "v2",
            "update_time": after.json["update_time"],
        });
        assert_eq!(after.json, with(&before.json, expected), "{wire:?}");
        assert_ne!(after.json["update_time"], before.json["update_time"]);
        let read = client.call(pb::GetProductRequest { product_id: before.id() }).await.expect("it");
        assert_eq!(read.json, after.json);
        assert_eq!(world.database.told(&before.id()).await, ["1 product.created", "2 product.updated"]);
        let (turned, sku) = (vec![money("EUR", 1), money("JPY", 900)], format!("TURNED-{wire:?}"));
        let changes = pb::ProductPatch { sku: Some(sku.clone()), prices: turned, ..Default::default() };
        let again = client.call(update(&before.id(), changes)).await.expect("changed");
        assert_eq!((again.text("/prices/0/currency_code"), again.text("/sku")), ("EUR".to_owned(), sku));
    }
    let told = "SELECT CAST(data AS TEXT) FROM events WHERE type = 'product.updated' AND resource_sequence = 2";
    for data in world.database.texts(told).await {
        let data: Value = serde_json::from_str(&data).expect("JSON");
        assert_eq!((&data["name"], &data["etag"]), (&json!("Pot"), &json!("v2")));
    }
}

async fn null_clears_over_rest(engine: Engine) {
    let world = World::new(engine).await;
    let before = pot(&world, "POT").await;
    let nulls =
        json!({"description": null, "prices": null, "tax_rate_bps": null, "track_inventory": null, "metadata": null});
    let answer = patch(&world, &before.id(), "", nulls).await;
    let cleared = json!({
        "description": "", "prices": [], "tax_rate_bps": 0, "track_inventory": false, "metadata": {}, "etag": "v2",
        "update_time": answer.json()["update_time"],
    });
    assert_eq!((answer.status, answer.json()), (200, with(&before.json, cleared)));
    let filled = json!({"description": "Red.", "prices": [{"currencyCode": "GBP", "minorUnits": 5}], "taxRateBps": 1});
    let answer = patch(&world, &before.id(), "", filled).await;
    assert_eq!(
        (answer.json()["description"].as_str(), answer.json()["tax_rate_bps"].as_i64()),
        (Some("Red."), Some(1))
    );
    let empty = patch(&world, &before.id(), "", json!({"prices": [], "description": ""})).await;
    assert_eq!((&empty.json()["prices"], &empty.json()["description"]), (&json!([]), &json!("")), "empty is a value");
    let nothing = patch(&world, &before.id(), "", json!({})).await;
    assert_eq!((nothing.status, nothing.json()), (200, empty.json()));
    for (body, field) in [(json!({"nam": "x"}), "product.nam"), (json!({"id": "x"}), "product.id")] {
        let refusal = from_rest(&patch(&world, &before.id(), "", body).await);
        assert_eq!((refusal.code.as_str(), refusal.fields().len()), ("validation_failed", 1), "{field}");
    }
    let pairs = patch(&world, &before.id(), "?update_mask=description", json!({"description": "Green."})).await;
    assert_eq!(pairs.json()["description"], "Green.");
}

async fn a_mask_is_exact(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, before) = (world.client(wire), pot(&world, &format!("POT-{wire:?}")).await);
        let (id, none) = (before.id(), pb::ProductPatch::default());
        let unnamed = client.call(masked(&id, named("Pot"), &["description"])).await.expect_err("unnamed").refusal();
        assert_eq!((unnamed.code.as_str(), unnamed.fields()), ("validation_failed", vec!["product.name"]));
        for unknown in ["etag", "prices.currency_code", "nam"] {
            let refusal = client.call(masked(&id, none.clone(), &[unknown])).await.expect_err(unknown).refusal();
            assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["update_mask"]));
        }
        let after = client.call(masked(&id, named("Pot"), &["metadata", "name", "prices"])).await.expect("changed");
        let expected = json!({
            "name": "Pot", "prices": [], "metadata": {}, "etag": "v2", "update_time": after.json["update_time"],
        });
        assert_eq!(after.json, with(&before.json, expected), "named and absent clears");
        let everything = pb::ProductPatch { sku: Some(format!("NEW-{wire:?}")), ..named("Bare") };
        let bare = client.call(masked(&id, everything, &["*"])).await.expect("changed");
        assert_eq!((bare.text("/description"), bare.text("/name")), (String::new(), "Bare".to_owned()));
        assert_eq!((&bare.json["tax_rate_bps"], &bare.json["track_inventory"]), (&json!(0), &json!(false)));
    }
}

async fn what_cannot_be_cleared_is_named(engine: Engine) {
    let world = World::new(engine).await;
    let before = pot(&world, "POT").await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let all = masked(&before.id(), pb::ProductPatch::default(), &["*"]);
        let refusal = client.call(all).await.expect_err("sku and name").refusal();
        let expected = [("product.sku", "required"), ("product.name", "required")];
        let found: Vec<_> = refusal.details.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
        assert_eq!((refusal.code.as_str(), found.as_slice()), ("validation_failed", &expected[..]));
        let empty = client.call(update(&before.id(), named(""))).await.expect_err("too short").refusal();
        assert_eq!((empty.code.as_str(), empty.fields()), ("validation_failed", vec!["product.name"]));
    }
    let refusal = from_rest(&patch(&world, &before.id(), "", json!({"name": null})).await);
    assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["product.name"]));
    let read = world.client(Wire::Rest).call(pb::GetProductRequest { product_id: before.id() }).await.expect("it");
    assert_eq!(read.json, before.json);
}

async fn new_prices_are_checked(engine: Engine) {
    let world = World::new(engine).await;
    let before = pot(&world, "POT").await;
    for wire in Wire::ALL {
        let prices = vec![money("GBP", 1), money("EUR", -1), money("GBP", 2), money("XQX", 1)];
        let changes = pb::ProductPatch { prices, ..Default::default() };
        let refusal = world.client(wire).call(update(&before.id(), changes)).await.expect_err("wrong").refusal();
        assert_eq!(refusal.code, "validation_failed");
        let mut fields = refusal.fields();
        fields.sort_unstable();
        let wrong = ["[1].minor_units", "[2].currency_code", "[3].currency_code"];
        assert_eq!(fields, wrong.map(|rest| format!("product.prices{rest}")));
    }
}

async fn an_update_that_changes_nothing_leaves_no_trace(engine: Engine) {
    let world = World::new(engine).await;
    let before = pot(&world, "POT").await;
    let traces = world.database.traces().await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let same = pb::ProductPatch {
            prices: vec![money("GBP", 1250), money("EUR", 1500)],
            tax_rate_bps: Some(2000),
            ..named(&before.text("/name"))
        };
        for request in [update(&before.id(), same), update(&before.id(), pb::ProductPatch::default())] {
            let answer = client.call(request).await.expect("nothing to do");
            assert_eq!((&answer.json, answer.header("etag")), (&before.json, "\"v1\""), "{wire:?}");
        }
    }
    assert_eq!(world.database.traces().await, traces);
}

async fn an_update_wants_the_state_it_knows(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, id) = (world.client(wire), pot(&world, &format!("POT-{wire:?}")).await.id());
        let rename =
            |name: &str, etag: &str| pb::UpdateProductRequest { etag: etag.to_owned(), ..update(&id, named(name)) };
        client.call_with(&[("if-match", "\"v1\"")], rename("A", "")).await.expect("as expected");
        client.call(rename("B", "v2")).await.expect("as expected");
        client.call_with(&[("if-match", "\"v3\"")], rename("C", "v3")).await.expect("both say the same");
        client.call_with(&[("if-match", "\"v9\", \"v4\"")], rename("D", "")).await.expect("one of them");
        client.call_with(&[("if-match", "*")], rename("E", "")).await.expect("any");
        for (header, field) in [("\"v1\"", ""), ("v5", ""), ("W/\"v6\"", ""), ("", "v1"), ("", "\"v7\"")] {
            let headers = [("if-match", header)];
            let headers = if header.is_empty() { &[][..] } else { &headers };
            for name in ["F", "E"] {
                let refusal = client.call_with(headers, rename(name, field)).await.expect_err("stale").refusal();
                assert_eq!((refusal.code.as_str(), &refusal.metadata["etag"]), ("etag_mismatch", &json!("v6")));
            }
        }
        let both = client.call_with(&[("if-match", "\"v5\"")], rename("F", "v6")).await;
        let refusal = both.expect_err("one of the two is stale").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["etag"]), ("etag_mismatch", &json!("v6")));
    }
}

async fn a_known_state_is_not_sent_again(engine: Engine) {
    let world = World::new(engine).await;
    let pot = pot(&world, "POT").await;
    let target = format!("/v1/products/{}", pot.id());
    for (known, status) in [("\"v1\"", 304), ("v1", 304), ("*", 304), ("\"v2\"", 200), ("\"v0\", W/\"v1\"", 304)] {
        let answer = world.rest("GET", &target, &[("if-none-match", known)], b"").await;
        assert_eq!((answer.status, answer.body.is_empty()), (status, status == 304), "{known}");
        assert_eq!((answer.header("etag"), answer.header("cache-control")), ("\"v1\"", "private, no-cache"));
        assert_eq!(answer.header("vary"), "Authorization");
    }
    world.client(Wire::Grpc).call(update(&pot.id(), named("New"))).await.expect("changed");
    let answer = world.rest("GET", &target, &[("if-none-match", "\"v1\"")], b"").await;
    assert_eq!((answer.status, answer.header("etag")), (200, "\"v2\""));
}

async fn an_update_can_be_tried_out(engine: Engine) {
    let world = World::new(engine).await;
    let (before, other) = (pot(&world, "POT").await, pot(&world, "OTHER").await);
    let traces = world.database.traces().await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let trial = |product| pb::UpdateProductRequest { validate_only: true, ..update(&before.id(), product) };
        let tried = client.keyed("tried", trial(named("Tried"))).await.expect("what would be");
        assert_eq!((tried.status, tried.id(), tried.text("/name")), (200, before.id(), "Tried".to_owned()));
        let taken = pb::ProductPatch { sku: Some("OTHER".to_owned()), ..Default::default() };
        let refusal = client.call(trial(taken)).await.expect_err("taken").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["existing_id"]), ("duplicate_sku", &json!(other.id())));
        let stale = client.call_with(&[("if-match", "\"v2\"")], trial(named("Tried"))).await;
        assert_eq!(stale.expect_err("stale").refusal().code, "etag_mismatch");
        let read = client.call(pb::GetProductRequest { product_id: before.id() }).await.expect("it");
        assert_eq!(read.json, before.json);
    }
    assert_eq!(world.database.traces().await, traces);
}

async fn an_update_is_replayed_across_wires(engine: Engine) {
    let world = World::new(engine).await;
    let id = pot(&world, "POT").await.id();
    let body = json!({"tax_rate_bps": 7, "description": null, "metadata": {"b": "2", "a": "1"}});
    let headers = [("content-type", "application/json"), ("idempotency-key", "once"), ("if-match", "\"v1\"")];
    let target = format!("/v1/products/{id}");
    let first = world.rest("PATCH", &target, &headers, body.to_string().as_bytes()).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, ""), "{first:?}");
    let changes = pb::ProductPatch {
        tax_rate_bps: Some(7),
        metadata: [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into(),
        ..Default::default()
    };
    let mask = ["tax_rate_bps", "metadata", "description"];
    let same = pb::UpdateProductRequest { etag: "\"v1\"".to_owned(), ..masked(&id, changes.clone(), &mask) };
    for wire in Wire::ALL {
        let replay = world.client(wire).keyed("once", same.clone()).await.expect("a replay");
        assert!(replay.is_replay(), "{wire:?}");
        assert_eq!((&replay.json, replay.header("etag")), (&first.json(), "\"v2\""));
    }
    let again = world.rest("PATCH", &target, &headers, body.to_string().as_bytes()).await;
    assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), "true"));
    for other in [masked(&id, changes.clone(), &mask), update(&id, changes), masked(&id, named("X"), &["name"])] {
        let refusal = world.client(Wire::Grpc).keyed("once", other).await.expect_err("another request").refusal();
        assert_eq!(refusal.code, "idempotency_key_reused");
    }
    assert_eq!(world.database.told(&id).await.len(), 2);
}

async fn a_taken_sku_is_not_given_away(engine: Engine) {
    let world = World::new(engine).await;
    for (round, wire) in Wire::ALL.into_iter().enumerate() {
        let (one, two) = (pot(&world, &format!("ONE-{round}")).await, pot(&world, &format!("TWO-{round}")).await);
        let take = |id: &str, sku: String| update(id, pb::ProductPatch { sku: Some(sku), ..Default::default() });
        let refusal = world.client(wire).call(take(&one.id(), two.text("/sku"))).await.expect_err("taken").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("duplicate_sku", Some("product.sku")));
        assert_eq!(refusal.metadata["existing_id"], two.id());
        let mut racers = JoinSet::new();
        for id in [one.id(), two.id()] {
            let (client, request) = (world.client(wire), take(&id, format!("NEW-{round}")));
            racers.spawn(async move { client.call(request).await });
        }
        let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
        let winner = won.into_iter().flatten().next().expect("one wins").id();
        let refusals: Vec<_> = lost.into_iter().map(|failed| failed.expect_err("lost").refusal()).collect();
        assert_eq!(refusals.len(), 1);
        assert_eq!(
            (refusals[0].code.as_str(), &refusals[0].metadata["existing_id"]),
            ("duplicate_sku", &json!(winner))
        );
    }
}

/// Sends a rename eight times at once, on all wires, each with another name.
async fn rename_at_once(world: &World, id: &str, etag: &str) -> Vec<Result<Answer, crate::support::refusal::Failed>> {
    let mut racers = JoinSet::new();
    for (place, wire) in Wire::ALL.into_iter().cycle().take(8).enumerate() {
        let client = world.client(wire);
        let request = pb::UpdateProductRequest { etag: etag.to_owned(), ..update(id, named(&format!("{place}"))) };
        racers.spawn(async move { client.call(request).await });
    }
    racers.join_all().await
}

async fn one_of_many_who_saw_the_same_wins(engine: Engine) {
    let world = World::new(engine).await;
    for round in 0..5 {
        let id = pot(&world, &format!("POT-{round}")).await.id();
        let (won, lost): (Vec<_>, Vec<_>) =
            rename_at_once(&world, &id, "v1").await.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "{lost:?}");
        for failed in lost {
            let refusal = failed.expect_err("lost").refusal();
            assert_eq!((refusal.code.as_str(), &refusal.metadata["etag"]), ("etag_mismatch", &json!("v2")));
        }
        assert_eq!(world.database.told(&id).await, ["1 product.created", "2 product.updated"]);
    }
}

async fn updates_of_any_state_all_land(engine: Engine) {
    let world = World::new(engine).await;
    let id = pot(&world, "POT").await.id();
    let answers = rename_at_once(&world, &id, "").await;
    let mut etags: Vec<_> = answers.into_iter().map(|answer| answer.expect("changed").text("/etag")).collect();
    etags.sort_unstable();
    assert_eq!(etags, (2..=9).map(|version| format!("v{version}")).collect::<Vec<_>>());
    assert_eq!(world.database.told(&id).await.len(), 9);
}

/// Name and price always change together, so a reader who sees two different ones has seen two states at once.
async fn a_product_is_read_as_it_was_at_one_time(engine: Engine) {
    let world = World::new(engine).await;
    let id = pot(&world, "POT").await.id();
    let set = |number: i64| {
        update(&id, pb::ProductPatch { prices: vec![money("GBP", number)], ..named(&number.to_string()) })
    };
    let (writer, reader) = (world.client(Wire::Grpc), world.client(Wire::Grpc));
    writer.call(set(0)).await.expect("changed");
    let writing = async {
        for number in 1..=100 {
            writer.call(set(number)).await.expect("changed");
        }
    };
    let (product_id, sku) = (id.clone(), "POT".to_owned());
    let reading = async {
        for _ in 0..150 {
            let one = reader.call(pb::GetProductRequest { product_id: product_id.clone() }).await.expect("it").json;
            let list = pb::ListProductsRequest { sku: sku.clone(), ..Default::default() };
            let listed = reader.call(list).await.expect("a page").json["products"][0].clone();
            for seen in [one, listed] {
                assert_eq!(seen["name"], seen["prices"][0]["minor_units"], "{seen}");
                let version: i64 = seen["etag"].as_str().and_then(|etag| etag[1..].parse().ok()).expect("an etag");
                assert_eq!(seen["name"], (version - 2).to_string());
            }
        }
    };
    tokio::join!(writing, reading);
}
