//! Downloads of reports: as the client takes them, in pieces, and only of what is there.

use http::Method;
use serde_json::json;
use tradepost::contract::pb;
use tradepost::contract::pb::report::{Format, Kind};

use crate::access::sibling;
use crate::support::bulk::copy_order;
use crate::support::cases::reports::{made, report};
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::download::{csv_rows, over_grpc, rest, text, unzipped};
use crate::support::on_both_engines;
use crate::support::refusal::{from_rest, from_status};
use crate::support::world::World;

on_both_engines! {
    a_download_is_as_the_client_takes_it,
    what_is_not_there_cannot_be_downloaded,
    a_large_file_comes_in_pieces,
}

async fn a_download_is_as_the_client_takes_it(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    client.call(world.order()).await.expect("an order");
    let csv = made(&client, report(Kind::SalesByDay)).await;
    let empty = pb::CreateReportRequest {
        format: Format::Ndjson.into(),
        create_time_before: Some("2020-01-01T00:00:00Z".parse().expect("a time")),
        ..report(Kind::Orders)
    };
    let empty = made(&client, empty).await;
    assert_eq!(csv.text("/download_uri"), format!("/v1/reports/{}:download", csv.id()));
    let plain = text(&client, &csv.id()).await;
    for (made, content_type, name, text) in [
        (&csv, "text/csv; charset=utf-8; header=present", format!("sales_by_day-{}.csv", csv.id()), plain.as_str()),
        (&empty, "application/x-ndjson", format!("orders-{}.ndjson", empty.id()), ""),
    ] {
        let bare = content_type.split(';').next().expect("a type");
        for (accept, encoding, zipped) in [
            ("*/*", "", false),
            (bare, "identity", false),
            ("text/*;q=0.5, application/*;q=0.1", "gzip", true),
            ("", "br, gzip;q=0.2", true),
            ("*/*", "gzip;q=0", false),
        ] {
            let headers = [("accept", accept), ("accept-encoding", encoding)];
            let answer = rest(&client, &made.id(), Method::GET, &headers).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, content_type), "{accept}");
            assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
            assert_eq!((answer.header("etag"), answer.header("cache-control")), ("", "private, no-cache"));
            assert_eq!(answer.header("vary"), "Authorization, Accept, Accept-Encoding");
            assert_eq!(answer.header("content-encoding"), if zipped { "gzip" } else { "" }, "{encoding}");
            let body = if zipped { unzipped(&answer.body) } else { String::from_utf8_lossy(&answer.body).into() };
            assert_eq!(body, text);
        }
        let head = rest(&client, &made.id(), Method::HEAD, &[]).await;
        assert_eq!((head.status, head.header("content-type"), head.body.len()), (200, content_type, 0));
        let (told, whole, messages) = over_grpc(&client, &made.id()).await.expect("a file");
        assert_eq!((told.as_str(), whole.as_str(), messages), (content_type, text, 1));
    }
    for accept in ["application/json", "application/x-ndjson", "text/csv;q=0", "image/png"] {
        let answer = rest(&client, &csv.id(), Method::GET, &[("accept", accept)]).await;
        let refusal = from_rest(&answer);
        assert_eq!((answer.status, refusal.code.as_str()), (406, "not_acceptable"), "{accept}");
        assert!(refusal.message.contains("text/csv"), "{}", refusal.message);
    }
}

async fn what_is_not_there_cannot_be_downloaded(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let made = made(&client, report(Kind::Stock)).await;
    let stranger = world.stranger(Wire::Rest).await;
    let partner = client.with_key(&world.key(pb::Role::Partner, &world.customer).await);
    for (client, id, code) in [
        (&client, sibling(&made.id()), "report_not_found"),
        (&stranger, made.id(), "report_not_found"),
        (&partner, made.id(), "permission_denied"),
        (&client.with_key("no-such-key-0123456789abcdefghijklmnop"), made.id(), "unauthenticated"),
        (&client, "rep_1".to_owned(), "validation_failed"),
    ] {
        assert_eq!(from_rest(&rest(client, &id, Method::GET, &[]).await).code, code);
        assert_eq!(from_status(&over_grpc(client, &id).await.expect_err(code)).refusal().code, code);
    }
    for (status, code) in
        [("PENDING", "report_not_ready"), ("FAILED", "report_not_ready"), ("EXPIRED", "report_expired")]
    {
        world.database.execute(&format!("UPDATE reports SET status = '{status}'")).await;
        let answer = rest(&client, &made.id(), Method::GET, &[]).await;
        let refusal = from_rest(&answer);
        assert_eq!((answer.status, refusal.code.as_str()), (409, code));
        let told = if code == "report_not_ready" { json!(status) } else { json!(null) };
        assert_eq!(refusal.metadata.get("status").cloned().unwrap_or_default(), told);
        assert_eq!(from_status(&over_grpc(&client, &made.id()).await.expect_err(code)).refusal().code, code);
    }
}

async fn a_large_file_comes_in_pieces(engine: Engine) {
    const ORDERS: u32 = 30_000;
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    client.call(world.order()).await.expect("an order");
    copy_order(&world, ORDERS - 1).await;
    let made = made(&client, report(Kind::Orders)).await;
    assert_eq!(made.text("/row_count"), ORDERS.to_string());
    let parts = world.database.count("SELECT count(*) FROM report_parts").await;
    assert!(parts > 1, "{parts} pieces");
    let plain = text(&client, &made.id()).await;
    assert_eq!(made.text("/size_bytes"), plain.len().to_string());
    let mut ids: Vec<_> = csv_rows(&plain).iter().map(|row| row["order_id"].to_string()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(u32::try_from(ids.len()), Ok(ORDERS), "each once");
    let zipped = rest(&client, &made.id(), Method::GET, &[("accept-encoding", "gzip")]).await;
    assert!(zipped.body.len() < plain.len() / 2);
    assert!(unzipped(&zipped.body) == plain);
    let (_, whole, messages) = over_grpc(&client, &made.id()).await.expect("a file");
    assert!(whole == plain && messages > 5, "{messages} messages");
    // A piece is missing: nobody takes the rest for the whole.
    world.database.execute("DELETE FROM report_parts WHERE number = 1").await;
    over_grpc(&client, &made.id()).await.expect_err("broken off");
}
