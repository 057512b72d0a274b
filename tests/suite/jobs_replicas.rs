//! Two processes on one database: a job whose process dies or freezes is taken over by the other, and its effect happens once.

use std::time::{Duration, Instant};

use serde_json::json;
use tradepost::contract::pb;

use crate::jobs::{busy, running};
use crate::support::cases::reports::job_in;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::service::{PLATFORM_KEY, Service};
use crate::support::world::World;

/// How soon another process must have it, and be done with it.
const HAND_OVER: Duration = Duration::from_secs(45);

async fn another(world: &World) -> (Service, Client) {
    let service = Service::start(&world.database).await;
    let client = Client::new(service.address, Wire::Rest, PLATFORM_KEY);
    (service, client)
}

/// Waits until the second attempt runs.
async fn taken_over(client: &Client, job: &str) {
    let begun = Instant::now();
    loop {
        let found = client.call(pb::GetJobRequest { job_id: job.to_owned() }).await.expect("the job");
        if found.json["attempt"] == json!(2) {
            return;
        }
        assert!(begun.elapsed() < HAND_OVER, "nobody takes it over: {}", found.json);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// One file of one attempt, told once.
async fn happened_once(world: &World, client: &Client, report: &str) {
    let found = client.call(pb::GetReportRequest { report_id: report.to_owned() }).await.expect("the report");
    assert_eq!((found.text("/status"), found.text("/row_count")), ("SUCCEEDED".to_owned(), "1".to_owned()));
    for (table, count) in [
        ("events WHERE type = 'job.succeeded'", 1),
        ("events WHERE type = 'report.succeeded'", 1),
        ("events WHERE type = 'job.failed'", 0),
        ("(SELECT DISTINCT token FROM report_parts) AS attempts", 1),
        ("report_parts WHERE token NOT IN (SELECT file_token FROM reports)", 0),
    ] {
        assert_eq!(world.database.count(&format!("SELECT count(*) FROM {table}")).await, count, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_job_of_a_killed_process_is_taken_over() {
    let mut world = busy(Engine::Postgres).await;
    let (report, job) = running(&world.client(Wire::Rest)).await;
    world.service.kill();
    let (_other, client) = another(&world).await;
    taken_over(&client, &job).await;
    job_in(&client, &job, &["SUCCEEDED"], HAND_OVER).await;
    happened_once(&world, &client, &report).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_process_that_wakes_has_lost_its_job() {
    let world = busy(Engine::Postgres).await;
    let (report, job) = running(&world.client(Wire::Rest)).await;
    world.service.freeze();
    let (_other, client) = another(&world).await;
    taken_over(&client, &job).await;
    // It wakes while the other is at it.
    world.service.thaw();
    job_in(&client, &job, &["SUCCEEDED"], HAND_OVER).await;
    let begun = Instant::now();
    while !world.service.log().contains("a job was lost") {
        assert!(begun.elapsed() < HAND_OVER, "it does not notice");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    happened_once(&world, &client, &report).await;
}

/// Who of several processes sweeps, is written down; when it dies another one does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_processes_sweeps() {
    let mut world = World::new(Engine::Postgres).await;
    let (_other, _) = another(&world).await;
    let holder = "SELECT CAST(holder AS TEXT) FROM leases WHERE name = 'expiry'";
    let first = world.database.texts(holder).await;
    assert_eq!(first.len(), 1);
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(world.database.texts(holder).await, first, "the turn stays with who has it");
    }
    world.service.kill();
    let begun = Instant::now();
    while world.database.texts(holder).await == first {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody sweeps");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
