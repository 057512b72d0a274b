//! Every method of the contract with every role: allowed when the role holds the permission, and only then.

use tradepost::contract::pb;
use tradepost::contract::policy::{METHODS, Method, Role};

use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::world::{World, product};

on_both_engines! {
    every_role_may_what_the_contract_says,
    every_method_asks_for_a_key,
}

const ROLES: [pb::Role; 7] = [
    pb::Role::Platform,
    pb::Role::Admin,
    pb::Role::Manager,
    pb::Role::Operator,
    pb::Role::Viewer,
    pb::Role::Partner,
    pb::Role::Agent,
];

/// A valid call of a method. A new method of the contract fails here until it has one.
async fn attempt(method: &Method, client: &Client, world: &World, ids: &Ids) -> Result<Answer, Failed> {
    match method.name {
        "CreateTenant" => client.call(pb::CreateTenantRequest { name: "New".to_owned(), ..Default::default() }).await,
        "CreateApiKey" => {
            let role = pb::Role::Viewer.into();
            client.call(pb::CreateApiKeyRequest { name: "New".to_owned(), role, ..Default::default() }).await
        }
        "Whoami" => client.call(pb::WhoamiRequest {}).await,
        "CreateProduct" => client.call(product(&ids.new_sku, &[("GBP", 1)], 0)).await,
        "GetProduct" => client.call(pb::GetProductRequest { product_id: ids.product.clone() }).await,
        "CreateCustomer" => {
            client.call(pb::CreateCustomerRequest { name: "New".to_owned(), ..Default::default() }).await
        }
        "CreateOrder" => client.call(world.order()).await,
        "GetOrder" => client.call(pb::GetOrderRequest { order_id: ids.order.clone() }).await,
        "ListOrders" => client.call(pb::ListOrdersRequest::default()).await,
        other => panic!("the roles test does not know {other}: give it a valid call"),
    }
}

/// What calls need.
struct Ids {
    order: String,
    product: String,
    new_sku: String,
}

async fn ids(world: &World) -> Ids {
    let staff = world.client(Wire::Grpc);
    let order = staff.call(world.order()).await.expect("an order").id();
    let product = staff.call(product("ANY", &[("GBP", 1)], 0)).await.expect("a product").id();
    Ids { order, product, new_sku: String::new() }
}

async fn every_role_may_what_the_contract_says(engine: Engine) {
    let world = World::new(engine).await;
    let mut ids = ids(&world).await;
    for role in ROLES {
        let customer = if role == pb::Role::Partner { world.customer.as_str() } else { "" };
        let key = world.key(role, customer).await;
        let holds: Role = role.as_str_name().parse().expect("a role");
        for wire in [Wire::Grpc, Wire::Rest, Wire::GrpcWeb] {
            let client = world.client(wire).with_key(&key);
            for method in METHODS {
                ids.new_sku = format!("{role:?}-{wire:?}");
                let allowed = method.permission.is_none_or(|needed| holds.permissions().contains(&needed));
                match attempt(method, &client, &world, &ids).await {
                    Ok(_) => assert!(allowed, "{role:?} must not {} on {wire:?}", method.name),
                    Err(failed) => {
                        let refusal = failed.refusal();
                        assert!(!allowed, "{role:?} may {} on {wire:?}: {refusal:?}", method.name);
                        assert_eq!(refusal.code, "permission_denied", "{refusal:?}");
                        let needed = method.permission.expect("a permission").as_str();
                        assert_eq!(refusal.metadata["permission"], needed);
                    }
                }
            }
        }
    }
}

async fn every_method_asks_for_a_key(engine: Engine) {
    let world = World::new(engine).await;
    let ids = ids(&world).await;
    for wire in Wire::ALL {
        let client = world.client(wire).with_key("no-such-key-0123456789abcdefghijklmnop");
        for method in METHODS {
            let refusal = attempt(method, &client, &world, &ids).await.expect_err(method.name).refusal();
            assert_eq!(refusal.code, "unauthenticated", "{} on {wire:?}", method.name);
        }
    }
}
