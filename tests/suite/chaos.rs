//! Two processes on one PostgreSQL, killed and frozen at random while orders are created: every event that was committed comes to
//! a watcher and to a receiver of webhooks, in the order of each thing, and every job's effect happens once.
//!
//! `TRADEPOST_TEST_CHAOS_SECONDS` says for how long; `TRADEPOST_TEST_SEED` how.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;
use tradepost::contract::pb;
use tradepost::domain::ids::{EventId, TypedId};

use crate::support::chance::Chance;
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::receiver::{Got, Receiver};
use crate::support::refusal::Failed;
use crate::support::rpc::Rpc;
use crate::support::service::{PLATFORM_KEY, Service};
use crate::support::stream::Stream;
use crate::support::world::{self, HOOKING, TEAPOT, order};
use crate::webhooks::create;

/// How long CI goes on.
const SECONDS: u64 = 40;

/// The longest freeze: longer than a lease, when there is time for it.
const LONGEST_FREEZE_MS: u64 = 12_000;

/// How long a caller waits for a process before it asks the other one.
const PATIENCE: Duration = Duration::from_secs(4);

/// How soon after the last blow everything must be well.
const HAND_OVER: Duration = Duration::from_secs(45);

/// What everybody shares.
struct Fight {
    addresses: [SocketAddr; 2],
    next: AtomicU64,
    go_on: AtomicBool,
}

impl Fight {
    fn goes_on(&self) -> bool {
        self.go_on.load(Ordering::Relaxed)
    }

    fn client(&self, number: u64, wire: Wire) -> Client {
        Client::new(self.addresses[usize::try_from(number % 2).expect("0 or 1")], wire, PLATFORM_KEY)
    }

    /// Sends a call, to one process or the other, until its outcome is known.
    async fn until_known<Q: Rpc>(&self, wire: Wire, request: Q) -> Answer {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (key, mut turn) = (format!("call-{number}"), number);
        loop {
            let answer = tokio::time::timeout(PATIENCE, self.client(turn, wire).keyed(&key, request.clone())).await;
            match answer {
                Ok(Ok(answer)) => return answer,
                Ok(Err(Failed::Refused(refusal))) => {
                    let may_be_repeated = ["unavailable", "idempotency_in_flight", "deadline_exceeded"];
                    assert!(may_be_repeated.contains(&refusal.code.as_str()), "{refusal:?}");
                }
                Ok(Err(Failed::Lost(_))) | Err(_) => {}
            }
            turn += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn sequence(event: &Value) -> i64 {
    event["sequence"].as_str().and_then(|text| text.parse().ok()).expect("a sequence")
}

/// Creates orders, and changes each.
async fn trade(fight: Arc<Fight>, wire: Wire, customer: String) {
    while fight.goes_on() {
        let id = fight.until_known(wire, order(&customer, &[(TEAPOT, 1)])).await.id();
        for text in ["once", "twice"] {
            let patch = pb::OrderPatch { note: Some(text.to_owned()), ..Default::default() };
            let note = pb::UpdateOrderRequest { order_id: id.clone(), order: Some(patch), ..Default::default() };
            fight.until_known(wire, note).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Asks for reports.
async fn report(fight: Arc<Fight>) {
    while fight.goes_on() {
        let kind = pb::report::Kind::Orders.into();
        fight.until_known(Wire::Rest, pb::CreateReportRequest { kind, ..Default::default() }).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Watches, and goes on with the other process whenever one says nothing for long. Ends when everything that there is has come.
async fn watch(fight: Arc<Fight>, after: i64, last: Arc<AtomicU64>) -> Vec<Value> {
    let (mut heard, mut after, mut turn): (Vec<Value>, i64, u64) = (Vec::new(), after, 0);
    let is_all = |after: i64| {
        let last = last.load(Ordering::Relaxed);
        last > 0 && after >= i64::try_from(last).expect("small")
    };
    while !is_all(after) {
        turn += 1;
        let wire = Wire::ALL[usize::try_from(turn % 4).expect("small")];
        let request = pb::WatchEventsRequest { after_sequence: Some(after), ..Default::default() };
        let opened = tokio::time::timeout(PATIENCE, fight.client(turn, wire).stream(request)).await;
        let Ok(Ok(mut stream)) = opened else { continue };
        while let Some(events) = more(&mut stream).await {
            for event in events {
                let sequence = sequence(&event);
                assert!(sequence > after, "{sequence} comes after {after}");
                after = sequence;
                heard.push(event);
            }
        }
    }
    heard
}

/// What comes next; `None` when nothing does, or it breaks off.
async fn more(stream: &mut Stream) -> Option<Vec<Value>> {
    for _ in 0..10 {
        match stream.within(Duration::from_millis(300)).await {
            Ok(events) if events.is_empty() => {}
            Ok(events) => return Some(events),
            Err(_) => return None,
        }
    }
    None
}

/// Kills and freezes, one process at a time.
async fn strike(services: &mut [Service], mut chance: Chance, seconds: u64) -> u64 {
    let (begun, mut blows) = (Instant::now(), 0);
    while begun.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(Duration::from_millis(500 + chance.below(2_500))).await;
        let service = &mut services[usize::try_from(chance.below(2)).expect("0 or 1")];
        if chance.below(2) == 0 {
            service.kill();
            tokio::time::sleep(Duration::from_millis(chance.below(1_500))).await;
            service.restart().await;
        } else {
            service.freeze();
            let longest = if seconds > 100 { 40_000 } else { LONGEST_FREEZE_MS };
            tokio::time::sleep(Duration::from_millis(chance.below(longest))).await;
            service.thaw();
        }
        blows += 1;
    }
    blows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_processes_die_and_freeze() {
    let seconds = std::env::var("TRADEPOST_TEST_CHAOS_SECONDS").map_or(SECONDS, |text| text.parse().expect("a number"));
    let database = Database::new(Engine::Postgres).await;
    let mut services = Vec::new();
    for _ in 0..2 {
        let mut service = Service::launch_set(&database, "info", HOOKING);
        service.ready().await;
        services.push(service);
    }
    let (client, receiver) = (Client::new(services[0].address, Wire::Grpc, PLATFORM_KEY), Receiver::new().await);
    world::stock(&client).await;
    let customer = world::customer(&client, "Ada").await;
    create(&client, &receiver.url(), &["*"]).await;
    let newest = client.call(pb::ListEventsRequest { page_size: 1, ..Default::default() }).await.expect("events");
    let before: i64 = newest.text("/events/0/sequence").parse().expect("a sequence");
    let fight = Arc::new(Fight {
        addresses: [services[0].address, services[1].address],
        next: AtomicU64::new(0),
        go_on: AtomicBool::new(true),
    });
    let last = Arc::new(AtomicU64::new(0));
    let watcher = tokio::spawn(watch(Arc::clone(&fight), before, Arc::clone(&last)));
    let mut callers = JoinSet::new();
    for wire in [Wire::Grpc, Wire::Rest, Wire::GrpcWeb] {
        callers.spawn(trade(Arc::clone(&fight), wire, customer.clone()));
    }
    callers.spawn(report(Arc::clone(&fight)));
    let blows = strike(&mut services, Chance::of_this_run(), seconds).await;
    fight.go_on.store(false, Ordering::Relaxed);
    let stilled = Instant::now();
    callers.join_all().await;
    jobs_are_over(&database, stilled).await;
    let committed = settled(&database, before).await;
    last.store(u64::try_from(committed.last().expect("events").0).expect("positive"), Ordering::Relaxed);
    let heard = watcher.await.expect("the watcher");
    let heard: Vec<_> = heard.iter().map(sequence).take(committed.len()).collect();
    assert_eq!(
        heard,
        committed.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(),
        "the watcher has every event"
    );
    let ids: Vec<_> =
        committed.iter().map(|(_, id)| EventId::from_uuid(id.parse().expect("a UUID")).to_string()).collect();
    delivered(&receiver, &ids, stilled).await;
    in_order(&receiver.got());
    effects_happened_once(&database).await;
    eprintln!(
        "{blows} blows, {} events, {} deliveries; well after {:?}",
        committed.len(),
        receiver.got().len(),
        stilled.elapsed()
    );
}

/// Waits until no job is at work.
async fn jobs_are_over(database: &Database, stilled: Instant) {
    let open = "SELECT count(*) FROM jobs WHERE status IN ('QUEUED', 'RUNNING')";
    while database.count(open).await > 0 {
        // A lease that has to end, and the pause before another attempt.
        assert!(stilled.elapsed() < 2 * HAND_OVER, "a job is not over");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The sequences of everything that was told since, in order.
async fn settled(database: &Database, since: i64) -> Vec<(i64, String)> {
    while database.count("SELECT count(*) FROM event_log WHERE sequence IS NULL").await > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let all = format!(
        "SELECT lpad(CAST(l.sequence AS TEXT), 12, '0') || ' ' || CAST(e.id AS TEXT) FROM events e JOIN event_log l ON l.event_id = e.id \
         WHERE l.sequence > {since} ORDER BY l.sequence"
    );
    let rows = database.texts(&all).await;
    assert_eq!(
        rows.len(),
        usize::try_from(database.count(&format!("SELECT count(*) FROM event_log WHERE sequence > {since}")).await)
            .expect("small")
    );
    rows.iter()
        .map(|row| {
            row.split_once(' ').map(|(number, id)| (number.parse().expect("a number"), id.to_owned())).expect("two")
        })
        .collect()
}

/// Waits until the receiver has all of them.
async fn delivered(receiver: &Receiver, events: &[String], stilled: Instant) {
    let wanted: BTreeSet<_> = events.iter().cloned().collect();
    loop {
        let got: BTreeSet<_> = receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
        let missing: Vec<_> = wanted.difference(&got).collect();
        if missing.is_empty() {
            return;
        }
        assert!(stilled.elapsed() < 2 * HAND_OVER, "{} events did not arrive: {:?}", missing.len(), missing.first());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Of each thing, nothing came for the first time before what was before it.
fn in_order(got: &[Got]) {
    let (mut known, mut last) = (BTreeSet::new(), BTreeMap::new());
    for got in got {
        if !known.insert(got.header("webhook-id").to_owned()) {
            continue;
        }
        let event = got.json();
        let version: i64 = event["resource_sequence"].as_str().and_then(|text| text.parse().ok()).expect("a number");
        let before = last.insert(event["resource_id"].to_string(), version);
        assert!(before.is_none_or(|before| before < version), "{event} after {before:?}");
    }
}

/// Every job has made one file, and told it once.
async fn effects_happened_once(database: &Database) {
    let jobs = database.count("SELECT count(*) FROM jobs").await;
    assert!(jobs > 0, "there were jobs");
    for (table, count) in [
        ("jobs WHERE status = 'SUCCEEDED'", jobs),
        ("reports WHERE status = 'SUCCEEDED'", jobs),
        ("events WHERE type = 'job.succeeded'", jobs),
        ("(SELECT DISTINCT report_id, token FROM report_parts) AS files", jobs),
        ("report_parts p WHERE NOT EXISTS (SELECT 1 FROM reports r WHERE r.file_token = p.token)", 0),
    ] {
        assert_eq!(database.count(&format!("SELECT count(*) FROM {table}")).await, count, "{table}");
    }
}
