//! Customers: created on every wire, each reference once in its tenant.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;

on_both_engines! {
    a_customer_is_created,
    a_reference_belongs_to_one_customer,
    an_email_looks_like_one,
}

fn named(name: &str) -> pb::CreateCustomerRequest {
    pb::CreateCustomerRequest { name: name.to_owned(), ..Default::default() }
}

async fn a_customer_is_created(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let address = pb::Address { city: "London".to_owned(), country_code: "GB".to_owned(), ..Default::default() };
        let request = pb::CreateCustomerRequest {
            email: "grace@example.com".to_owned(),
            company: "Navy & Söhne".to_owned(),
            addresses: vec![address.clone(), pb::Address::default()],
            reference: format!("C-{wire:?}"),
            metadata: [("tier".to_owned(), "gold".to_owned())].into(),
            ..named("Grace")
        };
        let created = world.client(wire).call(request).await.expect("a customer");
        assert_eq!(created.status, if wire == Wire::Rest { 201 } else { 200 });
        assert_eq!(created.header("location"), format!("/v1/customers/{}", created.id()));
        assert_eq!(created.json["name"], "Grace");
        assert_eq!(created.json["company"], "Navy & Söhne");
        assert_eq!(created.json["email"], "grace@example.com");
        assert_eq!(created.json["addresses"][0], tradepost::contract::to_json(&address));
        assert_eq!(created.json["addresses"].as_array().map(Vec::len), Some(2));
        assert_eq!(created.json["metadata"], json!({"tier": "gold"}));
    }
}

async fn a_reference_belongs_to_one_customer(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let request = pb::CreateCustomerRequest { reference: format!("C-{wire:?}"), ..named("Grace") };
        let first = client.call(request.clone()).await.expect("a customer");
        let refusal = client.call(request).await.expect_err("a duplicate").refusal();
        assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("duplicate_reference", Some("reference")));
        assert_eq!(refusal.metadata["existing_id"], first.id());
        client.call(named("Grace")).await.expect("a name may be taken twice");
    }
}

async fn an_email_looks_like_one(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let request = pb::CreateCustomerRequest { email: "not an address".to_owned(), ..named("") };
        let refusal = world.client(wire).call(request).await.expect_err("two mistakes").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["name", "email"]));
    }
}
