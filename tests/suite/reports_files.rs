//! Files of reports in a storage that speaks S3, and what happens when that is away.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use http::Method;
use serde_json::json;
use tradepost::contract::pb;
use tradepost::contract::pb::report::Kind;
use tradepost::objects::Objects;

use crate::jobs::{MANY, cancel, running};
use crate::support::bulk::copy_order;
use crate::support::cases::reports::{job_in, made, report};
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::download::{over_grpc, rest, text, unzipped};
use crate::support::on_both_engines;
use crate::support::refusal::from_rest;
use crate::support::s3::Storage;
use crate::support::service::{Settings, program};
use crate::support::world::World;

on_both_engines! {
    files_are_kept_in_the_storage,
    a_storage_that_is_away_is_tried_again,
    who_lost_a_job_leaves_no_object,
}

const PATIENCE: Duration = Duration::from_secs(45);

async fn files_are_kept_in_the_storage(engine: Engine) {
    let storage = Storage::new().await;
    let world = World::set(engine, storage.settings()).await;
    let client = world.client(Wire::Rest);
    client.call(world.order()).await.expect("an order");
    copy_order(&world, 2_000).await;
    let made = made(&client, report(Kind::Orders)).await;
    assert_eq!(world.database.count("SELECT count(*) FROM report_parts").await, 0);
    let keys = storage.keys().await;
    assert_eq!(keys.len(), 1);
    assert!(keys[0].starts_with(&format!("shop/reports/{}/", made.id())), "{keys:?}");
    let plain = text(&client, &made.id()).await;
    assert_eq!((made.text("/size_bytes"), made.text("/row_count")), (plain.len().to_string(), "2001".to_owned()));
    let zipped = rest(&client, &made.id(), Method::GET, &[("accept-encoding", "gzip")]).await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert!(unzipped(&zipped.body) == plain);
    let (_, whole, _) = over_grpc(&client, &made.id()).await.expect("a file");
    assert!(whole == plain);
    world.database.execute("UPDATE reports SET expire_time = 1").await;
    let begun = Instant::now();
    loop {
        let found = client.call(pb::GetReportRequest { report_id: made.id() }).await.expect("the report");
        if found.text("/status") == "EXPIRED" {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "it does not go");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(storage.keys().await.is_empty(), "the file goes first");
}

async fn a_storage_that_is_away_is_tried_again(engine: Engine) {
    let mut storage = Storage::new().await;
    let world = World::set(engine, storage.settings()).await;
    let client = world.client(Wire::Rest);
    let before = made(&client, report(Kind::Stock)).await;
    storage.stop();
    let answer = rest(&client, &before.id(), Method::GET, &[]).await;
    let refusal = from_rest(&answer);
    assert_eq!((answer.status, refusal.code.as_str()), (502, "upstream_failed"));
    assert!(!refusal.message.contains("127.0.0.1"), "internals stay inside: {}", refusal.message);
    let asked = client.call(report(Kind::Stock)).await.expect("a report");
    let job = asked.text("/job_id");
    let begun = Instant::now();
    loop {
        let found = client.call(pb::GetJobRequest { job_id: job.clone() }).await.expect("the job");
        if found.json["error"]["code"] == json!("storage_failed") {
            assert!(["QUEUED", "RUNNING"].contains(&found.text("/status").as_str()), "{}", found.json);
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", found.json);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    storage.start().await;
    world.database.execute("UPDATE jobs SET run_time = 0 WHERE status = 'QUEUED'").await;
    let done = job_in(&client, &job, &["SUCCEEDED"], PATIENCE).await;
    assert!(done.json["attempt"].as_i64() > Some(1), "{}", done.json);
    assert!(text(&client, &asked.id()).await.starts_with("product_id,"));
    assert_eq!(storage.keys().await.len(), 1);
}

async fn who_lost_a_job_leaves_no_object(engine: Engine) {
    let storage = Storage::new().await;
    let world = World::set(engine, storage.settings()).await;
    let client = world.client(Wire::Rest);
    client.call(world.order()).await.expect("an order");
    copy_order(&world, MANY).await;
    let (_, job) = running(&client).await;
    client.call(cancel(&job)).await.expect("canceled");
    let begun = Instant::now();
    while !world.service.log().contains("a job was lost") {
        assert!(begun.elapsed() < PATIENCE, "the attempt does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(storage.keys().await.is_empty());
    assert_eq!(storage.open_uploads().await, 0);
}

/// Files are longer than one piece of a storage may be short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_object_is_sent_in_pieces() {
    let storage = Storage::new().await;
    let objects = Objects::new(&storage.reached()).expect("settings");
    let piece: Vec<u8> = (0..1_000_003_u32).map(|number| (number % 251).to_le_bytes()[0]).collect();
    let mut upload = objects.begin(&objects.key("large/one.gz"));
    for _ in 0..12 {
        upload.write(&piece).await.expect("a piece");
    }
    assert!(storage.keys().await.is_empty(), "it is there when it is whole");
    upload.finish().await.expect("whole");
    assert_eq!(storage.keys().await, ["large/one.gz"]);
    let found: Vec<_> = objects.read("large/one.gz").await.expect("there").try_collect().await.expect("whole");
    assert!(found.concat() == piece.repeat(12));
    let mut unwanted = objects.begin(&objects.key("large/two.gz"));
    for _ in 0..6 {
        unwanted.write(&piece).await.expect("a piece");
    }
    assert_eq!(storage.open_uploads().await, 1);
    unwanted.abort().await;
    assert_eq!(storage.open_uploads().await, 0);
    objects.delete("large/two.gz").await.expect("what is not there is gone");
    objects.delete_below("large").await.expect("gone");
    assert!(storage.keys().await.is_empty());
}

/// The secret of the storage is told to nobody.
#[tokio::test]
async fn the_secret_is_masked() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings: Settings = vec![
        ("TRADEPOST_REPORT_STORAGE", "s3://files".to_owned()),
        ("TRADEPOST_S3_ACCESS_KEY_ID", "suite".to_owned()),
        ("TRADEPOST_S3_SECRET_ACCESS_KEY", "the-secret-of-the-suite".to_owned()),
    ];
    let mut config = program("sqlite://x.db", folder.path());
    let output = config.arg("config").envs(settings).output().expect("the program");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("s3_secret_access_key = \"***\""), "{text}");
    assert!(!text.contains("the-secret-of-the-suite"));
    let mut alone = program("sqlite://x.db", folder.path());
    let output = alone.arg("config").env("TRADEPOST_S3_ACCESS_KEY_ID", "suite").output().expect("the program");
    assert!(!output.status.success(), "an id without its secret");
}
