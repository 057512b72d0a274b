//! Reports: how they are asked for, what is in them, and when they go.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use tradepost::contract::pb;
use tradepost::contract::pb::report::{Format, Kind};

use crate::order_cancels::cancel_units;
use crate::support::cases::payments::{pay, refund};
use crate::support::cases::reports::{FAR, made, report};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::download::{csv_rows, json_rows, rest, text};
use crate::support::on_both_engines;
use crate::support::refusal::from_rest;
use crate::support::world::{self, SPOON, TEAPOT, World, order};

on_both_engines! {
    a_report_is_asked_for,
    orders_are_reported_as_they_are,
    all_sales_have_the_same_sums,
    the_range_is_kept,
    the_stock_is_reported,
    files_go_in_time,
    reports_are_listed,
}

const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

const SALES: [Kind; 3] = [Kind::SalesByDay, Kind::SalesByProduct, Kind::SalesByCustomer];

fn time(text: &str) -> Option<prost_types::Timestamp> {
    Some(text.parse().expect("a time"))
}

async fn a_report_is_asked_for(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let named = pb::CreateReportRequest {
            reference: format!("R-{wire:?}"),
            metadata: [("desk".to_owned(), "3".to_owned())].into(),
            create_time_after: time("2020-01-01T00:00:00Z"),
            format: Format::Ndjson.into(),
            ..report(Kind::SalesByDay)
        };
        let asked = client.call(named.clone()).await.expect("a report");
        assert_eq!((asked.text("/status"), asked.text("/format")), ("PENDING".to_owned(), "NDJSON".to_owned()));
        assert_eq!((asked.text("/kind"), asked.text("/etag")), ("SALES_BY_DAY".to_owned(), "v1".to_owned()));
        assert_eq!((asked.text("/download_uri"), &asked.json["expire_time"]), (String::new(), &json!(null)));
        assert_eq!((&asked.json["metadata"], asked.header("etag")), (&json!({"desk": "3"}), "\"v1\""));
        let refusal = client.call(named.clone()).await.expect_err("taken").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("duplicate_reference", vec!["reference"]));
        assert_eq!(refusal.metadata["existing_id"], json!(asked.id()));
        let both = pb::CreateReportRequest {
            reference: String::new(),
            create_time_before: named.create_time_after,
            ..named.clone()
        };
        let refusal = client.call(both.clone()).await.expect_err("no time at all").refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["create_time_before"]));
        let stock = pb::CreateReportRequest { kind: Kind::Stock.into(), ..both };
        let refusal = client.call(stock).await.expect_err("the stock has no time").refusal();
        assert_eq!(refusal.fields(), ["create_time_after", "create_time_before"]);
        let refusal = client.call(pb::CreateReportRequest::default()).await.expect_err("of what?").refusal();
        assert_eq!(refusal.fields(), ["kind"]);
        let count = world.database.count("SELECT count(*) FROM jobs").await;
        let dry = pb::CreateReportRequest { validate_only: true, ..report(Kind::Stock) };
        let dry = client.call(dry).await.expect("checked");
        assert_eq!((dry.id(), dry.text("/job_id"), dry.header("location")), (String::new(), String::new(), ""));
        assert_eq!(world.database.count("SELECT count(*) FROM jobs").await, count);
    }
}

/// An order with everything: of both products, with a discount, units canceled, money paid and some of it given back.
async fn eventful(world: &World, client: &Client, number: i32) -> Answer {
    let request = pb::CreateOrderRequest {
        reference: format!("say \"{number}\",\nplease; é"),
        discount: Some(pb::Discount { percent_bps: Some(1_000 + number), amount: None }),
        ..order(&world.customer, &[(TEAPOT, 3 + number), (SPOON, 7)])
    };
    let placed = client.call(request).await.expect("an order");
    client.keyed(&format!("cancel-{number}"), cancel_units(&placed, &[(1, 2)])).await.expect("fewer");
    client.keyed(&format!("pay-{number}"), pay(&placed.id(), 2_000, &format!("P-{number}"))).await.expect("paid");
    let given = client.keyed(&format!("refund-{number}"), refund(&placed.id(), 101)).await.expect("a refund");
    client.call(crate::refunds::succeeded(&given.id())).await.expect("given back");
    client.call(pb::GetOrderRequest { order_id: placed.id() }).await.expect("the order")
}

async fn orders_are_reported_as_they_are(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let draft = pb::CreateOrderRequest { draft: true, ..world.order() };
    let orders = [eventful(&world, &client, 1).await, client.call(draft).await.expect("a draft")];
    let csv = made(&client, report(Kind::Orders)).await;
    let ndjson = pb::CreateReportRequest { format: Format::Ndjson.into(), ..report(Kind::Orders) };
    let ndjson = made(&client, ndjson).await;
    let (csv_text, json_text) = (text(&client, &csv.id()).await, text(&client, &ndjson.id()).await);
    assert!(csv_text.starts_with("order_id,reference,customer_id,status,") && csv_text.ends_with("\r\n"));
    for (made, text) in [(&csv, &csv_text), (&ndjson, &json_text)] {
        assert_eq!((made.text("/row_count"), made.text("/size_bytes")), ("2".to_owned(), text.len().to_string()));
    }
    let (csv, json) = (csv_rows(&csv_text), json_rows(&json_text));
    assert_eq!((csv.len(), json.len()), (2, 2), "the oldest first");
    for (order, (csv, json)) in orders.iter().zip(csv.iter().zip(&json)) {
        for (column, field) in [
            ("order_id", "id"),
            ("reference", "reference"),
            ("customer_id", "customer_id"),
            ("status", "status"),
            ("payment_status", "payment_status"),
            ("fulfillment_status", "fulfillment_status"),
            ("currency_code", "currency_code"),
        ] {
            assert_eq!(csv[column], order.json[field], "{column}");
            let expected = if order.json[field] == json!("") { json!(null) } else { order.json[field].clone() };
            assert_eq!(json[column], expected, "{column}");
        }
        for amount in [
            "subtotal",
            "discount_total",
            "tax_total",
            "total",
            "canceled_total",
            "paid_total",
            "refunded_total",
            "amount_due",
        ] {
            let expected = order.text(&format!("/{amount}/minor_units"));
            assert_eq!((&csv[amount], json[amount].to_string()), (&json!(expected), expected.clone()), "{amount}");
        }
        for column in ["create_time", "place_time"] {
            let read = |text: &Value| text.as_str().map(|text| text.parse::<prost_types::Timestamp>().expect("a time"));
            assert_eq!(read(&json[column]), read(&order.json[column]), "{column}");
            assert_eq!(csv[column], json!(json[column].as_str().unwrap_or_default()));
        }
    }
}

/// The sums of rows by currency: each column of numbers, but the number of orders.
fn sums(rows: &[Value]) -> BTreeMap<(String, String), i64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let currency = row["currency_code"].as_str().expect("a currency");
        for (column, value) in row.as_object().expect("a row") {
            if let Some(value) = value.as_i64().filter(|_| column != "orders") {
                *sums.entry((currency.to_owned(), column.clone())).or_default() += value;
            }
        }
    }
    sums
}

async fn all_sales_have_the_same_sums(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let grace = world::customer(&client, "Grace").await;
    let mut orders = Vec::new();
    for number in 0..4 {
        orders.push(eventful(&world, &client, number).await);
    }
    let euros =
        pb::CreateOrderRequest { currency_code: "EUR".to_owned(), ..order(&grace, &[(TEAPOT, 2), (TEAPOT, 1)]) };
    orders.push(client.call(euros).await.expect("an order"));
    // Neither a draft is a sale, nor what was canceled.
    let draft = pb::CreateOrderRequest { draft: true, ..world.order() };
    client.call(draft).await.expect("a draft");
    let canceled = client.call(world.order()).await.expect("an order").id();
    client.call(pb::CancelOrderRequest { order_id: canceled, ..Default::default() }).await.expect("canceled");
    let mut expected: BTreeMap<(String, String), i64> = BTreeMap::new();
    for order in &orders {
        let mut count = |column: &str, value: i64| {
            *expected.entry((order.text("/currency_code"), column.to_owned())).or_default() += value;
        };
        let amount = |name: &str| order.text(&format!("/{name}/minor_units")).parse::<i64>().expect("a number");
        for name in ["subtotal", "discount_total", "tax_total", "total", "canceled_total", "refunded_total"] {
            count(name, amount(name));
        }
        count("net_total", amount("total") - amount("canceled_total"));
        for item in order.json["items"].as_array().expect("lines") {
            let units = |name: &str| item[name].as_i64().expect("a number");
            count("units", units("quantity") - units("quantity_canceled"));
            count("units_canceled", units("quantity_canceled"));
        }
    }
    assert!(expected[&("GBP".to_owned(), "refunded_total".to_owned())] > 0);
    assert!(expected[&("GBP".to_owned(), "canceled_total".to_owned())] > 0);
    let mut counts = BTreeMap::new();
    for kind in SALES {
        let request = pb::CreateReportRequest { format: Format::Ndjson.into(), ..report(kind) };
        let made = made(&client, request).await;
        let rows = json_rows(&text(&client, &made.id()).await);
        assert_eq!(sums(&rows), expected, "{kind:?}");
        let count: Vec<_> = rows.iter().map(|row| row["orders"].as_i64().expect("a number")).collect();
        counts.insert(kind.as_str_name(), count);
        let csv = crate::support::cases::reports::made(&client, report(kind)).await;
        assert_eq!(csv_rows(&text(&client, &csv.id()).await).len(), rows.len());
    }
    assert_eq!(counts["SALES_BY_DAY"].iter().sum::<i64>(), 5);
    assert_eq!(counts["SALES_BY_CUSTOMER"], [4, 1]);
    let mut by_product = counts["SALES_BY_PRODUCT"].clone();
    by_product.sort_unstable();
    assert_eq!(by_product, [1, 4, 4], "an order counts once for each of its products");
}

async fn the_range_is_kept(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let mut times = Vec::new();
    for _ in 0..3 {
        times.push(client.call(world.order()).await.expect("an order").text("/create_time"));
    }
    // Asked for before it is there: it is not in it.
    let all = client.call(report(Kind::Orders)).await.expect("a report");
    client.call(world.order()).await.expect("an order");
    let rows = async |after: Option<&str>, before: Option<&str>, kind| {
        let create_time_after = after.and_then(time);
        let create_time_before = before.and_then(time);
        let request = pb::CreateReportRequest { create_time_after, create_time_before, ..report(kind) };
        let made = made(&client, request).await;
        csv_rows(&text(&client, &made.id()).await)
    };
    assert_eq!(rows(None, None, Kind::Orders).await.len(), 4);
    assert_eq!(rows(Some(&times[0]), None, Kind::Orders).await.len(), 3, "its ends are not in it");
    assert_eq!(rows(Some(&times[0]), Some(&times[2]), Kind::Orders).await.len(), 1);
    let sold = rows(Some(&times[0]), Some(&times[2]), Kind::SalesByDay).await;
    assert_eq!((sold.len(), &sold[0]["orders"]), (1, &json!("1")));
    assert_eq!(sold[0]["day"].as_str(), times[1].get(..10));
    crate::support::cases::reports::ended(&client, &all.text("/job_id")).await;
    assert_eq!(csv_rows(&text(&client, &all.id()).await).len(), 3);
}

async fn the_stock_is_reported(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let product = crate::inventory::stocked(&client, "KETTLE", 10).await;
    client.call(order(&world.customer, &[("KETTLE", 4)])).await.expect("an order");
    let level =
        client.call(pb::ListStockLevelsRequest::default()).await.expect("levels").json["stock_levels"][0].clone();
    let made = made(&client, report(Kind::Stock)).await;
    let rows = csv_rows(&text(&client, &made.id()).await);
    let expected = json!({
        "product_id": level["product_id"], "sku": "KETTLE", "location_id": level["location_id"],
        "on_hand": "10", "reserved": "4", "available": "6",
    });
    assert_eq!((rows.len(), &rows[0]), (1, &expected), "{product}");
}

async fn files_go_in_time(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let made = made(&client, report(Kind::Stock)).await;
    let seconds = |text: &str| text.parse::<prost_types::Timestamp>().expect("a time").seconds;
    let kept = seconds(&made.text("/expire_time")) - seconds(&made.text("/create_time"));
    assert!((7 * 86_400..7 * 86_400 + 60).contains(&kept), "seven days: {kept}");
    world.database.execute("UPDATE reports SET expire_time = 1").await;
    let begun = Instant::now();
    loop {
        let found = client.call(pb::GetReportRequest { report_id: made.id() }).await.expect("the report");
        let refusal = from_rest(&rest(&client, &made.id(), Method::GET, &[]).await);
        assert_eq!(refusal.code, "report_expired", "whether or not that is written down");
        assert_eq!(refusal.metadata["expire_time"], json!("1970-01-01T00:00:00.000001Z"));
        if found.text("/status") == "EXPIRED" {
            assert_eq!(found.text("/download_uri"), "");
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not go");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.database.count("SELECT count(*) FROM report_parts").await, 0);
    let told = world.database.told(&made.id()).await;
    assert_eq!(told, ["1 report.created", "2 report.succeeded", "3 report.expired"]);
}

async fn reports_are_listed(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let named =
        pb::CreateReportRequest { metadata: [("desk".to_owned(), "3".to_owned())].into(), ..report(Kind::Stock) };
    let first = made(&staff, named).await.id();
    let second = made(&staff, report(Kind::Orders)).await.id();
    let pending = "UPDATE reports SET status = 'PENDING' WHERE kind = 'ORDERS'";
    world.database.execute(pending).await;
    world.database.execute(&format!("UPDATE jobs SET run_time = {FAR}")).await;
    for wire in WIRES {
        let client = world.client(wire);
        for (statuses, expected) in [
            (vec![], vec![&second, &first]),
            (vec![pb::report::Status::Pending], vec![&second]),
            (vec![pb::report::Status::Pending, pb::report::Status::Succeeded], vec![&second, &first]),
            (vec![pb::report::Status::Expired], vec![]),
        ] {
            let status: Vec<_> = statuses.into_iter().map(i32::from).collect();
            let page = |page_token| pb::ListReportsRequest {
                page_size: 1,
                page_token,
                status: status.clone(),
                ..Default::default()
            };
            let found = client.all("reports", page).await;
            let ids: Vec<_> = found.iter().map(|report| report["id"].as_str().expect("an id")).collect();
            assert_eq!(ids, expected);
        }
        let shown = async |view: pb::View| {
            let list = pb::ListReportsRequest { view: view.into(), ..Default::default() };
            client.call(list).await.expect("reports").json["reports"][1]["metadata"].clone()
        };
        assert_eq!(shown(pb::View::Basic).await, json!({}));
        assert_eq!(shown(pb::View::Full).await, json!({"desk": "3"}));
    }
}
