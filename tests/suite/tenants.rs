//! Tenants and their settings.

use std::collections::BTreeSet;

use prost_types::FieldMask;
use serde_json::{Value, json};
use tradepost::contract::pb;
use tradepost::contract::pb::tenant::{RoundingMode, TaxMode};

use crate::access::sibling;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{self, TEAPOT, World, order};

on_both_engines! {
    tenants_are_seen_by_the_platform_only,
    a_patch_changes_what_it_names,
    settings_must_fit,
    nothing_changed_is_nothing_done,
    etags_guard_tenants,
    settings_hold_for_later_orders,
}

async fn own(client: &Client) -> String {
    client.call(pb::WhoamiRequest {}).await.expect("the caller").text("/tenant_id")
}

fn get(id: &str) -> pb::GetTenantRequest {
    pb::GetTenantRequest { tenant_id: id.to_owned() }
}

fn update(id: &str, patch: pb::TenantPatch, mask: &[&str]) -> pb::UpdateTenantRequest {
    let paths: Vec<_> = mask.iter().map(|path| (*path).to_owned()).collect();
    pb::UpdateTenantRequest {
        tenant_id: id.to_owned(),
        tenant: Some(patch),
        update_mask: (!paths.is_empty()).then_some(FieldMask { paths }),
        ..Default::default()
    }
}

fn named(name: &str) -> pb::TenantPatch {
    pb::TenantPatch { name: Some(name.to_owned()), ..Default::default() }
}

fn expiring(seconds: i64, nanos: i32) -> pb::TenantPatch {
    pb::TenantPatch { unpaid_expiry: Some(prost_types::Duration { seconds, nanos }), ..Default::default() }
}

async fn tenants_are_seen_by_the_platform_only(engine: Engine) {
    let world = World::new(engine).await;
    let stranger = world.stranger(Wire::Grpc).await;
    let (ours, theirs) = (own(&world.client(Wire::Grpc)).await, own(&stranger).await);
    for _ in 0..4 {
        world.stranger(Wire::Grpc).await;
    }
    for wire in Wire::ALL {
        let client = world.client(wire);
        let read = client.call(get(&theirs)).await.expect("across tenants");
        assert_eq!((read.id(), read.text("/name"), read.header("etag")), (theirs.clone(), "Other".into(), "\"v1\""));
        assert_eq!((read.text("/tax_mode"), read.text("/rounding_mode")), ("EXCLUSIVE".into(), "HALF_UP".into()));
        assert_eq!(read.json["unpaid_expiry"], Value::Null);
        for order_by in ["", "create_time"] {
            let request = |page_token| {
                let order_by = order_by.to_owned();
                pb::ListTenantsRequest { page_size: 2, page_token, order_by, ..Default::default() }
            };
            let all = client.all("tenants", request).await;
            let ids: BTreeSet<_> = all.iter().map(|tenant| tenant["id"].to_string()).collect();
            assert_eq!((all.len(), ids.len()), (6, 6));
            let oldest = if order_by.is_empty() { all.last() } else { all.first() };
            assert_eq!(oldest.expect("one")["id"], ours.as_str());
        }
        let nothing = client.call(get(&sibling(&theirs))).await.expect_err("none").refusal();
        assert_eq!(nothing.code, "tenant_not_found");
        let nothing = client.call(update(&sibling(&theirs), named("New"), &[])).await.expect_err("none").refusal();
        assert_eq!(nothing.code, "tenant_not_found");
        let admin = client.with_key(&stranger.key);
        for id in [&theirs, &ours, &sibling(&theirs)] {
            let refusal = admin.call(get(id)).await.expect_err("for PLATFORM").refusal();
            assert_eq!(
                (refusal.code.as_str(), &refusal.metadata["permission"]),
                ("permission_denied", &"tenants.read".into())
            );
        }
    }
}

async fn a_patch_changes_what_it_names(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = own(&world.stranger(wire).await).await;
        let everything = pb::TenantPatch {
            name: Some("Renamed".to_owned()),
            tax_mode: Some(TaxMode::Inclusive.into()),
            rounding_mode: Some(RoundingMode::HalfEven.into()),
            ..expiring(3600, 1_500)
        };
        let changed = client.call(update(&id, everything.clone(), &[])).await.expect("changed");
        assert_eq!((changed.text("/etag"), changed.header("etag")), ("v2".to_owned(), "\"v2\""));
        let shown =
            |answer: &Value| ["name", "tax_mode", "rounding_mode", "unpaid_expiry"].map(|field| answer[field].clone());
        assert_eq!(
            shown(&changed.json),
            [json!("Renamed"), json!("INCLUSIVE"), json!("HALF_EVEN"), json!("3600.000001s")]
        );
        let read = client.call(get(&id)).await.expect("the tenant");
        assert_eq!(read.json, changed.json);
        assert_ne!(read.json["update_time"], read.json["create_time"]);
        let one = client.call(update(&id, named("Again"), &["name"])).await.expect("changed");
        assert_eq!(shown(&one.json), [json!("Again"), json!("INCLUSIVE"), json!("HALF_EVEN"), json!("3600.000001s")]);
        let cleared = update(&id, pb::TenantPatch::default(), &["unpaid_expiry"]);
        let cleared = client.call(cleared).await.expect("changed");
        assert_eq!(shown(&cleared.json), [json!("Again"), json!("INCLUSIVE"), json!("HALF_EVEN"), Value::Null]);
        let unnamed = client.call(update(&id, everything, &["name"])).await.expect_err("more than named").refusal();
        let mut fields = unnamed.fields();
        fields.sort_unstable();
        assert_eq!(fields, ["tenant.rounding_mode", "tenant.tax_mode", "tenant.unpaid_expiry"]);
    }
    let id = own(&world.client(Wire::Rest)).await;
    let target = format!("/v1/tenants/{id}");
    let json = [("content-type", "application/json")];
    let set = world.rest("PATCH", &target, &json, b"{\"unpaidExpiry\":\"90s\"}").await;
    assert_eq!(set.json()["unpaid_expiry"], "90s");
    let cleared = world.rest("PATCH", &target, &json, b"{\"unpaid_expiry\":null}").await;
    assert_eq!((cleared.status, cleared.json()["unpaid_expiry"].clone()), (200, Value::Null));
}

async fn settings_must_fit(engine: Engine) {
    let world = World::new(engine).await;
    let id = own(&world.client(Wire::Grpc)).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for (request, field, code) in [
            (update(&id, pb::TenantPatch::default(), &["name"]), "tenant.name", "required"),
            (update(&id, pb::TenantPatch::default(), &["tax_mode"]), "tenant.tax_mode", "required"),
            (update(&id, pb::TenantPatch::default(), &["rounding_mode"]), "tenant.rounding_mode", "required"),
            (update(&id, named(""), &[]), "tenant.name", "too_short"),
            (update(&id, expiring(0, 999_999_999), &[]), "tenant.unpaid_expiry", "out_of_range"),
            (update(&id, expiring(-1, 0), &[]), "tenant.unpaid_expiry", "out_of_range"),
            (update(&id, expiring(315_576_000, 1), &[]), "tenant.unpaid_expiry", "out_of_range"),
            (update(&id, named("New"), &["name", "id"]), "update_mask", "unknown_field"),
        ] {
            let refusal = client.call(request.clone()).await.expect_err("does not fit").refusal();
            assert_eq!(refusal.code, "validation_failed");
            assert_eq!(refusal.details, [(field.to_owned(), code.to_owned())], "{request:?} on {wire:?}");
        }
        client.call(update(&id, expiring(1, 0), &[])).await.expect("a second");
        client.call(update(&id, expiring(315_576_000, 0), &[])).await.expect("ten years");
    }
    let all = update(&id, pb::TenantPatch::default(), &["*"]);
    let refusal = world.client(Wire::Grpc).call(all).await.expect_err("all cannot be cleared").refusal();
    let mut fields = refusal.fields();
    fields.sort_unstable();
    assert_eq!(fields, ["tenant.name", "tenant.rounding_mode", "tenant.tax_mode"]);
}

async fn nothing_changed_is_nothing_done(engine: Engine) {
    let world = World::new(engine).await;
    let id = own(&world.client(Wire::Grpc)).await;
    let audits = "SELECT count(*) FROM audit_events WHERE resource_type = 'tenant'";
    let before = world.client(Wire::Grpc).call(get(&id)).await.expect("the tenant").json;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for request in [
            update(&id, named("default"), &[]),
            update(&id, pb::TenantPatch::default(), &[]),
            update(&id, pb::TenantPatch::default(), &["unpaid_expiry"]),
            pb::UpdateTenantRequest { validate_only: true, ..update(&id, named("Tried"), &[]) },
        ] {
            let dry_run = request.validate_only;
            let answer = client.call(request).await.expect("fine").json;
            assert_eq!(answer == before, !dry_run, "{answer}");
            assert_eq!(client.call(get(&id)).await.expect("the tenant").json, before);
        }
    }
    assert_eq!(world.database.count(audits).await, 0);
    world.client(Wire::Rest).call(update(&id, named("Other"), &[])).await.expect("changed");
    assert_eq!(world.database.count(audits).await, 1);
}

async fn etags_guard_tenants(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = own(&world.stranger(wire).await).await;
        let stale = client.call_with(&[("if-match", "\"v2\"")], update(&id, named("New"), &[])).await;
        let refusal = stale.expect_err("another version").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["etag"]), ("etag_mismatch", &"v1".into()));
        let once = format!("once-{wire:?}");
        let known = pb::UpdateTenantRequest { etag: "v1".to_owned(), ..update(&id, named("New"), &[]) };
        let changed = client.keyed(&once, known.clone()).await.expect("the version");
        let replay = client.keyed(&once, known).await.expect("a replay, though the version moved");
        assert!(replay.is_replay() && replay.json == changed.json);
    }
    let id = own(&world.client(Wire::Grpc)).await;
    let mut tasks = tokio::task::JoinSet::new();
    for racer in 0..8 {
        let client = world.client(Wire::ALL[racer % 4]);
        let request = update(&id, named(&format!("Racer {racer}")), &[]);
        tasks.spawn(async move { client.call(request).await.expect("changed").text("/etag") });
    }
    let etags: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(etags.len(), 8, "each change moves the version by one: {etags:?}");
    assert_eq!(world.client(Wire::Rest).call(get(&id)).await.expect("the tenant").text("/etag"), "v9");
}

async fn settings_hold_for_later_orders(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (platform, theirs) = (world.client(wire), world.stranger(wire).await);
        world::stock(&theirs).await;
        let customer = world::customer(&theirs, "Theirs").await;
        let before = theirs.call(order(&customer, &[(TEAPOT, 1)])).await.expect("an order");
        let inclusive = pb::TenantPatch { tax_mode: Some(TaxMode::Inclusive.into()), ..Default::default() };
        platform.call(update(&own(&theirs).await, inclusive, &[])).await.expect("changed");
        let after = theirs.call(order(&customer, &[(TEAPOT, 1)])).await.expect("an order");
        let shown = |order: &Value| {
            ["/tax_mode", "/tax_total/minor_units", "/total/minor_units"].map(|field| order.pointer(field).cloned())
        };
        let some = |values: [&str; 3]| values.map(|value| Some(json!(value)));
        assert_eq!(shown(&before.json), some(["EXCLUSIVE", "250", "1500"]));
        assert_eq!(shown(&after.json), some(["INCLUSIVE", "208", "1250"]));
        let read = theirs.call(pb::GetOrderRequest { order_id: before.id() }).await.expect("the order");
        assert_eq!(read.json, before.json, "what was placed stays");
        let ours = platform.call(world.order()).await.expect("an order");
        assert_eq!(shown(&ours.json), some(["EXCLUSIVE", "250", "1500"]), "another tenant's settings are its own");
    }
}
