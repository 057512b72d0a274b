//! How customers go: deleted while nothing needs them, or erased, so that nobody can tell any more who they were.

use serde_json::json;
use tokio::task::JoinSet;
use tradepost::contract::pb;
use tradepost::domain::ids::{CustomerId, TenantId, TypedId};
use tradepost::store;

use crate::support::client::{Answer, Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::on_both_engines;
use crate::support::world::{self, TEAPOT, World, order};

on_both_engines! {
    a_customer_without_orders_is_deleted,
    a_customer_with_orders_is_not_deleted,
    an_order_and_the_end_of_its_customer_exclude_each_other,
    the_foreign_key_has_the_last_word,
    an_erased_customer_is_nobody,
    nothing_of_a_person_stays,
    an_order_and_the_erasure_of_its_customer_leave_no_address,
    an_etag_keeps_a_customer,
}

/// What says who somebody is, in everything that these tests send.
const PERSONAL: [&str; 4] = ["Zuzanna", "zuzanna@example.com", "Kowalska Ltd", "Piotrkowska"];

/// Somebody with a name, and an address that has it too.
fn person(reference: &str) -> pb::CreateCustomerRequest {
    let [name, email, company, _] = PERSONAL.map(str::to_owned);
    let addresses = vec![address()];
    pb::CreateCustomerRequest { name, email, company, addresses, reference: reference.to_owned(), ..Default::default() }
}

fn address() -> pb::Address {
    let [name, _, _, line1] = PERSONAL.map(str::to_owned);
    pb::Address { name, line1, ..Default::default() }
}

/// An order to that address.
fn addressed(customer: &str) -> pb::CreateOrderRequest {
    pb::CreateOrderRequest {
        shipping_address: Some(address()),
        billing_address: Some(address()),
        ..order(customer, &[(TEAPOT, 1)])
    }
}

fn delete(id: &str) -> pb::DeleteCustomerRequest {
    pb::DeleteCustomerRequest { customer_id: id.to_owned(), ..Default::default() }
}

fn erase(id: &str) -> pb::EraseCustomerRequest {
    pb::EraseCustomerRequest { customer_id: id.to_owned(), ..Default::default() }
}

async fn get(client: &Client, id: &str) -> Answer {
    client.call(pb::GetCustomerRequest { customer_id: id.to_owned() }).await.expect("a customer")
}

/// Everything that the tables of a kind hold, as one text. Bytes are in base 16.
async fn contents(database: &Database, tables: &[&str]) -> String {
    let hex = if database.engine == Engine::Sqlite { "hex(reply)" } else { "encode(reply, 'hex')" };
    let replies = format!("lower({hex})");
    let mut all = String::new();
    for table in tables {
        let columns = match *table {
            "customers" => "name || email || company || CAST(addresses AS TEXT)",
            "orders" => "coalesce(CAST(shipping_address AS TEXT), '') || coalesce(CAST(billing_address AS TEXT), '')",
            "events" => "CAST(data AS TEXT)",
            "audit_events" => "owner || method || reason || request_id",
            "idempotency_keys" => &replies,
            other => panic!("{other}?"),
        };
        all += &database.texts(&format!("SELECT {columns} FROM {table}")).await.concat();
    }
    all
}

/// Which of the personal texts are in there, as they are or in base 16.
fn personal_in(contents: &str) -> Vec<&'static str> {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    PERSONAL.into_iter().filter(|text| contents.contains(text) || contents.contains(&hex(text))).collect()
}

async fn a_customer_without_orders_is_deleted(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, reference) = (world.client(wire), format!("C-{wire:?}"));
        let id = client.call(person(&reference)).await.expect("a customer").id();
        let (first, second) = (world.key(pb::Role::Partner, &id).await, world.key(pb::Role::Partner, &id).await);
        client.with_key(&first).call(pb::WhoamiRequest {}).await.expect("the key works");
        let other = world.key(pb::Role::Partner, &world.customer).await;
        let traces = world.database.traces().await;
        let tried = pb::DeleteCustomerRequest { validate_only: true, ..delete(&id) };
        client.call(tried).await.expect("it could be deleted");
        assert_eq!(world.database.traces().await, traces);
        client.with_key(&first).call(pb::WhoamiRequest {}).await.expect("the key works on");

        let deleted = client.keyed(&id, delete(&id)).await.expect("deleted");
        assert_eq!(deleted.status, if wire == Wire::Rest { 204 } else { 200 });
        let replay = world.client(Wire::Grpc).keyed(&id, delete(&id)).await.expect("a replay");
        assert!(replay.is_replay());
        assert_eq!(client.call(delete(&id)).await.expect_err("gone").refusal().code, "customer_not_found");
        let read = client.call(pb::GetCustomerRequest { customer_id: id.clone() }).await;
        assert_eq!(read.expect_err("gone").refusal().code, "customer_not_found");
        for key in [first, second] {
            let refusal = client.with_key(&key).call(pb::WhoamiRequest {}).await.expect_err("revoked").refusal();
            assert_eq!(refusal.code, "unauthenticated");
        }
        client.with_key(&other).call(pb::WhoamiRequest {}).await.expect("others' keys work");
        let refusal = client.call(addressed(&id)).await.expect_err("nobody").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("customer_not_found", vec!["customer_id"]));
        assert_eq!(world.database.told(&id).await, ["1 customer.created", "2 customer.deleted"]);
        client.call(person(&reference)).await.expect("the reference is free");
    }
    let revoked = "SELECT count(*) FROM api_keys WHERE revoke_time IS NOT NULL AND version = 2";
    assert_eq!(world.database.count(revoked).await, 8);
    let audited = "resource_type = 'api_key' AND method = '/tradepost.v1.CustomerService/DeleteCustomer'";
    assert_eq!(world.database.count(&format!("SELECT count(*) FROM audit_events WHERE {audited}")).await, 8);
    assert_eq!(personal_in(&contents(&world.database, &["events", "audit_events"]).await), [""; 0]);
}

async fn a_customer_with_orders_is_not_deleted(engine: Engine) {
    let world = World::new(engine).await;
    let key = world.key(pb::Role::Partner, &world.customer).await;
    world.client(Wire::Grpc).call(world.order()).await.expect("an order");
    let traces = world.database.traces().await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        for validate_only in [false, true] {
            let request = pb::DeleteCustomerRequest { validate_only, ..delete(&world.customer) };
            assert_eq!(client.call(request).await.expect_err("in use").refusal().code, "customer_in_use");
        }
        get(&client, &world.customer).await;
        client.with_key(&key).call(pb::WhoamiRequest {}).await.expect("its keys work");
    }
    assert_eq!(world.database.traces().await, traces);
}

async fn an_order_and_the_end_of_its_customer_exclude_each_other(engine: Engine) {
    let world = World::new(engine).await;
    let (mut ordered, mut deleted) = (0, 0);
    for round in 0..24 {
        let id = world::customer(&world.client(Wire::Grpc), "Ada").await;
        let wire = Wire::ALL[round % 4];
        let (one, two) = (world.client(wire), world.client(wire));
        let (request, end) = (order(&id, &[(TEAPOT, 1)]), delete(&id));
        let (order, end) = if round % 2 == 0 {
            tokio::join!(one.call(request), two.call(end))
        } else {
            let (end, order) = tokio::join!(two.call(end), one.call(request));
            (order, end)
        };
        match (order, end) {
            (Ok(order), Err(failed)) => {
                assert_eq!(failed.refusal().code, "customer_in_use");
                assert_eq!(get(&one, &id).await.id(), order.text("/customer_id"));
                ordered += 1;
            }
            (Err(failed), Ok(_)) => {
                assert_eq!(failed.refusal().code, "customer_not_found");
                deleted += 1;
            }
            both => panic!("one of them: {both:?}"),
        }
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, ordered);
    let ended = "SELECT count(*) FROM events WHERE type = 'customer.deleted'";
    assert_eq!(world.database.count(ended).await, deleted);
}

/// What comes past every check is met by the database, and told as something to be tried again.
async fn the_foreign_key_has_the_last_word(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    client.call(world.order()).await.expect("an order");
    let tenant = client.call(pb::WhoamiRequest {}).await.expect("the caller").text("/tenant_id");
    let scope = store::Scope { tenant: TenantId::parse(&tenant).expect("an id"), customer: None };
    let engine = world.database.url.parse().expect("an engine");
    let db = store::Db::connect(&world.database.url, engine).await.expect("the database of the test");
    let tx = db.begin().await.expect("a transaction");
    let id = CustomerId::parse(&world.customer).expect("an id");
    let customer = store::customers::get_for_write(&tx, &scope, id).await.expect("a row").expect("a customer");
    let refused = store::customers::delete(&tx, &scope, &customer).await.expect_err("it has an order");
    assert!(matches!(refused, store::Error::ForeignKey(_)), "{refused}");
    tx.rollback().await;
    let tx = db.begin().await.expect("a transaction");
    let stale = customer.deleted(customer.update_time);
    let missed = store::customers::save(&tx, &scope, &stale, &customer).await.expect_err("nobody has that version");
    assert!(matches!(missed, store::Error::Stale), "{missed}");
    tx.rollback().await;
    db.close().await;
}

async fn an_erased_customer_is_nobody(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let before = client.call(person(&format!("C-{wire:?}"))).await.expect("a customer");
        let id = before.id();
        let partner = client.with_key(&world.key(pb::Role::Partner, &id).await);
        let ordered = client.call(addressed(&id)).await.expect("an order");
        let draft = pb::CreateOrderRequest { draft: true, ..addressed(&id) };
        let draft = client.call(draft).await.expect("a draft");
        let tried = pb::EraseCustomerRequest { validate_only: true, ..erase(&id) };
        assert_eq!(client.call(tried).await.expect("what would be").text("/name"), "");
        assert_eq!(get(&client, &id).await.json, before.json);

        let erased = client.call(erase(&id)).await.expect("erased");
        let mut expected = before.json.clone();
        for field in ["name", "email", "company"] {
            expected[field] = json!("");
        }
        expected["addresses"] = json!([]);
        expected["etag"] = json!("v2");
        for field in ["update_time", "erase_time"] {
            expected[field] = erased.json["update_time"].clone();
        }
        assert_eq!((&erased.json, erased.header("etag"), erased.status), (&expected, "\"v2\"", 200));
        assert_eq!(get(&client, &id).await.json, expected);
        assert_eq!(client.call(erase(&id)).await.expect("nothing to do").json, expected);
        assert_eq!(world.database.told(&id).await, ["1 customer.created", "2 customer.erased"]);

        let name = pb::CustomerPatch { name: Some("New".to_owned()), ..Default::default() };
        for customer in [name, pb::CustomerPatch::default()] {
            let request =
                pb::UpdateCustomerRequest { customer_id: id.clone(), customer: Some(customer), ..Default::default() };
            assert_eq!(client.call(request).await.expect_err("erased").refusal().code, "customer_erased");
        }
        let readdressed = pb::OrderPatch { shipping_address: Some(address()), ..Default::default() };
        let readdressed =
            pb::UpdateOrderRequest { order_id: ordered.id(), order: Some(readdressed), ..Default::default() };
        assert_eq!(client.call(readdressed).await.expect_err("erased").refusal().code, "customer_erased");
        let note = pb::OrderPatch { note: Some("Paid.".to_owned()), ..Default::default() };
        let note = pb::UpdateOrderRequest { order_id: ordered.id(), order: Some(note), ..Default::default() };
        client.call(note).await.expect("the books go on");
        let place = pb::PlaceOrderRequest { order_id: draft.id(), ..Default::default() };
        assert_eq!(client.call(place).await.expect_err("erased").refusal().code, "customer_erased");
        for caller in [&client, &partner] {
            let refusal = caller.call(addressed(&id)).await.expect_err("erased").refusal();
            assert_eq!((refusal.code.as_str(), refusal.fields()), ("customer_erased", vec!["customer_id"]));
        }
        assert_eq!(client.call(delete(&id)).await.expect_err("the books").refusal().code, "customer_in_use");
    }
}

/// Why things were done to an order, as the audit tells it, newest first.
async fn reasons(client: &Client, order: &str) -> Vec<String> {
    let lines = pb::ListAuditEventsRequest { resource_id: order.to_owned(), ..Default::default() };
    let lines = client.call(lines).await.expect("audit events").json;
    let lines = lines["audit_events"].as_array().expect("rows");
    lines.iter().map(|line| line["reason"].as_str().expect("a text").to_owned()).collect()
}

/// What erasing leaves of the orders and the stored replies of somebody.
async fn nothing_of_a_person_stays(engine: Engine) {
    let world = World::new(engine).await;
    let tables = ["customers", "orders", "events", "audit_events", "idempotency_keys"];
    for (round, wire) in Wire::ALL.into_iter().enumerate() {
        let (client, reference) = (world.client(wire), format!("C-{wire:?}"));
        let key = |what: &str| format!("{what}-{wire:?}");
        let created = client.keyed(&key("create"), person(&reference)).await.expect("a customer");
        let id = created.id();
        let keep = pb::CustomerPatch { name: Some(PERSONAL[0].to_owned()), ..Default::default() };
        let keep = pb::UpdateCustomerRequest { customer_id: id.clone(), customer: Some(keep), ..Default::default() };
        assert_eq!(client.keyed(&key("keep"), keep.clone()).await.expect("nothing to do").json, created.json);
        let ordered = client.keyed(&key("order"), addressed(&id)).await.expect("an order");
        let again = pb::PlaceOrderRequest { order_id: ordered.id(), ..Default::default() };
        let placed = client.keyed(&key("again"), again).await.expect("nothing to do");
        assert_eq!(placed.json["shipping_address"], ordered.json["shipping_address"]);
        let plain = client.call(order(&id, &[(TEAPOT, 1)])).await.expect("an order without addresses");
        let cancel = |id: String| pb::CancelOrderRequest {
            order_id: id,
            reason: format!("{} moved away", PERSONAL[0]),
            ..Default::default()
        };
        let canceled = client.call(order(&id, &[(TEAPOT, 1)])).await.expect("an order").id();
        client.call(cancel(canceled.clone())).await.expect("canceled");
        for place in 0..20 {
            client.keyed(&key(&format!("{place}")), addressed(&id)).await.expect("one of many orders");
        }
        for table in ["customers", "orders", "audit_events", "idempotency_keys"] {
            assert!(!personal_in(&contents(&world.database, &[table]).await).is_empty(), "{table}: nothing to erase");
        }
        assert_eq!(personal_in(&contents(&world.database, &["events"]).await), [""; 0]);
        let others = client.call(world.order()).await.expect("another's order").id();
        let reason = format!("{wire:?}: too expensive");
        let dear = pb::CancelOrderRequest { reason: reason.clone(), ..cancel(others.clone()) };
        client.call(dear).await.expect("canceled");

        client.keyed(&key("erase"), erase(&id)).await.expect("erased");
        assert_eq!(personal_in(&contents(&world.database, &tables).await), [""; 0], "{wire:?}");

        assert_eq!(reasons(&client, &canceled).await, ["", ""], "what people typed");
        assert_eq!(reasons(&client, &others).await, [reason.as_str(), ""], "others' stay");

        let read = client.call(pb::GetOrderRequest { order_id: ordered.id() }).await.expect("the order").json;
        let mut expected = ordered.json.clone();
        for gone in ["shipping_address", "billing_address"] {
            assert!(expected.as_object_mut().expect("an order").remove(gone).is_some(), "{gone}");
        }
        (expected["etag"], expected["update_time"]) = (json!("v2"), read["update_time"].clone());
        assert_eq!(read, expected, "the books stay");
        let same = client.call(pb::GetOrderRequest { order_id: plain.id() }).await.expect("the order");
        assert_eq!(same.json, plain.json, "what did not change has not moved");

        let other = world.client(Wire::ALL[(round + 1) % 4]);
        let replay = other.keyed(&key("create"), person(&reference)).await.expect("a replay");
        assert!(replay.is_replay());
        assert_eq!((replay.id(), replay.text("/name"), &replay.json["addresses"]), (id, String::new(), &json!([])));
        assert_eq!(replay.header("location"), created.header("location"));
        assert_eq!(other.keyed(&key("keep"), keep).await.expect("a replay").text("/email"), "");
        let replay = other.keyed(&key("order"), addressed(&created.id())).await.expect("a replay");
        assert!(replay.is_replay());
        assert_eq!((replay.id(), &replay.json["shipping_address"]), (ordered.id(), &json!(null)));
        let replay = other.keyed(&key("erase"), erase(&created.id())).await.expect("a replay");
        assert!(replay.is_replay());
    }
}

async fn an_order_and_the_erasure_of_its_customer_leave_no_address(engine: Engine) {
    let world = World::new(engine).await;
    for round in 0..8 {
        let id = world.client(Wire::Grpc).call(person(&format!("C-{round}"))).await.expect("a customer").id();
        let mut racers = JoinSet::new();
        for place in 0..6 {
            let (client, request) = (world.client(Wire::ALL[place % 4]), addressed(&id));
            let key = format!("{round}-{place}");
            racers.spawn(async move { client.keyed(&key, request).await });
        }
        let client = world.client(Wire::ALL[round % 4]);
        client.call(erase(&id)).await.expect("erased");
        for ordered in racers.join_all().await {
            if let Err(failed) = ordered {
                assert_eq!(failed.refusal().code, "customer_erased");
            }
        }
    }
    let left = contents(&world.database, &["customers", "orders", "idempotency_keys", "events"]).await;
    assert_eq!(personal_in(&left), [""; 0]);
}

async fn an_etag_keeps_a_customer(engine: Engine) {
    let world = World::new(engine).await;
    let traces = world.database.traces().await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let stale = [("if-match", "\"v7\"")];
        let codes = [
            client.call_with(&stale, delete(&world.customer)).await,
            client.call_with(&stale, erase(&world.customer)).await,
            client.call(pb::DeleteCustomerRequest { etag: "v7".to_owned(), ..delete(&world.customer) }).await,
            client.call(pb::EraseCustomerRequest { etag: "v7".to_owned(), ..erase(&world.customer) }).await,
        ]
        .map(|called| called.expect_err("stale").refusal());
        assert!(codes.iter().all(|refusal| refusal.code == "etag_mismatch" && refusal.metadata["etag"] == "v1"));
    }
    assert_eq!(world.database.traces().await, traces);
    let client = world.client(Wire::Rest);
    client.call_with(&[("if-match", "\"v1\"")], erase(&world.customer)).await.expect("as expected");
    client.call_with(&[("if-match", "\"v2\"")], delete(&world.customer)).await.expect("as expected");
}
