//! Callers: keys, roles, tenants, and partners who see only what is theirs.

use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::{self, TEAPOT, World, order, product};

on_both_engines! {
    whoami_tells_the_caller,
    only_a_valid_key_gets_in,
    nobody_grants_what_they_lack,
    a_partner_sees_only_its_customer,
    tenants_never_see_each_other,
    secrets_are_not_kept,
}

async fn whoami_tells_the_caller(engine: Engine) {
    let world = World::new(engine).await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in Wire::ALL {
        let platform = world.client(wire).call(pb::WhoamiRequest {}).await.expect("the caller");
        assert_eq!(platform.text("/role"), "PLATFORM");
        assert!(platform.text("/tenant_id").starts_with("ten_") && platform.text("/api_key_id").starts_with("key_"));
        let caller = world.client(wire).with_key(&partner).call(pb::WhoamiRequest {}).await.expect("the caller");
        assert_eq!((caller.text("/role"), caller.text("/customer_id")), ("PARTNER".to_owned(), world.customer.clone()));
        assert_eq!(caller.text("/name"), "PARTNER of the suite");
        assert_eq!(caller.text("/tenant_id"), platform.text("/tenant_id"));
    }
}

async fn only_a_valid_key_gets_in(engine: Engine) {
    let world = World::new(engine).await;
    let good = format!("Bearer {PLATFORM_KEY}");
    let bad = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {PLATFORM_KEY}"),
        PLATFORM_KEY.to_owned(),
        format!("{good}x"),
        good[..good.len() - 1].to_owned(),
        good.replace("suite", "Suite"),
        format!("{good} {PLATFORM_KEY}"),
        "Bearer tp_0000000000000000000000000000000000000000000".to_owned(),
        "Bearer \u{e9}".to_owned(),
    ];
    for wire in Wire::ALL {
        let client = world.client(wire);
        for value in &bad {
            let called = client.call_bare(&[("authorization", value)], pb::WhoamiRequest {}).await;
            assert_eq!(called.expect_err(value).refusal().code, "unauthenticated", "{value:?} on {wire:?}");
        }
        for headers in [&[][..], &[("authorization", good.as_str()), ("authorization", good.as_str())]] {
            let called = client.call_bare(headers, pb::WhoamiRequest {}).await;
            assert_eq!(called.expect_err("no one key").refusal().code, "unauthenticated", "{headers:?}");
        }
        let lower = format!("bearer {PLATFORM_KEY}");
        client.call_bare(&[("authorization", &lower)], pb::WhoamiRequest {}).await.expect("schemes have no case");
    }
    let target = format!("/v1/whoami?authorization={PLATFORM_KEY}&key={PLATFORM_KEY}");
    let answer = crate::support::http::get(world.service.address, &target).await.expect("an answer");
    assert_eq!(crate::support::refusal::from_rest(&answer).code, "unauthenticated", "keys in URLs count for nothing");
}

fn new_key(role: pb::Role, customer: &str) -> pb::CreateApiKeyRequest {
    pb::CreateApiKeyRequest {
        name: "new".to_owned(),
        role: role.into(),
        customer_id: customer.to_owned(),
        ..Default::default()
    }
}

async fn nobody_grants_what_they_lack(engine: Engine) {
    let world = World::new(engine).await;
    let admin = world.key(pb::Role::Admin, "").await;
    for wire in Wire::ALL {
        let client = world.client(wire).with_key(&admin);
        let refusal = client.call(new_key(pb::Role::Platform, "")).await.expect_err("more than ADMIN").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("permission_denied", Some("role")));
        let created = client.call(new_key(pb::Role::Manager, "")).await.expect("a key");
        assert_eq!(created.header("location"), format!("/v1/api_keys/{}", created.text("/api_key/id")));
        assert_eq!(created.text("/api_key/role"), "MANAGER");
        assert_eq!(created.text("/key").len(), 46, "tp_ and 43 characters");
        let wrong = [(pb::Role::Partner, ""), (pb::Role::Viewer, world.customer.as_str()), (pb::Role::Unspecified, "")];
        for (role, customer) in wrong {
            let refusal = client.call(new_key(role, customer)).await.expect_err("no such key").refusal();
            assert_eq!(refusal.code, "validation_failed", "{role:?}");
        }
        let stranger = sibling(&world.customer);
        let refusal = client.call(new_key(pb::Role::Partner, &stranger)).await.expect_err("nobody").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("customer_not_found", Some("customer_id")));
    }
}

/// An id of the same form that nothing has.
pub(crate) fn sibling(id: &str) -> String {
    if id.is_empty() {
        return String::new();
    }
    let (head, tail) = id.split_at(id.len() - 6);
    let other = if tail == "zzzzzz" { "yyyyyy" } else { "zzzzzz" };
    format!("{head}{other}")
}

async fn a_partner_sees_only_its_customer(engine: Engine) {
    let world = World::new(engine).await;
    let other = world::customer(&world.client(Wire::Grpc), "Grace").await;
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in Wire::ALL {
        let (staff, client) = (world.client(wire), world.client(wire).with_key(&partner));
        let foreign = staff.call(order(&other, &[(TEAPOT, 1)])).await.expect("an order").id();
        let own = client.call(world.order()).await.expect("an order of its own").id();
        client.call(pb::GetOrderRequest { order_id: own.clone() }).await.expect("its own order");
        staff.call(pb::GetOrderRequest { order_id: own.clone() }).await.expect("staff see it");
        let hidden =
            client.call(pb::GetOrderRequest { order_id: foreign.clone() }).await.expect_err("hidden").refusal();
        let nothing = client.call(pb::GetOrderRequest { order_id: sibling(&own) }).await.expect_err("none").refusal();
        assert_eq!(hidden.code, "order_not_found");
        assert_eq!(hidden.anonymous(), nothing.anonymous(), "nobody can tell them apart");
        let refusal = client.call(order(&other, &[(TEAPOT, 1)])).await.expect_err("not its customer").refusal();
        let nobody = client.call(order(&sibling(&other), &[(TEAPOT, 1)])).await.expect_err("nobody").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("customer_not_found", Some("customer_id")));
        assert_eq!(refusal.anonymous(), nobody.anonymous());
        let all = client.call(pb::ListOrdersRequest { page_size: 100, ..Default::default() }).await.expect("a page");
        let customers = all.json["orders"].as_array().expect("a list").iter().map(|order| &order["customer_id"]);
        assert!(customers.clone().count() > 0 && customers.into_iter().all(|id| *id == world.customer));
        let filtered = pb::ListOrdersRequest { customer_id: other.clone(), ..Default::default() };
        assert_eq!(client.call(filtered).await.expect("a page").json["orders"], serde_json::json!([]));
    }
}

async fn tenants_never_see_each_other(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let ours = world.client(wire);
        let created = ours
            .call(pb::CreateTenantRequest { name: format!("Other {wire:?}"), ..Default::default() })
            .await
            .expect("a tenant");
        assert_eq!(created.header("location"), format!("/v1/tenants/{}", created.text("/tenant/id")));
        let theirs = ours.with_key(&created.text("/admin_key"));
        assert_eq!(theirs.call(pb::WhoamiRequest {}).await.expect("it").text("/role"), "ADMIN");
        world::stock(&theirs).await;
        let customer = world::customer(&theirs, "Theirs").await;
        let order_id = theirs.call(order(&customer, &[(TEAPOT, 1)])).await.expect("an order").id();
        let product_id = theirs.call(product("ONLY-THEIRS", &[("GBP", 1)], 0)).await.expect("a product").id();
        hides(&ours, pb::GetOrderRequest { order_id: order_id.clone() }, "order_not_found").await;
        hides(&ours, pb::GetOrderRequest { order_id: sibling(&order_id) }, "order_not_found").await;
        hides(&ours, pb::GetProductRequest { product_id }, "product_not_found").await;
        hides(&ours, order(&customer, &[(TEAPOT, 1)]), "customer_not_found").await;
        hides(&ours, order(&world.customer, &[("ONLY-THEIRS", 1)]), "product_not_found").await;
        hides(&ours, new_key(pb::Role::Partner, &customer), "customer_not_found").await;
        let page = theirs.call(pb::ListOrdersRequest::default()).await.expect("a page").json;
        assert_eq!(page["orders"].as_array().map(Vec::len), Some(1), "one of theirs: {page}");
        let page = ours.call(pb::ListOrdersRequest::default()).await.expect("a page").json;
        assert_eq!(page["orders"], serde_json::json!([]), "none of ours");
    }
}

/// What is another's is refused in the words for what does not exist.
async fn hides<Q: crate::support::rpc::Rpc>(client: &Client, request: Q, code: &str) {
    let refusal = client.call(request).await.map_err(Failed::refusal).expect_err("hidden");
    assert_eq!(refusal.code, code);
}

async fn secrets_are_not_kept(engine: Engine) {
    let world = World::new(engine).await;
    let secret = world.key(pb::Role::Viewer, "").await;
    world.client(Wire::Rest).with_key(&secret).call(pb::WhoamiRequest {}).await.expect("it works");
    let tables = match engine {
        Engine::Sqlite => {
            let files = std::fs::read_dir(world.database.folder.path()).expect("the folder");
            let files = files.map(|file| std::fs::read(file.expect("a file").path()).expect("readable"));
            files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
        }
        Engine::Postgres => world.database.texts("SELECT row_to_json(k)::text FROM api_keys k").await,
    };
    for shown in tables.iter().chain(&[world.service.log()]) {
        assert!(!shown.contains(&secret) && !shown.contains(PLATFORM_KEY), "a secret was written down");
    }
}
