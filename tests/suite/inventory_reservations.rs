//! Reservations: kept, used, given back and expired; orders that use them.

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::inventory::{numbers, stocked};
use crate::support::cases::inventory::{location, reserve};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Refusal;
use crate::support::rpc::Rpc;
use crate::support::world::{SPOON, World, order};

on_both_engines! {
    a_reservation_keeps_units,
    lines_of_one_product_are_summed,
    a_reservation_is_all_or_nothing,
    what_cannot_be_reserved_is_refused,
    a_commit_takes_the_units,
    a_release_gives_them_back,
    a_reservation_is_extended,
    one_that_is_due_has_expired,
    a_claim_that_is_short_takes_over_what_is_due,
    the_sweep_expires_what_is_due,
    an_order_uses_a_reservation,
    reservations_are_listed_by_what_is_asked,
}

const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

/// Lets every reservation that is held run out.
const RUN_OUT: &str = "UPDATE reservations SET expire_time = create_time + 1 WHERE status = 'HELD'";

async fn held(client: &Client, lines: &[(&str, i32)]) -> Answer {
    let key = format!("{:x}", crate::support::chance::Chance::of_this_run().next());
    client.keyed(&key, reserve(lines)).await.expect("a reservation")
}

async fn refused<Q: Rpc>(client: &Client, request: Q) -> Refusal {
    let key = format!("{:x}", crate::support::chance::Chance::of_this_run().next());
    client.keyed(&key, request).await.expect_err("a refusal").refusal()
}

fn fields(refusal: &Refusal) -> (&str, Vec<&str>) {
    (refusal.code.as_str(), refusal.fields())
}

fn commit(id: &str) -> pb::CommitReservationRequest {
    pb::CommitReservationRequest { reservation_id: id.to_owned(), ..Default::default() }
}

fn release(id: &str) -> pb::ReleaseReservationRequest {
    pb::ReleaseReservationRequest { reservation_id: id.to_owned(), ..Default::default() }
}

fn extend(id: &str, seconds: i64) -> pb::ExtendReservationRequest {
    let ttl = Some(prost_types::Duration { seconds, nanos: 0 });
    pb::ExtendReservationRequest { reservation_id: id.to_owned(), ttl, ..Default::default() }
}

async fn get(client: &Client, id: &str) -> Answer {
    client.call(pb::GetReservationRequest { reservation_id: id.to_owned() }).await.expect("a reservation")
}

async fn a_reservation_keeps_units(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let (client, sku) = (world.client(wire), format!("A-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let request = pb::CreateReservationRequest {
            reference: sku.clone(),
            metadata: [("cart".to_owned(), "17".to_owned())].into(),
            ..reserve(&[(&sku, 4)])
        };
        let made = client.keyed(&sku, request.clone()).await.expect("a reservation");
        assert_eq!(made.header("location"), format!("/v1/reservations/{}", made.id()));
        assert_eq!((made.text("/status"), made.text("/lines/0/sku")), ("HELD".to_owned(), sku.clone()));
        assert_eq!(made.json["lines"][0]["quantity"], 4);
        assert_eq!(made.json["metadata"], json!({"cart": "17"}));
        assert_eq!(numbers(&client, &sku).await, [10, 4, 6]);
        let again = client.keyed(&sku, request.clone()).await.expect("the same");
        assert_eq!((again.is_replay(), &again.json), (true, &made.json));
        assert_eq!(get(&client, &made.id()).await.json, made.json);
        let refusal = refused(&client, request.clone()).await;
        assert_eq!(fields(&refusal), ("duplicate_reference", vec!["reference"]));
        assert_eq!(refusal.metadata["existing_id"], made.id());
        let bare = client.call(request).await.expect_err("no key").refusal();
        assert_eq!(bare.code, "idempotency_key_required");
        assert_eq!(world.database.told(&made.id()).await, ["1 reservation.created"]);
    }
}

async fn lines_of_one_product_are_summed(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("A-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let refusal = refused(&client, reserve(&[(&sku, 6), (&sku, 6)])).await;
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["lines[1].quantity"]));
        assert_eq!(refusal.metadata, json!({"sku": sku, "available": "10"}));
        let refusal = refused(&client, order(&world.customer, &[(SPOON, 1), (&sku, 6), (&sku, 6)])).await;
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["items[1].quantity"]));
        held(&client, &[(&sku, 6), (&sku, 4)]).await;
        assert_eq!(numbers(&client, &sku).await, [10, 10, 0]);
    }
}

async fn a_reservation_is_all_or_nothing(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let [a, b, c] = ["A", "B", "C"].map(|name| format!("{name}-{wire:?}"));
        for sku in [&a, &b, &c] {
            stocked(&client, sku, 5).await;
        }
        let before = world.database.traces().await;
        let refusal = refused(&client, reserve(&[(&c, 6), (&a, 5), (&b, 9)])).await;
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["lines[0].quantity", "lines[2].quantity"]));
        assert_eq!(refusal.metadata["sku"], c);
        assert_eq!(world.database.traces().await, before);
        for sku in [&a, &b, &c] {
            assert_eq!(numbers(&client, sku).await, [5, 0, 5]);
        }
    }
}

async fn what_cannot_be_reserved_is_refused(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("A-{wire:?}"));
        stocked(&client, &sku, 5).await;
        let refusal = refused(&client, reserve(&[(&sku, 1), ("NONE", 1)])).await;
        assert_eq!(fields(&refusal), ("product_not_found", vec!["lines[1].sku"]));
        let refusal = refused(&client, reserve(&[(SPOON, 1), (&sku, 1)])).await;
        assert_eq!(fields(&refusal), ("inventory_not_tracked", vec!["lines[0].sku"]));
        let north = client.call(location(&sku)).await.expect("a location").id();
        let mut nowhere = reserve(&[(&sku, 1), (&sku, 1)]);
        nowhere.lines[1].location_id = crate::access::sibling(&north);
        assert_eq!(fields(&refused(&client, nowhere).await), ("location_not_found", vec!["lines[1].location_id"]));
        let mut elsewhere = reserve(&[(&sku, 1)]);
        elsewhere.lines[0].location_id = north;
        assert_eq!(fields(&refused(&client, elsewhere).await), ("insufficient_stock", vec!["lines[0].quantity"]));
        for seconds in [0, -1, 604_801, i64::MAX] {
            let ttl = Some(prost_types::Duration { seconds, nanos: 0 });
            if wire == Wire::Grpc || seconds < 1_000_000 {
                let refusal = refused(&client, pb::CreateReservationRequest { ttl, ..reserve(&[(&sku, 1)]) }).await;
                assert_eq!(fields(&refusal), ("validation_failed", vec!["ttl"]), "{seconds}");
            }
        }
        for lines in [&[][..], &[(sku.as_str(), 0)], &[(sku.as_str(), 1); 501]] {
            assert_eq!(refused(&client, reserve(lines)).await.code, "validation_failed");
        }
    }
}

async fn a_commit_takes_the_units(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("A-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let id = held(&client, &[(&sku, 4)]).await.id();
        let tried = client.call(pb::CommitReservationRequest { validate_only: true, ..commit(&id) }).await;
        assert_eq!(tried.expect("what would be").text("/status"), "COMMITTED");
        let done = client.call(commit(&id)).await.expect("committed");
        assert_eq!(
            (done.text("/status"), done.text("/etag"), done.text("/order_id")),
            ("COMMITTED".into(), "v2".into(), String::new())
        );
        assert_eq!(done.json["commit_time"], done.json["update_time"]);
        assert_eq!(numbers(&client, &sku).await, [6, 0, 6]);
        assert_eq!(client.call(commit(&id)).await.expect("done already").json, done.json);
        assert_eq!(numbers(&client, &sku).await, [6, 0, 6]);
        for refusal in [
            client.call(release(&id)).await.expect_err("used").refusal(),
            client.call(extend(&id, 60)).await.expect_err("used").refusal(),
        ] {
            assert_eq!(refusal.code, "illegal_transition");
            assert_eq!((&refusal.metadata["from"], &refusal.metadata["allowed"]), (&json!("COMMITTED"), &json!("")));
        }
        assert_eq!(world.database.told(&id).await, ["1 reservation.created", "2 reservation.committed"]);
    }
}

async fn a_release_gives_them_back(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("A-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let id = held(&client, &[(&sku, 4), (&sku, 1)]).await.id();
        let done = client.call(release(&id)).await.expect("released");
        assert_eq!((done.text("/status"), done.text("/etag")), ("RELEASED".into(), "v2".into()));
        assert_eq!(numbers(&client, &sku).await, [10, 0, 10]);
        assert_eq!(client.call(release(&id)).await.expect("done already").json, done.json);
        let refusal = client.call(commit(&id)).await.expect_err("gone").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!("RELEASED")));
        let stale = pb::ReleaseReservationRequest { etag: "v1".to_owned(), ..release(&id) };
        assert_eq!(client.call(stale).await.expect_err("stale").refusal().code, "etag_mismatch");
    }
}

fn seconds_left(reservation: &Value) -> i64 {
    let time = |name: &str| {
        let text = reservation[name].as_str().expect("a time");
        let clock: Vec<i64> = text[11..19].split(':').map(|part| part.parse().expect("a number")).collect();
        clock[0] * 3600 + clock[1] * 60 + clock[2]
    };
    (time("expire_time") - time("update_time")).rem_euclid(24 * 3600)
}

async fn a_reservation_is_extended(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("A-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let made = held(&client, &[(&sku, 4)]).await;
        assert_eq!(seconds_left(&made.json), 900, "15 minutes when nobody says");
        for (seconds, version) in [(3600, "v2"), (60, "v3")] {
            let done = client.call(extend(&made.id(), seconds)).await.expect("extended");
            assert_eq!((done.text("/status"), done.text("/etag")), ("HELD".to_owned(), version.to_owned()));
            assert_eq!(seconds_left(&done.json), seconds);
        }
        let refusal = client.call(extend(&made.id(), 604_801)).await.expect_err("too long").refusal();
        assert_eq!(fields(&refusal), ("validation_failed", vec!["ttl"]));
        let none = pb::ExtendReservationRequest { ttl: None, ..extend(&made.id(), 1) };
        assert_eq!(fields(&client.call(none).await.expect_err("none").refusal()), ("validation_failed", vec!["ttl"]));
    }
}

async fn one_that_is_due_has_expired(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, sku) = (world.client(wire), format!("A-{wire:?}"));
        stocked(&client, &sku, 10).await;
        let id = held(&client, &[(&sku, 4)]).await.id();
        world.database.execute(RUN_OUT).await;
        let read = get(&client, &id).await;
        assert_eq!((read.text("/status"), read.text("/etag")), ("EXPIRED".to_owned(), "v2".to_owned()));
        for refusal in [
            client.call(commit(&id)).await.expect_err("over").refusal(),
            client.call(extend(&id, 60)).await.expect_err("over").refusal(),
        ] {
            assert_eq!(refusal.code, "reservation_expired");
        }
        let refusal = client.call(release(&id)).await.expect_err("over").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!("EXPIRED")));
        let list = |status: pb::reservation::Status| pb::ListReservationsRequest {
            status: vec![status.into()],
            sku: sku.clone(),
            ..Default::default()
        };
        let expired = client.call(list(pb::reservation::Status::Expired)).await.expect("a list");
        assert_eq!(expired.text("/reservations/0/id"), id);
        let held = client.call(list(pb::reservation::Status::Held)).await.expect("a list");
        assert_eq!(held.json["reservations"], json!([]));
        let order = pb::CreateOrderRequest { reservation_id: id.clone(), ..order(&world.customer, &[(&sku, 4)]) };
        let refusal = client.call(order).await.expect_err("over").refusal();
        assert_eq!(fields(&refusal), ("reservation_expired", vec!["reservation_id"]));
        // Nothing is seen of it when it is written down.
        until_swept(&client, &sku, [10, 0, 10]).await;
        assert_eq!(get(&client, &id).await.json, read.json);
        assert_eq!(world.database.told(&id).await, ["1 reservation.created", "2 reservation.expired"]);
    }
}

async fn until_swept(client: &Client, sku: &str, expected: [i64; 3]) {
    let begun = std::time::Instant::now();
    while numbers(client, sku).await != expected {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "nobody expires what is due");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn a_claim_that_is_short_takes_over_what_is_due(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, [a, b]) = (world.client(wire), ["A", "B"].map(|name| format!("{name}-{wire:?}")));
        stocked(&client, &a, 10).await;
        stocked(&client, &b, 10).await;
        let (first, second) = (held(&client, &[(&a, 6), (&b, 10)]).await.id(), held(&client, &[(&a, 4)]).await.id());
        let refusal = refused(&client, reserve(&[(&a, 1)])).await;
        assert_eq!(refusal.code, "insufficient_stock");
        world.database.execute(RUN_OUT).await;
        let order = client.call(order(&world.customer, &[(&a, 9)])).await.expect("an order").id();
        held(&client, &[(&b, 3)]).await;
        assert_eq!((numbers(&client, &a).await, numbers(&client, &b).await), ([10, 9, 1], [10, 3, 7]));
        for id in [&first, &second] {
            assert_eq!(world.database.told(id).await, ["1 reservation.created", "2 reservation.expired"]);
        }
        client.call(pb::CancelOrderRequest { order_id: order, ..Default::default() }).await.expect("canceled");
        assert_eq!(numbers(&client, &a).await, [10, 0, 10]);
    }
}

async fn the_sweep_expires_what_is_due(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    stocked(&client, "A", 10).await;
    let ttl = Some(prost_types::Duration { seconds: 1, nanos: 0 });
    let request = pb::CreateReservationRequest { ttl, ..reserve(&[("A", 4)]) };
    let id = client.keyed("short", request).await.expect("a reservation").id();
    assert_eq!(numbers(&client, "A").await, [10, 4, 6]);
    until_swept(&client, "A", [10, 0, 10]).await;
    assert_eq!(get(&client, &id).await.text("/status"), "EXPIRED");
    let told = pb::ListEventsRequest { resource_id: id.clone(), ..Default::default() };
    let told = client.call(told).await.expect("events").json;
    assert_eq!((&told["events"][0]["type"], &told["events"][0]["actor"]), (&json!("reservation.expired"), &json!("")));
    assert_eq!(told["events"][0]["data"]["status"], "EXPIRED");
}

async fn an_order_uses_a_reservation(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let (client, [a, b]) = (world.client(wire), ["A", "B"].map(|name| format!("{name}-{wire:?}")));
        stocked(&client, &a, 10).await;
        stocked(&client, &b, 10).await;
        let id = held(&client, &[(&a, 8), (&b, 2)]).await.id();
        // More of one than is kept, less of the other.
        let request =
            pb::CreateOrderRequest { reservation_id: id.clone(), ..order(&world.customer, &[(&a, 10), (&b, 1)]) };
        let made = client.call(request.clone()).await.expect("an order").id();
        assert_eq!((numbers(&client, &a).await, numbers(&client, &b).await), ([10, 10, 0], [10, 1, 9]));
        let used = get(&client, &id).await;
        assert_eq!((used.text("/status"), used.text("/order_id")), ("COMMITTED".to_owned(), made.clone()));
        let refusal = client.call(request.clone()).await.expect_err("used").refusal();
        assert_eq!(fields(&refusal), ("illegal_transition", vec!["reservation_id"]));
        // Nothing is used up by an order that fails.
        let id = held(&client, &[(&b, 5)]).await.id();
        let many = pb::CreateOrderRequest { reservation_id: id.clone(), ..order(&world.customer, &[(&b, 10)]) };
        let refusal = client.call(many).await.expect_err("one too many").refusal();
        assert_eq!(fields(&refusal), ("insufficient_stock", vec!["items[0].quantity"]));
        assert_eq!((get(&client, &id).await.text("/status"), numbers(&client, &b).await), ("HELD".into(), [10, 6, 4]));
        let partner = client.with_key(&world.key(pb::Role::Partner, &world.customer).await);
        let theirs = pb::CreateOrderRequest { reservation_id: id, ..order(&world.customer, &[(&b, 1)]) };
        let refusal = partner.call(theirs).await.expect_err("unknown to partners").refusal();
        assert_eq!(fields(&refusal), ("reservation_not_found", vec!["reservation_id"]));
        client.call(pb::CancelOrderRequest { order_id: made, ..Default::default() }).await.expect("canceled");
        assert_eq!((numbers(&client, &a).await, numbers(&client, &b).await), ([10, 0, 10], [10, 5, 5]));
    }
}

async fn reservations_are_listed_by_what_is_asked(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    stocked(&staff, "A", 100).await;
    stocked(&staff, "B", 100).await;
    let first = held(&staff, &[("A", 1)]).await.id();
    let second = held(&staff, &[("A", 1), ("B", 1), ("A", 2)]).await.id();
    let third = staff.keyed("third", pb::CreateReservationRequest { reference: "R-3".into(), ..reserve(&[("B", 1)]) });
    let third = third.await.expect("a reservation").id();
    staff.call(release(&first)).await.expect("released");
    staff.call(commit(&third)).await.expect("committed");
    for wire in WIRES {
        use pb::reservation::Status;
        let client = world.client(wire);
        let shown = async |request: pb::ListReservationsRequest| {
            let rows = client
                .all("reservations", |page_token| pb::ListReservationsRequest {
                    page_token,
                    page_size: 1,
                    ..request.clone()
                })
                .await;
            rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
        };
        let all = pb::ListReservationsRequest::default;
        assert_eq!(shown(all()).await, [&*third, &second, &first]);
        let of_a = pb::ListReservationsRequest { sku: "A".into(), ..all() };
        assert_eq!(shown(of_a.clone()).await, [&*second, &first]);
        let status = vec![Status::Held.into(), Status::Committed.into()];
        assert_eq!(shown(pb::ListReservationsRequest { status: status.clone(), ..all() }).await, [&*third, &second]);
        assert_eq!(shown(pb::ListReservationsRequest { status, ..of_a }).await, [&*second]);
        let named = pb::ListReservationsRequest { reference: "R-3".into(), ..all() };
        assert_eq!(shown(named.clone()).await, [&*third]);
        let basic = client.call(named.clone()).await.expect("a list").json;
        assert_eq!(basic["reservations"][0]["lines"], json!([]));
        let full = pb::ListReservationsRequest { view: pb::View::Full.into(), ..named };
        let full = client.call(full).await.expect("a list").json;
        assert_eq!(full["reservations"][0], get(&client, &third).await.json);
    }
}
