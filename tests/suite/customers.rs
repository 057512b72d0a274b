//! Customers: created, read, listed and changed on every wire, each reference once in its tenant.

use prost_types::FieldMask;
use serde_json::json;
use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::access::sibling;
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::from_rest;
use crate::support::world::World;

on_both_engines! {
    a_customer_is_created_and_read,
    a_reference_belongs_to_one_customer,
    an_email_looks_like_one,
    a_customer_can_be_tried_out,
    customers_are_listed_and_filtered,
    a_view_shows_less_or_all,
    an_update_changes_what_it_names,
    what_is_cleared_is_gone,
    an_update_wants_the_state_it_knows,
    a_taken_reference_is_not_given_away,
    customers_stay_in_their_tenant,
}

fn named(name: &str) -> pb::CreateCustomerRequest {
    pb::CreateCustomerRequest { name: name.to_owned(), ..Default::default() }
}

/// A customer with everything.
fn grace(reference: &str) -> pb::CreateCustomerRequest {
    let address = pb::Address { city: "London".to_owned(), country_code: "GB".to_owned(), ..Default::default() };
    pb::CreateCustomerRequest {
        email: "grace@example.com".to_owned(),
        company: "Navy & Söhne".to_owned(),
        addresses: vec![address, pb::Address::default()],
        reference: reference.to_owned(),
        metadata: [("tier".to_owned(), "gold".to_owned())].into(),
        ..named("Grace")
    }
}

fn update(id: &str, customer: pb::CustomerPatch) -> pb::UpdateCustomerRequest {
    pb::UpdateCustomerRequest { customer_id: id.to_owned(), customer: Some(customer), ..Default::default() }
}

fn masked(id: &str, customer: pb::CustomerPatch, paths: &[&str]) -> pb::UpdateCustomerRequest {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    pb::UpdateCustomerRequest { update_mask: Some(FieldMask { paths }), ..update(id, customer) }
}

fn referring(reference: &str) -> pb::CustomerPatch {
    pb::CustomerPatch { reference: Some(reference.to_owned()), ..Default::default() }
}

async fn a_customer_is_created_and_read(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, request) = (world.client(wire), grace(&format!("C-{wire:?}")));
        let created = client.call(request.clone()).await.expect("a customer");
        assert_eq!(created.status, if wire == Wire::Rest { 201 } else { 200 });
        assert_eq!(created.header("location"), format!("/v1/customers/{}", created.id()));
        assert_eq!(created.json["name"], "Grace");
        assert_eq!(created.json["company"], "Navy & Söhne");
        assert_eq!(created.json["email"], "grace@example.com");
        assert_eq!(created.json["addresses"][0], tradepost::contract::to_json(&request.addresses[0]));
        assert_eq!(created.json["addresses"].as_array().map(Vec::len), Some(2));
        assert_eq!(created.json["metadata"], json!({"tier": "gold"}));
        let read = client.call(pb::GetCustomerRequest { customer_id: created.id() }).await.expect("it");
        assert_eq!((&read.json, read.header("etag")), (&created.json, "\"v1\""));
        let target = format!("/v1/customers/{}", created.id());
        let known = world.rest("GET", &target, &[("if-none-match", "\"v1\"")], b"").await;
        assert_eq!((known.status, known.header("etag")), (304, "\"v1\""));
        let nobody = pb::GetCustomerRequest { customer_id: sibling(&created.id()) };
        assert_eq!(client.call(nobody).await.expect_err("nobody").refusal().code, "customer_not_found");
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
        let changes = pb::CustomerPatch { email: Some("not an address".to_owned()), ..Default::default() };
        let refusal = world.client(wire).call(update(&world.customer, changes)).await.expect_err("no").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["customer.email"]));
    }
}

async fn a_customer_can_be_tried_out(engine: Engine) {
    let world = World::new(engine).await;
    world.client(Wire::Grpc).call(grace("C-1")).await.expect("a customer");
    let before = world.database.traces().await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let request = pb::CreateCustomerRequest { validate_only: true, ..grace("C-2") };
        let tried = client.keyed("tried", request.clone()).await.expect("what would be");
        assert_eq!((tried.status, tried.id().as_str(), tried.header("location")), (200, "", ""));
        let taken = pb::CreateCustomerRequest { validate_only: true, ..grace("C-1") };
        assert_eq!(client.call(taken).await.expect_err("taken").refusal().code, "duplicate_reference");
        let change = update(&world.customer, pb::CustomerPatch { name: Some("X".to_owned()), ..Default::default() });
        let change = pb::UpdateCustomerRequest { validate_only: true, ..change };
        assert_eq!(client.call(change).await.expect("what would be").text("/etag"), "v2");
    }
    assert_eq!(world.database.traces().await, before);
}

/// The names that a list request finds, page by page.
async fn names(client: &Client, mut request: pb::ListCustomersRequest) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let page = client.call(request.clone()).await.expect("a page");
        let rows = page.json["customers"].as_array().expect("a list").iter();
        found.extend(rows.map(|row| row["name"].as_str().expect("a name").to_owned()));
        request.page_token = page.text("/next_page_token");
        if request.page_token.is_empty() {
            return found;
        }
    }
}

async fn customers_are_listed_and_filtered(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let mut created = Vec::new();
    for (name, email, reference) in [("B", "b@example.com", "R-1"), ("C", "b@example.com", ""), ("D", "", "R-2")] {
        let (email, reference) = (email.to_owned(), reference.to_owned());
        let request = pb::CreateCustomerRequest { email, reference, ..named(name) };
        created.push(staff.call(request).await.expect("a customer"));
    }
    let time = |customer: &Answer| Some(customer.text("/create_time").parse().expect("a time"));
    let oldest = pb::ListCustomersRequest { order_by: "create_time".to_owned(), page_size: 2, ..Default::default() };
    let by = |reference: &str, email: &str| pb::ListCustomersRequest {
        reference: reference.to_owned(),
        email: email.to_owned(),
        ..oldest.clone()
    };
    let between = |after, before| pb::ListCustomersRequest {
        create_time_after: after,
        create_time_before: before,
        ..oldest.clone()
    };
    let none: &[&str] = &[];
    for wire in Wire::ALL {
        let client = world.client(wire);
        let newest = pb::ListCustomersRequest { page_size: 3, ..Default::default() };
        assert_eq!(names(&client, newest).await, ["D", "C", "B", "Ada"]);
        for (request, expected) in [
            (by("", ""), &["Ada", "B", "C", "D"][..]),
            (by("R-1", ""), &["B"]),
            (by("r-1", ""), none),
            (by("", "b@example.com"), &["B", "C"]),
            (by("", "B@example.com"), none),
            (by("R-1", "b@example.com"), &["B"]),
            (by("R-2", "b@example.com"), none),
            (between(time(&created[0]), None), &["C", "D"]),
            (between(None, time(&created[0])), &["Ada"]),
            (between(time(&created[0]), time(&created[2])), &["C"]),
        ] {
            assert_eq!(names(&client, request.clone()).await, expected, "{request:?}");
        }
    }
}

async fn a_view_shows_less_or_all(engine: Engine) {
    let world = World::new(engine).await;
    let created = world.client(Wire::Grpc).call(grace("C-1")).await.expect("a customer");
    let mut basic = created.json.clone();
    basic["metadata"] = json!({});
    basic["addresses"] = json!([]);
    for wire in Wire::ALL {
        for (view, expected) in
            [(pb::View::Unspecified, &basic), (pb::View::Basic, &basic), (pb::View::Full, &created.json)]
        {
            let request =
                pb::ListCustomersRequest { reference: "C-1".to_owned(), view: view.into(), ..Default::default() };
            let listed = world.client(wire).call(request).await.expect("a page");
            assert_eq!(&listed.json["customers"][0], expected, "{view:?}");
        }
    }
}

async fn an_update_changes_what_it_names(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let before = client.call(grace(&format!("C-{wire:?}"))).await.expect("a customer");
        let address = pb::Address { city: "Paris".to_owned(), ..Default::default() };
        let changes = pb::CustomerPatch {
            name: Some("Grace H.".to_owned()),
            addresses: vec![address.clone()],
            company: Some(String::new()),
            ..referring(&format!("D-{wire:?}"))
        };
        let after = client.call(update(&before.id(), changes.clone())).await.expect("changed");
        let mut expected = before.json.clone();
        expected["name"] = json!("Grace H.");
        expected["company"] = json!("");
        expected["addresses"] = json!([tradepost::contract::to_json(&address)]);
        expected["reference"] = json!(format!("D-{wire:?}"));
        expected["etag"] = json!("v2");
        expected["update_time"] = after.json["update_time"].clone();
        assert_eq!((&after.json, after.header("etag")), (&expected, "\"v2\""));
        let traces = world.database.traces().await;
        for nothing in [changes, pb::CustomerPatch::default()] {
            assert_eq!(client.call(update(&before.id(), nothing)).await.expect("nothing to do").json, after.json);
        }
        assert_eq!(world.database.traces().await, traces);
        assert_eq!(world.database.told(&before.id()).await, ["1 customer.created", "2 customer.updated"]);
    }
}

async fn what_is_cleared_is_gone(engine: Engine) {
    let world = World::new(engine).await;
    let rest = [("content-type", "application/json")];
    for wire in Wire::ALL {
        let (client, reference) = (world.client(wire), format!("C-{wire:?}"));
        let before = client.call(grace(&reference)).await.expect("a customer");
        let all = ["email", "company", "addresses", "reference", "metadata"];
        let (id, none) = (before.id(), pb::CustomerPatch::default());
        let refusal = client.call(masked(&id, none.clone(), &["*"])).await.expect_err("a name").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["customer.name"]));
        let refusal = client.call(masked(&id, referring("X"), &all[..2])).await.expect_err("unnamed").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["customer.reference"]));
        let cleared = client.call(masked(&id, none, &all)).await.expect("changed").json;
        assert_eq!([&cleared["email"], &cleared["company"], &cleared["reference"]], [""; 3]);
        assert_eq!((&cleared["addresses"], &cleared["metadata"]), (&json!([]), &json!({})));
        client.call(grace(&reference)).await.expect("the reference is free");
        let filled = json!({"email": "g@example.com", "addresses": [{"city": "Rome"}]}).to_string();
        let target = format!("/v1/customers/{id}");
        let answer = world.rest("PATCH", &target, &rest, filled.as_bytes()).await;
        assert_eq!(answer.json()["addresses"][0]["city"], "Rome");
        let nulls = json!({"email": null, "addresses": null}).to_string();
        let answer = world.rest("PATCH", &target, &rest, nulls.as_bytes()).await.json();
        assert_eq!((&answer["email"], &answer["addresses"]), (&json!(""), &json!([])));
        let nameless = world.rest("PATCH", &target, &rest, b"{\"name\": null}").await;
        assert_eq!(from_rest(&nameless).fields(), ["customer.name"]);
    }
}

async fn an_update_wants_the_state_it_knows(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let id = client.call(grace(&format!("C-{wire:?}"))).await.expect("a customer").id();
        let company = |name: &str| pb::CustomerPatch { company: Some(name.to_owned()), ..Default::default() };
        client.call_with(&[("if-match", "\"v1\"")], update(&id, company("A"))).await.expect("as expected");
        let stale = client.call_with(&[("if-match", "\"v1\"")], update(&id, company("B"))).await;
        let refusal = stale.expect_err("stale").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["etag"]), ("etag_mismatch", &json!("v2")));
        let field = pb::UpdateCustomerRequest { etag: "v1".to_owned(), ..update(&id, company("B")) };
        assert_eq!(client.call(field).await.expect_err("stale").refusal().code, "etag_mismatch");
        let first = client.keyed(&id, update(&id, company("C"))).await.expect("any state");
        let replay = world.client(Wire::Grpc).keyed(&id, update(&id, company("C"))).await.expect("a replay");
        assert!(replay.is_replay() && replay.json == first.json);
    }
}

async fn a_taken_reference_is_not_given_away(engine: Engine) {
    let world = World::new(engine).await;
    for (round, wire) in Wire::ALL.into_iter().enumerate() {
        let client = world.client(wire);
        let one = client.call(grace(&format!("ONE-{round}"))).await.expect("a customer").id();
        let two = client.call(grace(&format!("TWO-{round}"))).await.expect("a customer").id();
        let taken = update(&one, referring(&format!("TWO-{round}")));
        let refusal = client.call(taken).await.expect_err("taken").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["existing_id"]), ("duplicate_reference", &json!(two)));
        assert_eq!(refusal.fields(), ["customer.reference"]);
        let mut racers = JoinSet::new();
        for id in [one, two] {
            let (client, request) = (client.clone(), update(&id, referring(&format!("NEW-{round}"))));
            racers.spawn(async move { client.call(request).await });
        }
        let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
        let winner = won.into_iter().flatten().next().expect("one wins").id();
        let refusals: Vec<_> = lost.into_iter().map(|failed| failed.expect_err("lost").refusal()).collect();
        assert_eq!(refusals.len(), 1);
        assert_eq!(
            (refusals[0].code.as_str(), &refusals[0].metadata["existing_id"]),
            ("duplicate_reference", &json!(winner))
        );
    }
}

async fn customers_stay_in_their_tenant(engine: Engine) {
    let world = World::new(engine).await;
    let tenant = pb::CreateTenantRequest { name: "Other".to_owned(), ..Default::default() };
    let stranger = world.client(Wire::Rest).call(tenant).await.expect("a tenant").text("/admin_key");
    let partner = world.key(pb::Role::Partner, &world.customer).await;
    for wire in Wire::ALL {
        let customer_id = world.customer.clone();
        let client = world.client(wire).with_key(&stranger);
        assert!(names(&client, pb::ListCustomersRequest::default()).await.is_empty());
        let codes = [
            client.call(pb::GetCustomerRequest { customer_id: customer_id.clone() }).await,
            client.call(update(&customer_id, pb::CustomerPatch::default())).await,
            client.call(pb::DeleteCustomerRequest { customer_id: customer_id.clone(), ..Default::default() }).await,
            client.call(pb::EraseCustomerRequest { customer_id: customer_id.clone(), ..Default::default() }).await,
        ]
        .map(|called| called.expect_err("hidden").refusal().code);
        assert_eq!(codes, ["customer_not_found"; 4]);
        let own = world.client(wire).with_key(&partner).call(pb::GetCustomerRequest { customer_id }).await;
        assert_eq!(own.expect_err("a partner").refusal().code, "permission_denied");
    }
}
