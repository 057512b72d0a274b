//! The process dies under load, again and again: nothing acknowledged is lost, nothing happens twice.
//!
//! `TRADEPOST_TEST_KILLS` says how often it is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::support::chance::Chance;
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::world::World;

on_both_engines! { kills_lose_nothing_and_repeat_nothing }

/// How often CI kills the process.
const KILLS: u64 = 8;

const WORKERS: usize = 8;

/// Order ids by key.
type Known = BTreeMap<String, String>;

/// What all workers share.
struct Load {
    next: AtomicU64,
    go_on: AtomicBool,
    order: pb::CreateOrderRequest,
}

/// Sends a call until its outcome is known, as a careful client does.
async fn until_known(client: &Client, key: &str, request: &pb::CreateOrderRequest) -> Answer {
    loop {
        match client.keyed(key, request.clone()).await {
            Ok(answer) => return answer,
            Err(Failed::Lost(_)) => {}
            Err(Failed::Refused(refusal)) => {
                let may_be_repeated = ["unavailable", "idempotency_in_flight", "deadline_exceeded"];
                assert!(may_be_repeated.contains(&refusal.code.as_str()), "{refusal:?}");
            }
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn work(client: Client, load: Arc<Load>) -> Known {
    let mut known = Known::new();
    while load.go_on.load(Ordering::Relaxed) {
        let number = load.next.fetch_add(1, Ordering::Relaxed);
        let (key, note) = (format!("key-{number}"), format!("order {number}"));
        let request = pb::CreateOrderRequest { note, ..load.order.clone() };
        known.insert(key.clone(), until_known(&client, &key, &request).await.id());
    }
    known
}

async fn kills_lose_nothing_and_repeat_nothing(engine: Engine) {
    let (mut world, mut chance) = (World::new(engine).await, Chance::of_this_run());
    let kills = std::env::var("TRADEPOST_TEST_KILLS").map_or(KILLS, |text| text.parse().expect("a number"));
    let load = Arc::new(Load { next: AtomicU64::new(0), go_on: AtomicBool::new(true), order: world.order() });
    let mut workers = JoinSet::new();
    for wire in Wire::ALL.into_iter().cycle().take(WORKERS) {
        workers.spawn(work(world.client(wire), Arc::clone(&load)));
    }
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(chance.below(400))).await;
        world.service.kill();
        world.service.restart().await;
    }
    load.go_on.store(false, Ordering::Relaxed);
    let known: Known = workers.join_all().await.into_iter().flatten().collect();
    world.service.kill();
    world.service.restart().await;
    let keys = load.next.load(Ordering::Relaxed);
    assert_eq!(known.len() as u64, keys, "every key is known");
    check_orders(&world, &known).await;
    check_replays(&world, known).await;
}

/// As many orders as keys, in the list and in the tables.
async fn check_orders(world: &World, known: &Known) {
    let expected: BTreeSet<_> = known.values().cloned().collect();
    assert_eq!(expected.len(), known.len(), "one order a key");
    let (mut listed, mut request) = (Vec::new(), pb::ListOrdersRequest { page_size: 100, ..Default::default() });
    loop {
        let page = world.client(Wire::Rest).call(request.clone()).await.expect("a page");
        let orders = page.json["orders"].as_array().expect("a list").iter();
        listed.extend(orders.map(|order| order["id"].as_str().expect("an id").to_owned()));
        request.page_token = page.text("/next_page_token");
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed.len(), known.len(), "nothing happened twice");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), expected, "nothing acknowledged is lost");
    for rows in [
        "orders",
        "(SELECT DISTINCT order_id FROM order_items) AS lines",
        "idempotency_keys WHERE reply IS NOT NULL",
        "events WHERE type = 'order.placed'",
        "(SELECT DISTINCT resource_id FROM events WHERE type = 'order.placed') AS placed",
        "audit_events WHERE resource_type = 'order'",
    ] {
        let count = world.database.count(&format!("SELECT count(*) FROM {rows}")).await;
        assert_eq!(usize::try_from(count), Ok(known.len()), "{rows}");
    }
}

/// Every key still answers with its order.
async fn check_replays(world: &World, known: Known) {
    let mut replays = JoinSet::new();
    for (worker, wire) in Wire::ALL.into_iter().enumerate() {
        let (client, order) = (world.client(wire), world.order());
        let mine: Vec<_> = known.clone().into_iter().skip(worker).step_by(Wire::ALL.len()).collect();
        replays.spawn(async move {
            for (key, id) in mine {
                let note = key.replace("key-", "order ");
                let replay = until_known(&client, &key, &pb::CreateOrderRequest { note, ..order.clone() }).await;
                assert!(replay.is_replay(), "{key} had its effect");
                assert_eq!(replay.id(), id, "{key}");
            }
        });
    }
    replays.join_all().await;
}
