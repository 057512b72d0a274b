//! Jobs: how they get on, fail, are tried again, are canceled, and who may write of them.

use std::time::{Duration, Instant};

use serde_json::json;
use tradepost::contract::pb;
use tradepost::contract::pb::report::Kind;

use crate::support::bulk::copy_order;
use crate::support::cases::reports::{FAR, ended, job_in, made, report};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::World;

on_both_engines! {
    a_job_tells_how_it_gets_on,
    a_waiting_job_can_be_canceled,
    a_running_job_can_be_canceled,
    what_always_fails_ends_and_keeps_nobody_waiting,
    a_lost_job_is_taken_over,
    a_job_that_was_lost_too_often_fails,
    who_lost_a_job_writes_nothing_of_it,
    a_stopping_process_gives_its_jobs_back,
    jobs_are_listed,
    old_jobs_and_events_go,
}

const WIRES: [Wire; 2] = [Wire::Grpc, Wire::Rest];

/// Long enough for anything but a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// Orders of a report that takes some seconds.
pub(crate) const MANY: u32 = 40_000;

pub(crate) fn cancel(job: &str) -> pb::CancelJobRequest {
    pb::CancelJobRequest { job_id: job.to_owned(), ..Default::default() }
}

async fn job_of(client: &Client, job: &str) -> Answer {
    client.call(pb::GetJobRequest { job_id: job.to_owned() }).await.expect("the job")
}

async fn report_of(client: &Client, report: &str) -> Answer {
    client.call(pb::GetReportRequest { report_id: report.to_owned() }).await.expect("the report")
}

/// A world with so many orders that a report of its sales takes a while.
pub(crate) async fn busy(engine: Engine) -> World {
    let world = World::new(engine).await;
    world.client(Wire::Grpc).call(world.order()).await.expect("an order");
    copy_order(&world, MANY).await;
    world
}

/// Asks for a report that takes a while, and waits until somebody is at it: the report, and its job.
pub(crate) async fn running(client: &Client) -> (String, String) {
    let asked = client.call(report(Kind::SalesByProduct)).await.expect("a report");
    let job = asked.text("/job_id");
    job_in(client, &job, &["RUNNING"], PATIENCE).await;
    (asked.id(), job)
}

async fn a_job_tells_how_it_gets_on(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let asked = client.call(report(Kind::Stock)).await.expect("a report");
        let job = asked.text("/job_id");
        assert_eq!(asked.header("location"), format!("/v1/jobs/{job}"));
        assert_eq!(asked.status, if wire == Wire::Rest { 202 } else { 200 });
        let done = ended(&client, &job).await;
        let expected = [
            ("/id", job.as_str()),
            ("/type", "REPORT"),
            ("/status", "SUCCEEDED"),
            ("/resource_type", "report"),
            ("/resource_id", &asked.id()),
            ("/result_uri", &format!("/v1/reports/{}", asked.id())),
        ];
        for (field, value) in expected {
            assert_eq!(done.text(field), value);
        }
        assert_eq!((&done.json["progress"], &done.json["attempt"]), (&json!(100), &json!(1)));
        assert_eq!((&done.json["max_attempts"], &done.json["error"]), (&json!(5), &json!(null)));
        assert_eq!(done.json["run_time"], json!(null));
        assert!(done.text("/start_time") <= done.text("/end_time"));
        let told = world.database.told(&job).await;
        assert_eq!((told[0].as_str(), told.len()), ("1 job.created", 2), "{told:?}");
        assert!(told[1].ends_with(" job.succeeded"), "{told:?}");
        assert_eq!(world.database.told(&asked.id()).await, ["1 report.created", "2 report.succeeded"]);
        let events = pb::ListEventsRequest { resource_id: job, ..Default::default() };
        let events = client.call(events).await.expect("events");
        assert_eq!(events.text("/events/0/actor"), "", "nobody asked the service to end it");
        assert_ne!(events.text("/events/1/actor"), "");
    }
}

async fn a_waiting_job_can_be_canceled(engine: Engine) {
    let world = World::new(engine).await;
    for wire in WIRES {
        let client = world.client(wire);
        let made = made(&client, report(Kind::Stock)).await;
        let job = made.text("/job_id");
        let refusal = client.call(cancel(&job)).await.expect_err("over").refusal();
        assert_eq!(refusal.code, "illegal_transition");
        assert_eq!(
            (&refusal.metadata["from"], &refusal.metadata["action"], &refusal.metadata["allowed"]),
            (&json!("SUCCEEDED"), &json!("cancel"), &json!(""))
        );
        for sql in [
            format!("UPDATE jobs SET status = 'QUEUED', run_time = {FAR}, end_time = NULL"),
            "UPDATE reports SET status = 'PENDING', expire_time = NULL".to_owned(),
        ] {
            world.database.execute(&sql).await;
        }
        let reason = "the wrong month".to_owned();
        let canceled = client.call(pb::CancelJobRequest { reason, ..cancel(&job) }).await.expect("canceled");
        assert_eq!((canceled.text("/status"), &canceled.json["run_time"]), ("CANCELED".to_owned(), &json!(null)));
        let again = client.call(cancel(&job)).await.expect("nothing to do");
        assert_eq!(again.json, canceled.json);
        assert_eq!(report_of(&client, &made.id()).await.text("/status"), "CANCELED");
        assert!(world.database.told(&job).await.last().expect("events").ends_with(" job.canceled"));
        assert_eq!(world.database.told(&made.id()).await.last().expect("events"), "3 report.canceled");
        assert_eq!(world.database.count("SELECT count(*) FROM report_parts").await, 0);
    }
}

async fn a_running_job_can_be_canceled(engine: Engine) {
    let world = busy(engine).await;
    let client = world.client(Wire::Rest);
    let (report, job) = running(&client).await;
    let begun = Instant::now();
    while job_of(&client, &job).await.json["progress"] == json!(0) {
        assert!(begun.elapsed() < PATIENCE, "it does not get on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = job_of(&client, &job).await;
    assert_eq!((before.text("/status"), before.text("/result_uri")), ("RUNNING".to_owned(), String::new()));
    client.call(cancel(&job)).await.expect("canceled");
    for _ in 0..3 {
        made(&client, crate::support::cases::reports::report(Kind::Stock)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(job_of(&client, &job).await.text("/status"), "CANCELED");
    let found = report_of(&client, &report).await;
    assert_eq!((found.text("/status"), found.text("/download_uri")), ("CANCELED".to_owned(), String::new()));
    assert_eq!(world.database.count("SELECT count(DISTINCT report_id) FROM report_parts").await, 3, "nothing is left");
    assert!(world.service.log().contains("a job was lost"), "the attempt has ended");
}

async fn what_always_fails_ends_and_keeps_nobody_waiting(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    client.call(world.order()).await.expect("an order");
    // What nobody can read.
    world.database.execute("UPDATE orders SET currency_code = 'XXQ'").await;
    let asked = client.call(report(Kind::Orders)).await.expect("a report");
    let job = asked.text("/job_id");
    let begun = Instant::now();
    let failed = loop {
        let found = job_of(&client, &job).await;
        if found.text("/status") == "FAILED" {
            break found;
        }
        let failures = found.json["attempt"].as_i64().expect("a number");
        if found.text("/status") == "QUEUED" && failures > 0 {
            assert_eq!(found.text("/error/code"), "internal");
            let is_pushed = found.text("/run_time").starts_with("1970");
            assert!(is_pushed || found.text("/run_time") > found.text("/update_time"), "it waits");
            world.database.execute("UPDATE jobs SET run_time = 0 WHERE status = 'QUEUED'").await;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", found.json);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((&failed.json["attempt"], failed.text("/error/code")), (&json!(5), "internal".to_owned()));
    assert!(!failed.text("/error/message").contains("XXQ"), "internals stay inside");
    assert_eq!(report_of(&client, &asked.id()).await.text("/status"), "FAILED");
    assert_eq!(world.database.told(&asked.id()).await, ["1 report.created", "2 report.failed"]);
    assert!(world.database.told(&job).await.last().expect("events").ends_with(" job.failed"));
    made(&client, report(Kind::Stock)).await;
}

/// As if the process that was at it had died: its lease ends now.
async fn abandon(world: &World, job_is: &str, attempt: u32) {
    let token = match world.database.engine {
        Engine::Sqlite => "X'00000000000000000000000000000007'",
        Engine::Postgres => "'00000000-0000-0000-0000-000000000007'",
    };
    for sql in [
        "UPDATE reports SET status = 'PENDING', file_token = NULL, expire_time = NULL".to_owned(),
        format!(
            "UPDATE jobs SET status = 'RUNNING', attempt = {attempt}, lease_token = {token}, lease_until = 0, \
             end_time = NULL WHERE {job_is}"
        ),
    ] {
        world.database.execute(&sql).await;
    }
}

async fn a_lost_job_is_taken_over(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let asked = made(&client, report(Kind::Stock)).await;
    let job = asked.text("/job_id");
    abandon(&world, "1 = 1", 1).await;
    let done = ended(&client, &job).await;
    assert_eq!((done.text("/status"), &done.json["attempt"]), ("SUCCEEDED".to_owned(), &json!(2)));
    assert_eq!(done.text("/error/code"), "lease_lost", "it tells why it was tried again");
    assert_eq!(report_of(&client, &asked.id()).await.text("/status"), "SUCCEEDED");
    assert_eq!(world.database.count("SELECT count(DISTINCT token) FROM report_parts").await, 1, "of one attempt");
}

async fn a_job_that_was_lost_too_often_fails(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let asked = made(&client, report(Kind::Stock)).await;
    let job = asked.text("/job_id");
    abandon(&world, "1 = 1", 5).await;
    let failed = ended(&client, &job).await;
    assert_eq!((failed.text("/status"), &failed.json["attempt"]), ("FAILED".to_owned(), &json!(5)));
    assert_eq!(failed.text("/error/code"), "lease_lost");
    assert_eq!(report_of(&client, &asked.id()).await.text("/status"), "FAILED");
    assert_eq!(world.database.count("SELECT count(*) FROM report_parts").await, 0);
}

async fn who_lost_a_job_writes_nothing_of_it(engine: Engine) {
    let world = busy(engine).await;
    let client = world.client(Wire::Rest);
    let (report, job) = running(&client).await;
    let token = match engine {
        Engine::Sqlite => "X'00000000000000000000000000000007'",
        Engine::Postgres => "'00000000-0000-0000-0000-000000000007'",
    };
    // Somebody else has it, says the database.
    let other = format!("UPDATE jobs SET lease_token = {token}, lease_until = {FAR} WHERE status = 'RUNNING'");
    world.database.execute(&other).await;
    let version = job_of(&client, &job).await.text("/etag");
    let begun = Instant::now();
    while !world.service.log().contains("a job was lost") {
        assert!(begun.elapsed() < PATIENCE, "the attempt does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let found = job_of(&client, &job).await;
    assert_eq!((found.text("/status"), found.text("/etag")), ("RUNNING".to_owned(), version));
    assert_eq!(world.database.count("SELECT count(*) FROM report_parts").await, 0);
    world.database.execute("UPDATE jobs SET lease_until = 0").await;
    let done = job_in(&client, &job, &["SUCCEEDED"], Duration::from_mins(1)).await;
    assert_eq!(done.json["attempt"], json!(2));
    assert_eq!(report_of(&client, &report).await.text("/row_count"), "1", "one product");
}

async fn a_stopping_process_gives_its_jobs_back(engine: Engine) {
    let mut world = busy(engine).await;
    let client = world.client(Wire::Rest);
    let (_, job) = running(&client).await;
    world.service.terminate();
    // Still serving, for a second.
    let waiting = job_in(&client, &job, &["QUEUED"], Duration::from_secs(1)).await;
    assert_eq!(waiting.json["attempt"], json!(0), "it does not count");
    assert!(world.service.ended().await.success());
    assert_eq!(world.database.count("SELECT count(*) FROM jobs WHERE lease_token IS NOT NULL").await, 0);
    assert_eq!(world.database.count("SELECT count(*) FROM leases").await, 0, "sweeping is somebody else's turn");
    world.service.restart().await;
    let done = job_in(&client, &job, &["SUCCEEDED"], Duration::from_mins(1)).await;
    assert_eq!(done.json["attempt"], json!(1));
}

async fn jobs_are_listed(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(made(&staff, report(Kind::Stock)).await.text("/job_id"));
    }
    world
        .database
        .execute("UPDATE jobs SET status = 'FAILED' WHERE create_time = (SELECT max(create_time) FROM jobs)")
        .await;
    for wire in WIRES {
        let client = world.client(wire);
        let find = async |statuses: &[pb::job::Status]| {
            let status: Vec<_> = statuses.iter().map(|status| i32::from(*status)).collect();
            let page = |page_token| pb::ListJobsRequest {
                page_size: 1,
                page_token,
                status: status.clone(),
                ..Default::default()
            };
            let found = client.all("jobs", page).await;
            found.iter().map(|job| job["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
        };
        let newest_first: Vec<_> = jobs.iter().rev().cloned().collect();
        assert_eq!(find(&[]).await, newest_first);
        assert_eq!(find(&[pb::job::Status::Failed]).await, newest_first[..1]);
        assert_eq!(find(&[pb::job::Status::Failed, pb::job::Status::Succeeded]).await, newest_first);
        assert!(find(&[pb::job::Status::Running]).await.is_empty());
    }
}

async fn old_jobs_and_events_go(engine: Engine) {
    let mut world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let mut reports = Vec::new();
    for _ in 0..3 {
        reports.push(made(&client, report(Kind::Stock)).await);
    }
    world.service.terminate();
    world.service.ended().await;
    let oldest = "(SELECT job_id FROM reports ORDER BY create_time LIMIT 1)";
    let next = "(SELECT job_id FROM reports ORDER BY create_time LIMIT 1 OFFSET 1)";
    for sql in [
        // The first has no file any more, and goes; the second still has one, and stays; so does the third, which is young.
        format!("UPDATE reports SET status = 'EXPIRED' WHERE job_id = {oldest}"),
        format!("UPDATE jobs SET end_time = 1 WHERE id IN ({oldest}, {next})"),
        "UPDATE events SET create_time = 1 WHERE type = 'product.created'".to_owned(),
    ] {
        world.database.execute(&sql).await;
    }
    let before = world.database.count("SELECT count(*) FROM events").await;
    world.service.restart().await;
    let begun = Instant::now();
    while world.database.count("SELECT count(*) FROM jobs").await == 3
        || world.database.count("SELECT count(*) FROM events").await == before
    {
        assert!(begun.elapsed() < PATIENCE, "old history stays");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let gone = client.call(pb::GetReportRequest { report_id: reports[0].id() }).await.expect_err("gone").refusal();
    assert_eq!(gone.code, "report_not_found");
    for report in &reports[1..] {
        report_of(&client, &report.id()).await;
        job_of(&client, &report.text("/job_id")).await;
    }
    assert_eq!(world.database.count("SELECT count(*) FROM jobs").await, 2);
    assert_eq!(world.database.count("SELECT count(*) FROM events WHERE type = 'product.created'").await, 0);
    assert_eq!(world.database.count("SELECT count(*) FROM events").await, before - 2);
    let log = "SELECT count(*) FROM event_log WHERE event_id NOT IN (SELECT id FROM events)";
    assert_eq!(world.database.count(log).await, 0);
}
