//! Many callers for few units: never below zero, never sold twice, and books that agree to the piece.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::inventory::stocked;
use crate::support::cases::inventory::{adjust, reserve};
use crate::support::chance::Chance;
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::on_both_engines;
use crate::support::refusal::{Failed, Refusal};
use crate::support::rpc::Rpc;
use crate::support::service::program;
use crate::support::world::{World, order};

on_both_engines! {
    stock_is_never_sold_twice,
    one_reservation_has_one_end,
    counts_of_one_place_have_one_winner,
}

const CALLERS: u64 = 64;

/// Products that everybody wants, and how many there are of each.
const SKUS: u64 = 20;
const UNITS: i64 = 60;

/// How often they try, all together; another number by the environment.
fn attempts() -> u64 {
    std::env::var("TRADEPOST_TEST_ATTEMPTS").map_or(3_000, |number| number.parse().expect("a number"))
}

fn sku(number: u64) -> String {
    format!("WANTED-{number}")
}

async fn stock_is_never_sold_twice(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    for number in 0..SKUS {
        stocked(&staff, &sku(number), UNITS).await;
    }
    let (mut chance, tried) = (Chance::of_this_run(), Arc::new(AtomicU64::new(0)));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let client = world.client(if caller % 2 == 0 { Wire::Grpc } else { Wire::Rest });
        let (customer, chance, tried) = (world.customer.clone(), chance.branch(), Arc::clone(&tried));
        callers.spawn(grab(client, customer, chance, tried));
    }
    let over = Arc::new(AtomicBool::new(false));
    let watcher = tokio::spawn(watch(staff.clone(), Arc::clone(&over)));
    let mut taken = 0;
    for of_one in callers.join_all().await {
        taken += of_one;
    }
    over.store(true, Ordering::Relaxed);
    watcher.await.expect("the watcher");
    let left = world.database.count("SELECT CAST(SUM(on_hand - reserved) AS BIGINT) FROM stock_levels").await;
    eprintln!("{taken} taken, {left} left");
    assert_eq!(taken + left, i64::try_from(SKUS).expect("small") * UNITS, "what is taken and what is left");
    books_agree(&world.database).await;
    only_busy(&world.service.log());
}

/// Reserves and orders until all have tried enough. Answers how many units it has at the end.
async fn grab(client: Client, customer: String, mut chance: Chance, tried: Arc<AtomicU64>) -> i64 {
    let mut taken = 0;
    while tried.fetch_add(1, Ordering::Relaxed) < attempts() {
        let lines: Vec<_> = (0..=chance.below(2)).map(|_| (sku(chance.below(SKUS)), 1 + chance.below(3))).collect();
        let lines: Vec<_> =
            lines.iter().map(|(sku, units)| (sku.as_str(), i32::try_from(*units).expect("few"))).collect();
        let units: i64 = lines.iter().map(|(_, units)| i64::from(*units)).sum();
        let key = format!("{:x}", chance.next());
        let is_order = chance.below(4) == 0;
        let made = if is_order {
            until_known(&client, &key, order(&customer, &lines)).await
        } else {
            until_known(&client, &key, reserve(&lines)).await
        };
        match made {
            Ok(made) => taken += finish(&client, &made.id(), is_order, units, chance.below(4)).await,
            Err(refusal) => assert_eq!(refusal.code, "insufficient_stock", "{refusal:?}"),
        }
    }
    taken
}

/// Repeats a call for which there was no connection in time, as the contract says.
async fn until_known<Q: Rpc>(client: &Client, key: &str, request: Q) -> Result<Answer, Refusal> {
    loop {
        match client.keyed(key, request.clone()).await.map_err(Failed::refusal) {
            Err(refusal) if refusal.code == "unavailable" => tokio::time::sleep(Duration::from_millis(100)).await,
            known => return known,
        }
    }
}

/// The service was too busy, at most: no transaction met another one in a way that it could not get out of.
fn only_busy(log: &str) {
    let faults = log.lines().filter(|line| line.contains("the database did not do it"));
    let others: Vec<_> = faults.filter(|line| !line.contains("pool timed out")).collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(!log.contains("internal error"), "a fault of the service");
}

/// Keeps most of what it got, uses some of it, and gives the rest back. Answers how many units it keeps, of those that it got.
async fn finish(client: &Client, id: &str, is_order: bool, units: i64, what: u64) -> i64 {
    let reservation_id = id.to_owned();
    let done = match (is_order, what) {
        (true, 0) => {
            let cancel = pb::CancelOrderRequest { order_id: id.to_owned(), ..Default::default() };
            until_known(client, id, cancel).await.map(|_| 0)
        }
        (false, 0) => {
            let release = pb::ReleaseReservationRequest { reservation_id, ..Default::default() };
            until_known(client, id, release).await.map(|_| 0)
        }
        (false, 1) => {
            let commit = pb::CommitReservationRequest { reservation_id, ..Default::default() };
            until_known(client, id, commit).await.map(|_| units)
        }
        _ => Ok(units),
    };
    done.unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// Reads all the time, and never sees what cannot be.
async fn watch(client: Client, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        let request = pb::ListStockLevelsRequest { page_size: 100, ..Default::default() };
        let levels = client.call(request).await.expect("levels").json;
        for level in levels["stock_levels"].as_array().expect("a list") {
            let number = |name: &str| level[name].as_str().and_then(|text| text.parse::<i64>().ok()).expect("a number");
            let [on_hand, reserved, available] = ["on_hand", "reserved", "available"].map(number);
            assert!(on_hand >= 0 && reserved >= 0 && available >= 0 && available == on_hand - reserved, "{level}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The program finds nothing wrong.
async fn books_agree(database: &Database) {
    let mut command = program(&database.url, database.folder.path());
    let checked = tokio::task::spawn_blocking(move || command.arg("reconcile").output()).await.expect("a task");
    let checked = checked.expect("the program");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

async fn one_reservation_has_one_end(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    stocked(&staff, "A", 100).await;
    for round in 0..5 {
        let reservation_id = staff.keyed(&format!("{round}"), reserve(&[("A", 5)])).await.expect("held").id();
        let mut ends: JoinSet<Result<Value, String>> = JoinSet::new();
        for caller in 0..24 {
            let client = world.client(if caller % 2 == 0 { Wire::Grpc } else { Wire::Rest });
            let (reservation_id, customer) = (reservation_id.clone(), world.customer.clone());
            ends.spawn(async move {
                let done = match caller % 3 {
                    0 => client.call(pb::CommitReservationRequest { reservation_id, ..Default::default() }).await,
                    1 => client.call(pb::ReleaseReservationRequest { reservation_id, ..Default::default() }).await,
                    _ => client.call(pb::CreateOrderRequest { reservation_id, ..order(&customer, &[("A", 5)]) }).await,
                };
                done.map(|done| done.json["status"].clone()).map_err(|failed| failed.refusal().code)
            });
        }
        let mut outcomes = std::collections::BTreeSet::new();
        for end in ends.join_all().await {
            match end {
                Ok(status) => outcomes.extend([status.to_string()]),
                Err(code) => assert_eq!(code, "illegal_transition"),
            }
        }
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    }
    books_agree(&world.database).await;
}

async fn counts_of_one_place_have_one_winner(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    // Of a place that nobody has counted, too.
    stocked(&staff, "OLD", 10).await;
    stocked(&staff, "NEW", 0).await;
    for (sku, expected) in [("OLD", 10), ("NEW", 0)] {
        let mut counts = JoinSet::new();
        for caller in 0..16_i64 {
            let client = world.client(if caller % 2 == 0 { Wire::Grpc } else { Wire::Rest });
            let count = pb::AdjustStockRequest {
                delta: None,
                counted: Some(20 + caller),
                expected_on_hand: Some(expected),
                ..adjust(sku, 0)
            };
            counts.spawn(async move { client.keyed(&format!("{sku}-{caller}"), count).await });
        }
        let mut won = 0;
        for count in counts.join_all().await {
            match count {
                Ok(_) => won += 1,
                Err(failed) => assert_eq!(failed.refusal().code, "stock_changed"),
            }
        }
        assert_eq!(won, 1, "{sku}");
    }
    books_agree(&world.database).await;
}
