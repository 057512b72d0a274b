//! What holds for every method of the contract, method by method: who gets in, what is hidden, what replays, what checking
//! alone leaves behind, and what an etag guards. The calls are in `support::cases`.

use serde_json::{Value, json};
use tradepost::contract::pb;
use tradepost::contract::policy::{self, KeyRule, Kind, Method, Permission, Role};

use crate::support::cases::{Case, Hidden, Things, case};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::world::{self, World};

on_both_engines! {
    every_method_asks_for_a_key,
    every_role_may_what_the_contract_says,
    every_method_hides_other_tenants,
    every_method_hides_other_customers,
    every_write_replays,
    every_write_can_be_checked_alone,
    every_change_of_one_thing_minds_its_etag,
    every_read_of_one_thing_can_be_not_modified,
    every_list_has_pages,
}

/// The wires that differ in what they carry; the others are forms of these.
const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

const ROLES: [pb::Role; 7] = [
    pb::Role::Platform,
    pb::Role::Admin,
    pb::Role::Manager,
    pb::Role::Operator,
    pb::Role::Viewer,
    pb::Role::Partner,
    pb::Role::Agent,
];

/// Every method but those that answer with a stream.
fn methods() -> impl Iterator<Item = &'static Method> {
    policy::METHODS.iter().copied().filter(|method| method.stream.is_none())
}

fn writes() -> impl Iterator<Item = (&'static Method, KeyRule)> {
    methods().filter_map(|method| match method.kind {
        Kind::Write(rule) => Some((method, rule)),
        Kind::Read | Kind::Composite => None,
    })
}

fn is_on_one_thing(method: &Method) -> bool {
    method.template.contains('{')
}

async fn every_method_asks_for_a_key(engine: Engine) {
    let world = World::new(engine).await;
    let things = Things::new(&world).await;
    for wire in Wire::ALL {
        let client = world.client(wire).with_key("no-such-key-0123456789abcdefghijklmnop");
        for method in methods() {
            let refusal = case(method, &things).send(&client, &[]).await.expect_err(method.name).refusal();
            assert_eq!(refusal.code, "unauthenticated", "{} on {wire:?}", method.name);
        }
    }
}

async fn every_role_may_what_the_contract_says(engine: Engine) {
    let world = World::new(engine).await;
    for role in ROLES {
        let things = Things::new(&world).await;
        let customer = if role == pb::Role::Partner { things.customer.as_str() } else { "" };
        let key = world.key(role, customer).await;
        let holds: Role = role.as_str_name().parse().expect("a role");
        for method in methods() {
            let allowed = method.permission.is_none_or(|needed| holds.permissions().contains(&needed));
            for wire in [Wire::Grpc, Wire::Rest, Wire::GrpcWeb] {
                let client = world.client(wire).with_key(&key);
                // Writes use things up; who may do them may have them checked.
                let outcome = match method.kind {
                    Kind::Write(_) => case(method, &things).check(&client, &[]).await,
                    Kind::Read | Kind::Composite => case(method, &things).send(&client, &[]).await,
                };
                judge(method, role, allowed, outcome);
            }
        }
    }
}

fn judge(method: &Method, role: pb::Role, allowed: bool, outcome: Result<Answer, Failed>) {
    match outcome {
        Ok(_) => assert!(allowed, "{role:?} must not {}", method.name),
        Err(failed) => {
            let refusal = failed.refusal();
            let (code, permission) = (refusal.code.as_str(), refusal.metadata["permission"].as_str());
            // Nobody grants what they lack: a key of a role that has more than one's own.
            let grants_too_much = method.name == "CreateApiKey" && code == "permission_denied";
            assert!(!allowed || grants_too_much, "{role:?} may {}: {refusal:?}", method.name);
            assert_eq!(code, "permission_denied", "{refusal:?}");
            assert!(grants_too_much || permission == method.permission.map(Permission::as_str), "{refusal:?}");
        }
    }
}

async fn every_method_hides_other_tenants(engine: Engine) {
    let world = World::new(engine).await;
    let things = Things::new(&world).await;
    let tenant = pb::CreateTenantRequest { name: "Other".into(), ..Default::default() };
    let stranger = world.client(Wire::Grpc).call(tenant).await.expect("a tenant").text("/admin_key");
    world::stock(&world.client(Wire::Grpc).with_key(&stranger)).await;
    for method in methods() {
        for wire in WIRES {
            let client = world.client(wire).with_key(&stranger);
            let (theirs, nobodys) = (case(method, &things), case(method, &things.absent()));
            hides(method, theirs.to_tenants, &things, [&client, &world.client(wire)], [&theirs, &nobodys]).await;
        }
    }
}

async fn every_method_hides_other_customers(engine: Engine) {
    let world = World::new(engine).await;
    let things = Things::new(&world).await;
    let other = world::customer(&world.client(Wire::Grpc), "Other").await;
    let partner = world.key(pb::Role::Partner, &other).await;
    for method in methods() {
        let allowed = method.permission.is_none_or(|needed| Role::Partner.permissions().contains(&needed));
        for wire in WIRES {
            let client = world.client(wire).with_key(&partner);
            let (theirs, nobodys) = (case(method, &things), case(method, &things.absent()));
            if allowed {
                hides(method, theirs.to_customers, &things, [&client, &world.client(wire)], [&theirs, &nobodys]).await;
            } else {
                let refusal = theirs.send(&client, &[]).await.expect_err(method.name).refusal();
                assert_eq!(refusal.code, "permission_denied", "{}", method.name);
            }
        }
    }
}

/// Nobody can tell another's thing from one that never existed. Whose the things are sees them.
async fn hides(
    method: &Method,
    hidden: Hidden,
    things: &Things,
    [client, owner]: [&Client; 2],
    [theirs, nobodys]: [&Case; 2],
) {
    match hidden {
        Hidden::Nothing => {}
        Hidden::NotFound(code) => {
            let refusal = theirs.send(client, &[]).await.expect_err(method.name).refusal();
            let absent = nobodys.send(client, &[]).await.expect_err(method.name).refusal();
            assert_eq!(refusal.code, code, "{}", method.name);
            assert_eq!(refusal.anonymous(), absent.anonymous(), "{}", method.name);
        }
        Hidden::Empty(field) => {
            let shown = |answer: Answer| {
                let rows = answer.json[field].as_array().unwrap_or_else(|| panic!("{field} in {}", answer.json));
                let rows = json!(rows).to_string();
                (things.ids().into_iter().filter(|id| rows.contains(id)).count(), rows)
            };
            let (count, rows) = shown(theirs.send(client, &[]).await.expect("a list"));
            assert_eq!(count, 0, "{} shows {rows}", method.name);
            let (count, rows) = shown(theirs.send(owner, &[]).await.expect("a list"));
            assert_ne!(count, 0, "{} has nothing to hide: {rows}", method.name);
        }
    }
}

async fn every_write_replays(engine: Engine) {
    let world = World::new(engine).await;
    for (method, rule) in writes() {
        for (first, second) in [(Wire::Grpc, Wire::Rest), (Wire::Rest, Wire::Grpc)] {
            let things = Things::of(&world, method).await;
            let call = case(method, &things);
            let key = format!("{}-{first:?}", method.name);
            let headers = [("idempotency-key", key.as_str())];
            let answer = call.send(&world.client(first), &headers).await.expect(method.name);
            assert!(!answer.is_replay(), "{}", method.name);
            if rule == KeyRule::None {
                continue;
            }
            let again = call.send(&world.client(second), &headers).await.expect(method.name);
            assert!(again.is_replay(), "{}", method.name);
            let same = |answer: &Answer| if answer.json.is_null() { json!({}) } else { answer.json.clone() };
            assert_eq!(same(&again), same(&answer), "{}", method.name);
            let status = if second == Wire::Rest { method.status } else { 200 };
            assert_eq!(
                (again.status, again.header("location")),
                (status, answer.header("location")),
                "{}",
                method.name
            );
            assert_eq!(again.header("etag"), answer.header("etag"));
        }
    }
}

async fn every_write_can_be_checked_alone(engine: Engine) {
    let world = World::new(engine).await;
    let things = Things::new(&world).await;
    let before = everything(&world.database).await;
    let key = [("idempotency-key", "checked")];
    for (method, _) in writes() {
        for wire in WIRES {
            let answer = case(method, &things).check(&world.client(wire), &key).await.expect(method.name);
            assert_eq!((answer.status, answer.header("location")), (200, ""), "{}", method.name);
            assert!(!answer.is_replay(), "{}", method.name);
            let shown = answer.json.to_string();
            if method.creates() {
                assert!(!has_id(&answer.json), "{} answers an id: {shown}", method.name);
            }
            assert!(!shown.contains("\"tp_"), "{} shows a secret", method.name);
        }
        assert_eq!(everything(&world.database).await, before, "{} left something", method.name);
    }
    for (method, _) in writes() {
        let nobody = world.client(Wire::Rest).with_key("no-such-key-0123456789abcdefghijklmnop");
        let refusal = case(method, &things).check(&nobody, &[]).await.expect_err(method.name).refusal();
        assert_eq!(refusal.code, "unauthenticated", "{}", method.name);
        let absent = case(method, &things.absent());
        if is_on_one_thing(method) {
            let refusal = absent.check(&world.client(Wire::Rest), &[]).await.expect_err(method.name).refusal();
            assert!(refusal.code.ends_with("_not_found"), "{}: {refusal:?}", method.name);
        }
    }
}

/// Whether anything in it is called `id` and says something.
fn has_id(json: &Value) -> bool {
    match json {
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| (name == "id" && *value != json!("")) || has_id(value))
        }
        Value::Array(values) => values.iter().any(has_id),
        _ => false,
    }
}

/// How many rows each table has, and how often things were changed.
async fn everything(database: &Database) -> Vec<String> {
    let (tables, versions) = match database.engine {
        Engine::Sqlite => (
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE c.name = 'version' ORDER BY m.name",
        ),
        Engine::Postgres => (
            "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
            "SELECT CAST(table_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = 'public' AND column_name = 'version' AND data_type = 'bigint' ORDER BY table_name",
        ),
    };
    let (tables, versions) = (database.texts(tables).await, database.texts(versions).await);
    // Who sweeps is written down whatever callers do.
    let rows = tables.iter().filter(|table| *table != "leases").map(|table| (table, "COUNT(*)"));
    let versions = versions.iter().filter(|table| *table != "seaql_migrations").map(|table| (table, "SUM(version)"));
    let (orders, payments, stock) = ("orders".to_owned(), "payments".to_owned(), "stock_levels".to_owned());
    let counters =
        [(&orders, "SUM(refund_claims)"), (&payments, "SUM(refund_claims)"), (&stock, "SUM(on_hand + reserved)")];
    let each = rows.chain(versions).chain(counters);
    let each = each.map(|(table, count)| format!("SELECT '{table} {count} ' || COALESCE({count}, 0) FROM {table}"));
    database.texts(&each.collect::<Vec<_>>().join(" UNION ALL ")).await
}

async fn every_change_of_one_thing_minds_its_etag(engine: Engine) {
    let world = World::new(engine).await;
    for (method, _) in writes().filter(|(method, _)| is_on_one_thing(method)) {
        let things = Things::of(&world, method).await;
        let mut version = 0;
        for wire in WIRES {
            let client = world.client(wire);
            let stale = [("if-match", "\"v999\"")];
            let refusal = case(method, &things).send(&client, &stale).await.expect_err(method.name).refusal();
            assert_eq!(refusal.code, "etag_mismatch", "{}", method.name);
            version = version_of(refusal.metadata["etag"].as_str().unwrap_or_default());
            let absent = case(method, &things.absent()).send(&client, &stale).await.expect_err(method.name).refusal();
            assert!(absent.code.ends_with("_not_found"), "{}: what is not there has no etag: {absent:?}", method.name);
            let any = case(method, &things).check(&client, &[("if-match", "*")]).await.expect(method.name);
            assert_eq!(any.status, 200);
        }
        let current = format!("\"v0\", \"v{version}\"");
        let current = [("if-match", current.as_str())];
        let done = case(method, &things).send(&world.client(Wire::Rest), &current).await.expect(method.name);
        assert_eq!(done.status, method.status, "{}", method.name);
        if method.status == 200 {
            assert_eq!(version_of(done.header("etag").trim_matches('"')), version + 1, "{}", method.name);
        }
    }
}

/// `v7` is the seventh.
fn version_of(etag: &str) -> i64 {
    etag.strip_prefix('v').and_then(|version| version.parse().ok()).expect("an etag")
}

async fn every_read_of_one_thing_can_be_not_modified(engine: Engine) {
    let world = World::new(engine).await;
    let things = Things::new(&world).await;
    let client = world.client(Wire::Rest);
    let mut guarded = 0;
    for method in methods().filter(|method| method.kind == Kind::Read) {
        let call = case(method, &things);
        let read = call.send(&client, &[]).await.expect(method.name);
        let etag = read.header("etag").to_owned();
        assert_eq!(read.header("cache-control"), "private, no-cache", "{}", method.name);
        assert!(read.header("vary").contains("Authorization"), "{}", method.name);
        if etag.is_empty() {
            assert!(read.json.get("etag").is_none(), "{} shows an etag and sends none", method.name);
            continue;
        }
        guarded += 1;
        assert_eq!(etag, format!("\"{}\"", read.text("/etag")), "{}", method.name);
        let again = call.send(&client, &[("if-none-match", &etag)]).await.expect(method.name);
        assert_eq!((again.status, again.json.is_null(), again.header("etag")), (304, true, etag.as_str()));
        assert_eq!(again.header("cache-control"), "private, no-cache", "{}", method.name);
        let other = call.send(&client, &[("if-none-match", "\"v999\"")]).await.expect(method.name);
        assert_eq!((other.status, other.json), (200, read.json), "{}", method.name);
    }
    assert!(guarded >= 5, "orders, products, customers, tenants, keys");
}

async fn every_list_has_pages(engine: Engine) {
    let world = World::new(engine).await;
    let (things, more) = (Things::new(&world).await, Things::new(&world).await);
    assert_ne!(things.placed, more.placed);
    let note = Some(pb::OrderPatch { note: Some("a second event".to_owned()), ..Default::default() });
    let noted = pb::UpdateOrderRequest { order_id: things.placed.clone(), order: note, ..Default::default() };
    world.client(Wire::Grpc).call(noted).await.expect("an edit");
    for method in methods().filter(|method| method.name.starts_with("List")) {
        let path = method.template.replace("{order_id}", &things.placed);
        let collection = path.rsplit('/').next().map(|name| if name == "stock" { "stock_levels" } else { name });
        let collection = collection.expect("a collection");
        let first = world.rest("GET", &format!("{path}?page_size=1"), &[], b"").await.json();
        let rows = first[collection].as_array().unwrap_or_else(|| panic!("{collection} in {first}"));
        assert_eq!(rows.len(), 1, "{}", method.name);
        let token = first["next_page_token"].as_str().expect("a token").to_owned();
        for wrong in ["page_size=-1", "order_by=name", "view=HUGE", "nothing=1", "page_token=x"] {
            let status = world.rest("GET", &format!("{path}?{wrong}"), &[], b"").await.status;
            assert_eq!(status, if wrong == "page_token=x" { 400 } else { 422 }, "{} {wrong}", method.name);
        }
        assert!(!token.is_empty(), "{} has two rows", method.name);
        let other_order = world.rest("GET", &format!("{path}?page_token={token}&order_by=create_time"), &[], b"").await;
        assert_eq!(other_order.status, 400, "{}: the token is bound to the order", method.name);
        let second = world.rest("GET", &format!("{path}?page_size=100&page_token={token}"), &[], b"").await.json();
        let rows_after = second[collection].as_array().expect("rows");
        assert!(rows_after.iter().all(|row| *row != rows[0]), "{} repeats a row", method.name);
        let oldest = world.rest("GET", &format!("{path}?page_size=100&order_by=create_time"), &[], b"").await.json();
        let times: Vec<_> =
            oldest[collection].as_array().expect("rows").iter().map(|row| row["create_time"].to_string()).collect();
        assert!(times.is_sorted(), "{}", method.name);
    }
}
