//! What the databases make of the statements of lists: each filter reads along an index that is sorted as the list is.
//!
//! The statements are those that the service logs while it answers. SQLite has no statistics, and its plan is that of any
//! size; PostgreSQL is given rows and counts them.

mod lists;

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use tradepost::contract::pb;

use crate::support::cases::payments::{pay, refund};
use crate::support::cases::webhooks::Hooks;
use crate::support::cases::{fulfillment, inventory, reports};
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::http::HttpCall;
use crate::support::on_both_engines;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::{self, World, order};
use lists::{LISTS, OWN_LISTS};

on_both_engines! {
    every_filter_has_an_index,
}

/// Words of a plan that reads more than it shows.
const WASTE: [&str; 3] = ["Seq Scan", "AUTOMATIC", "SCAN orders"];

/// Indexes that find few rows, so that sorting them is nothing.
const FEW: &[&str] = &[
    "locations_code",
    "reservations_reference",
    "quotes_reference|quotes_reference_page",
    "payments_provider_reference",
    "orders_reference|orders_reference_page",
    "events_resource_page|events_resource",
    "products_sku",
    "customers_reference",
    "webhook_deliveries_event_page|webhook_deliveries_once",
];

/// Words of a plan that sorts.
const SORTS: [&str; 2] = ["Sort Key", "USE TEMP B-TREE"];

async fn every_filter_has_an_index(engine: Engine) {
    let world = World::logging(engine, "info,sqlx::query=trace").await;
    let staff = world.client(Wire::Grpc);
    let (key, partner) = world.new_key(pb::Role::Partner, &world.customer).await;
    world.new_key(pb::Role::Partner, &world.customer).await;
    let placed = staff.call(pb::CreateOrderRequest { reference: "R-1".to_owned(), ..world.order() }).await;
    placed.expect("an order");
    let other = world::customer(&staff, "Grace").await;
    let spoons = order_of(&other);
    staff.call(spoons).await.expect("an order");
    staff.call(world.order()).await.expect("an order");
    crate::support::cases::approvals::pending(&world, &other).await;
    let (_, approval) = crate::support::cases::approvals::pending(&world, &other).await;
    let approval = staff.call(pb::GetApprovalRequest { approval_id: approval }).await.expect("an approval");
    let large = approval.text("/subject_id");
    quoted(&staff, [(&world.customer, "R-1"), (&other, "R-1"), (&world.customer, "R-2")]).await;
    let (location, reservation) = stocked(&staff).await;
    let order = on_the_way(&world, &staff).await;
    let payment = booked(&staff, &order).await;
    for _ in 0..2 {
        reports::made(&staff, reports::report(pb::report::Kind::Stock)).await;
    }
    let [hooks, _] = [Hooks::new(&staff).await, Hooks::new(&staff).await];
    let database = planner(&world).await;
    let named = [
        ("{endpoint}", hooks.paused.as_str()),
        ("{event}", &placed_event(&staff, &order).await),
        ("{customer}", &world.customer),
        ("{order}", &order),
        ("{key}", &key),
        ("{large}", &large),
        ("{payment}", &payment),
        ("{location}", &location),
        ("{reservation}", &reservation),
    ];
    let mut wrong = Vec::new();
    for (secret, lists) in [(PLATFORM_KEY, LISTS), (&partner, OWN_LISTS)] {
        for (target, index, times) in lists {
            let target = named.iter().fold(format!("{target}&page_size=1"), |all, (name, id)| all.replace(name, id));
            for (statement, place) in pages(&world, &target, secret).await {
                let plan = plan(&database, engine, &statement).await;
                if let Some(fault) = fault(&plan, index, *times) {
                    wrong.push(format!("{place} of {target}: {fault}\n{statement}\n{plan}"));
                }
            }
        }
    }
    // Without its index, a list must be found out.
    let drop = "DROP INDEX events_type_page";
    let (statement, _) = page(&world, "/v1/events?type=order.placed&page_size=1", PLATFORM_KEY).await;
    database.execute_unprepared(drop).await.expect(drop);
    assert!(fault(&plan(&database, engine, &statement).await, "events_type_page", 1).is_some());
    database.close().await.expect("closes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    for index in indexes(&world).await {
        let lists = LISTS.iter().chain(OWN_LISTS);
        assert!(lists.into_iter().any(|(_, used, _)| *used == index), "no list uses {index}");
    }
}

/// Quotes for customers, with references.
async fn quoted(staff: &Client, wanted: [(&String, &str); 3]) {
    for (customer, reference) in wanted {
        let quote = world::quote(customer, &[(world::TEAPOT, 1)]);
        staff.call(pb::CreateQuoteRequest { reference: reference.to_owned(), ..quote }).await.expect("a quote");
    }
}

/// An event of an order.
async fn placed_event(staff: &Client, order: &str) -> String {
    let of_order = pb::ListEventsRequest { resource_id: order.to_owned(), ..Default::default() };
    staff.call(of_order).await.expect("events").text("/events/0/id")
}

/// Two levels of a product, at the default location and at another one, and two reservations.
async fn stocked(staff: &Client) -> (String, String) {
    crate::inventory::stocked(staff, "KETTLE", 10).await;
    let location = staff.call(inventory::location("north")).await.expect("a location").id();
    let there = pb::AdjustStockRequest { location_id: location.clone(), ..inventory::adjust("KETTLE", 3) };
    staff.keyed("there", there).await.expect("stock");
    let named = pb::CreateReservationRequest { reference: "R-1".to_owned(), ..inventory::reserve(&[("KETTLE", 1)]) };
    staff.keyed("first", named).await.expect("a reservation");
    let reservation = staff.keyed("second", inventory::reserve(&[("KETTLE", 1)])).await.expect("a reservation").id();
    (location, reservation)
}

/// An order with two shipments and two returns.
async fn on_the_way(world: &World, staff: &Client) -> String {
    let (order, item) = fulfillment::confirmed(staff, &world.customer, 2).await;
    for _ in 0..2 {
        fulfillment::send(staff, fulfillment::shipment(&order, &[(&item, 1)])).await;
        fulfillment::send(staff, fulfillment::come_back(&order, &[(&item, 1)])).await;
    }
    order
}

/// The indexes that are there for lists.
async fn indexes(world: &World) -> Vec<String> {
    let names = match world.database.engine {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE '%_page'",
        Engine::Postgres => "SELECT CAST(indexname AS TEXT) FROM pg_indexes WHERE indexname LIKE '%_page'",
    };
    let found = world.database.texts(names).await;
    assert!(found.len() > 10, "{found:?}");
    found
}

fn order_of(customer: &str) -> pb::CreateOrderRequest {
    let two_lines = [(world::TEAPOT, 1), (world::TEAPOT, 2)];
    pb::CreateOrderRequest { reference: "R-1".to_owned(), ..order(customer, &two_lines) }
}

/// Two payments and two refunds of an order.
async fn booked(staff: &Client, order: &str) -> String {
    let mut payment = String::new();
    for reference in ["P-1", "P-2"] {
        let provider = "bank".to_owned();
        let request = pb::CreatePaymentRequest { provider, ..pay(order, 100, reference) };
        payment = staff.keyed(reference, request).await.expect("a payment").id();
        let named = pb::CreateRefundRequest { payment_id: payment.clone(), ..refund(order, 1) };
        staff.keyed(reference, named).await.expect("a refund");
    }
    payment
}

/// The statements of the first page and, where there is one, of the second.
async fn pages(world: &World, target: &str, secret: &str) -> Vec<(String, &'static str)> {
    let (statement, token) = page(world, target, secret).await;
    let mut found = vec![(statement, "page 1")];
    if !token.is_empty() {
        found.push((page(world, &format!("{target}&page_token={token}"), secret).await.0, "page 2"));
    }
    found
}

/// The statement that lists, as the service logs it, and the token of the next page.
async fn page(world: &World, target: &str, secret: &str) -> (String, String) {
    let before = world.service.log().len();
    let bearer = format!("Bearer {secret}");
    let call = HttpCall {
        method: http::Method::GET,
        target,
        headers: &[("authorization", &bearer)],
        body: bytes::Bytes::new(),
    };
    let answer = call.send(world.service.address).await.expect("an answer");
    assert_eq!(answer.status, 200, "{target}: {}", answer.json());
    let log = world.service.log();
    let statements = log[before..].lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        // A long statement stands beside its summary.
        let whole = line["db.statement"].as_str().map(str::trim).filter(|whole| !whole.is_empty());
        Some(whole.or(line["summary"].as_str())?.to_owned())
    });
    // Newest first, as nothing is that the service looks for by itself but the end of the log.
    let is_list = |sql: &String| sql.contains(" DESC") && sql.contains("LIMIT") && !sql.contains("FROM \"event_log\"");
    let mut lists: Vec<_> = statements.filter(is_list).collect();
    assert_eq!(lists.len(), 1, "{target}: {lists:?}");
    let token = answer.json()["next_page_token"].as_str().unwrap_or_default().to_owned();
    (lists.remove(0), token)
}

/// How many rows a table is given before PostgreSQL is asked: few rows it reads in any way.
const ROWS: u32 = 10_000;

/// Tables, and how their rows differ.
const TABLES: &[(&str, &str)] = &[
    ("tenants", ""),
    ("customers", "'reference', 'C-' || i, 'email', 'e' || i"),
    ("products", "'sku', 'S-' || i, 'status', CASE i % 3 WHEN 0 THEN 'ARCHIVED' ELSE 'ACTIVE' END"),
    ("approval_policies", "'subject', (ARRAY['ORDER', 'QUOTE', 'REFUND'])[1 + i % 3]"),
    (
        "approvals",
        "'subject_id', md5('s' || i / 4), 'expire_time', i, \
         'status', (ARRAY['EXPIRED', 'APPROVED', 'REJECTED', 'VOIDED'])[1 + i % 4]",
    ),
    ("api_keys", "'customer_id', md5('c' || i % 1000), 'secret_hash', '\\x' || md5(i::text)"),
    (
        "orders",
        "'customer_id', md5('c' || i % 1000), 'reference', 'R-' || i, \
         'status', (ARRAY['DRAFT', 'PLACED', 'CONFIRMED', 'COMPLETED'])[1 + i % 4]",
    ),
    (
        "quotes",
        "'customer_id', md5('c' || i % 1000), 'reference', 'R-' || i, \
         'status', (ARRAY['DRAFT', 'SENT', 'EXPIRED', 'DECLINED'])[1 + i % 4], \
         'due_time', CASE i % 4 WHEN 1 THEN 9007199254740991 END",
    ),
    (
        "events",
        "'customer_id', md5('c' || i % 1000), 'resource_id', md5('r' || i / 4), 'resource_sequence', i, \
         'type', 'order.' || i % 8",
    ),
    (
        "payments",
        "'customer_id', md5('c' || i % 1000), 'order_id', md5('o' || i / 2), 'provider', 'p' || i % 3, \
         'provider_reference', 'P-' || i, 'refund_claims', 0, 'status', CASE i % 9 WHEN 0 THEN 'VOIDED' ELSE 'RECORDED' END",
    ),
    (
        "refunds",
        "'customer_id', md5('c' || i % 1000), 'order_id', md5('o' || i / 2), 'payment_id', md5('y' || i / 2), \
         'status', (ARRAY['PENDING', 'SUCCEEDED', 'FAILED'])[1 + i % 3]",
    ),
    ("locations", "'code', 'C-' || i"),
    ("stock_levels", "'product_id', md5('products' || 1 + i / 2), 'location_id', md5('l' || i)"),
    (
        "reservations",
        "'reference', 'F-' || i, 'expire_time', 9007199254740991, \
         'status', (ARRAY['HELD', 'COMMITTED', 'RELEASED', 'EXPIRED'])[1 + i % 4]",
    ),
    (
        "stock_movements",
        "'product_id', md5('products' || 1 + i / 2), 'location_id', md5('l' || i % 1000), 'order_id', md5('o' || i / 2), \
         'reservation_id', md5('v' || i / 2)",
    ),
    ("jobs", "'status', (ARRAY['QUEUED', 'SUCCEEDED', 'FAILED', 'CANCELED'])[1 + i % 4], 'run_time', 9007199254740991"),
    (
        "reports",
        "'reference', 'W-' || i, 'expire_time', 9007199254740991, \
         'status', (ARRAY['PENDING', 'SUCCEEDED', 'FAILED', 'EXPIRED'])[1 + i % 4]",
    ),
    ("audit_events", "'resource_id', md5('r' || i / 4), 'actor_id', md5('a' || i % 100)"),
    (
        "shipments",
        "'order_id', md5('o' || i / 2), 'customer_id', md5('c' || i % 1000), 'tracking_number', 'RM-' || i, \
         'status', (ARRAY['SHIPPED', 'DELIVERED', 'CANCELED'])[1 + i % 3]",
    ),
    (
        "returns",
        "'order_id', md5('o' || i / 2), 'customer_id', md5('c' || i % 1000), \
         'status', (ARRAY['REQUESTED', 'RECEIVED', 'CLOSED'])[1 + i % 3]",
    ),
    ("webhook_endpoints", "'status', 'PAUSED'"),
    (
        "webhook_deliveries",
        "'endpoint_id', md5('w' || i / 4), 'event_id', md5('e' || i), \
         'status', (ARRAY['SUCCEEDED', 'FAILED'])[1 + i % 2]",
    ),
];

/// One connection that tells plans.
async fn planner(world: &World) -> DatabaseConnection {
    let mut options = ConnectOptions::new(&world.database.url);
    options.max_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await.expect("the database of the test");
    if world.database.engine == Engine::Postgres {
        let settings = "SET session_replication_role = replica; SET plan_cache_mode = force_generic_plan; \
                        SET enable_seqscan = off; SET enable_bitmapscan = off";
        connection.execute_unprepared(settings).await.expect("settings");
        for (table, fields) in TABLES {
            let comma = if fields.is_empty() { "" } else { "," };
            let fields = format!("'id', md5('{table}' || i), 'create_time', i {comma} {fields}");
            let fill = format!(
                "INSERT INTO {table} SELECT (jsonb_populate_record(first.one, jsonb_build_object({fields}))).* \
                 FROM (SELECT one FROM {table} one LIMIT 1) first, generate_series(1, {ROWS}) i"
            );
            connection.execute_unprepared(&fill).await.expect(&fill);
        }
        let lines = "INSERT INTO order_items SELECT (jsonb_populate_record(first.one, jsonb_build_object('id', gen_random_uuid(), \
                     'order_id', orders.id, 'order_time', orders.create_time, 'sku', 'S-' || create_time % 200))).* \
                     FROM (SELECT one FROM order_items one LIMIT 1) first, orders ON CONFLICT DO NOTHING";
        connection.execute_unprepared(lines).await.expect(lines);
        let lines = "INSERT INTO reservation_lines SELECT (jsonb_populate_record(first.one, jsonb_build_object('id', gen_random_uuid(), \
                     'reservation_id', reservations.id, 'reservation_time', reservations.create_time, \
                     'product_id', md5('p' || create_time % 200)))).* \
                     FROM (SELECT one FROM reservation_lines one LIMIT 1) first, reservations ON CONFLICT DO NOTHING; ANALYZE";
        connection.execute_unprepared(lines).await.expect(lines);
    }
    connection
}

/// The plan of a statement whose values are not known.
async fn plan(database: &DatabaseConnection, engine: Engine, statement: &str) -> String {
    let explained = match engine {
        Engine::Sqlite => explain(database, DbBackend::Sqlite, 3, &format!("EXPLAIN QUERY PLAN {statement}")).await,
        Engine::Postgres => {
            let values = (1..).take_while(|number| statement.contains(&format!("${number}"))).map(|_| "NULL");
            let values: Vec<_> = values.collect();
            database.execute_unprepared(&format!("PREPARE list AS {statement}")).await.expect(statement);
            let execute = format!("EXPLAIN (COSTS OFF) EXECUTE list ({})", values.join(", "));
            let explained = explain(database, DbBackend::Postgres, 0, &execute).await;
            database.execute_unprepared("DEALLOCATE list").await.expect("a statement");
            explained
        }
    };
    explained.join("\n")
}

async fn explain(database: &DatabaseConnection, backend: DbBackend, column: usize, sql: &str) -> Vec<String> {
    let rows = database.query_all_raw(Statement::from_string(backend, sql)).await.expect(sql);
    rows.iter().map(|row| row.try_get_by_index(column).expect("a line")).collect()
}

/// What is wrong with a plan. Sorted when it is read is only a page that is put together of several lists, one of products with
/// their prices, and the few rows of one thing.
fn fault(plan: &str, index: &str, times: usize) -> Option<String> {
    let words = |line: &str| line.split([' ', '(']).any(|word| index.split('|').any(|one| word == one));
    let found = plan.lines().filter(|line| words(line)).count();
    if found != times {
        return Some(format!("{index} is used {found} times, not {times}"));
    }
    let sorts = times > 1 || plan.contains("product_prices") || FEW.contains(&index);
    let waste = WASTE.into_iter().chain(if sorts { &[][..] } else { &SORTS }.iter().copied());
    let found: Vec<_> = waste.filter(|word| plan.contains(word)).collect();
    (!found.is_empty()).then(|| found.join(", "))
}
