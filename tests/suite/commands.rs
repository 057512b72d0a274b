//! The command line: keys from the console, the demo, and settings that are wrong.

use std::fs::File;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::http::{HttpCall, get};
use crate::support::on_both_engines;
use crate::support::service::{PLATFORM_KEY, Service, ended, free_address, program, terminate};

on_both_engines! {
    the_console_makes_keys,
    a_first_start_prints_its_key,
}

fn run(command: &mut Command) -> Output {
    command.output().expect("the program")
}

/// What `keys create` prints: the key, and nothing else.
fn create_key(database: &Database, arguments: &[&str]) -> String {
    let made = run(program(&database.url, database.folder.path()).args(["keys", "create"]).args(arguments));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let printed = String::from_utf8(made.stdout).expect("a text");
    let key = printed.trim_end();
    assert!(key.starts_with("tp_") && key.len() == 46, "{printed:?}");
    key.to_owned()
}

async fn role_of(service: &Service, key: &str) -> String {
    Client::new(service.address, Wire::Rest, key).call(pb::WhoamiRequest {}).await.expect("a caller").text("/role")
}

async fn the_console_makes_keys(engine: Engine) {
    let database = Database::new(engine).await;
    let mut service = Service::start(&database).await;
    let running = create_key(&database, &["--role", "viewer", "--name", "while it runs"]);
    assert_eq!(role_of(&service, &running).await, "VIEWER");
    service.terminate();
    assert!(service.ended().await.success());
    let (admin, platform) = (create_key(&database, &[]), create_key(&database, &["--platform"]));
    service.restart().await;
    for (key, role) in [(&running, "VIEWER"), (&admin, "ADMIN"), (&platform, "PLATFORM")] {
        assert_eq!(role_of(&service, key).await, role);
    }
    let owned = create_key(&database, &["--owner", "ada", "--expires", "12h"]);
    let client = Client::new(service.address, Wire::Rest, &owned);
    assert_eq!(client.call(pb::WhoamiRequest {}).await.expect("a caller").text("/owner"), "ada");
    let newest = pb::ListApiKeysRequest { page_size: 1, ..Default::default() };
    let newest = client.call(newest).await.expect("keys");
    assert!(newest.text("/api_keys/0/expire_time") > newest.text("/api_keys/0/create_time"));
    for arguments in [
        &["--role", "PARTNER"][..],
        &["--role", "PLATFORM"],
        &["--role", "KING"],
        &["--tenant", "nobody"],
        &["--expires", "soon"],
    ] {
        let refused = run(program(&database.url, database.folder.path()).args(["keys", "create"]).args(arguments));
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{arguments:?}");
        assert!(!refused.stderr.is_empty(), "{arguments:?}");
    }
}

async fn a_first_start_prints_its_key(engine: Engine) {
    let database = Database::new(engine).await;
    let (address, printed) = (free_address(), database.folder.path().join("printed"));
    let listen = ["--listen", &address.to_string(), "--admin-listen", &free_address().to_string()].map(str::to_owned);
    for start in ["first", "second"] {
        let out = File::create(&printed).expect("a file");
        let mut command = program(&database.url, database.folder.path());
        let mut child = command.args(&listen).stdout(out).stderr(Stdio::null()).spawn().expect("the program");
        while get(address, "/readyz").await.is_err() {
            assert!(child.try_wait().expect("a child").is_none(), "it does not start");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let text = std::fs::read_to_string(&printed).expect("a text");
        let key = text.split_whitespace().find(|word| word.starts_with("tp_"));
        assert_eq!(key.is_some(), start == "first", "the {start} start printed {text:?}");
        if let Some(key) = key {
            let caller = Client::new(address, Wire::Grpc, key).call(pb::WhoamiRequest {}).await.expect("a caller");
            assert_eq!(caller.text("/role"), "PLATFORM");
        }
        terminate(&child);
        assert!(ended(&mut child).await.success());
    }
}

#[test]
fn every_wrong_setting_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tradepost.toml"), "speed = \"fast\"\nlisten = \"here\"\n").expect("a file");
    let mut command = program("mysql://localhost", folder.path());
    command.env("TRADEPOST_BOOTSTRAP_API_KEY", "short").env("TRADEPOST_REFLECTION", "maybe");
    command.env("TRADEPOST_LOG_FORMAT", "xml").arg("serve");
    let refused = run(&mut command);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success(), "{told}");
    for name in ["speed", "listen", "database_url", "bootstrap_api_key", "reflection", "log_format"] {
        assert!(told.contains(&format!("{name}:")), "{name} is missing in {told}");
    }
    assert!(!told.contains("short"), "secrets are not repeated: {told}");
}

#[test]
fn a_database_that_is_not_there_ends_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = format!("postgres://nobody:secret-of-nobody@{}/nothing", free_address());
    let start = |arguments: &&[&str]| {
        let mut command = program(&nobody, folder.path());
        command.args(*arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program")
    };
    let all: [&[&str]; 3] = [&["serve"], &["migrate", "up"], &["keys", "create"]];
    let running: Vec<_> = all.iter().map(start).collect();
    for (child, arguments) in running.into_iter().zip(all) {
        let refused = child.wait_with_output().expect("a child");
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && !told.is_empty(), "{arguments:?}");
        assert!(!told.contains("secret-of-nobody"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_shows_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (temporary, address) = (folder.path().join("tmp"), free_address().to_string());
    std::fs::create_dir(&temporary).expect("a folder");
    let printed = folder.path().join("printed");
    let mut command = program("sqlite://never-used.db", folder.path());
    command.args(["demo", "--listen", &address, "--admin-listen", &free_address().to_string()]);
    command.env("TMPDIR", &temporary).stdout(File::create(&printed).expect("a file")).stderr(Stdio::null());
    let mut child = command.spawn().expect("the program");
    let text = loop {
        let text = std::fs::read_to_string(&printed).expect("a text");
        if text.contains("OrderService/GetOrder") {
            break text;
        }
        assert!(child.try_wait().expect("a child").is_none(), "the demo ended: {text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let key = text.split_whitespace().find_map(|word| word.strip_prefix("KEY=")).expect("a key").to_owned();
    let bearer = format!("Bearer {key}");
    let reads = text.lines().filter(|line| line.trim_start().starts_with("curl") && line.contains("http://"));
    let targets: Vec<_> = reads.map(|line| target(line, &address)).collect();
    assert!(targets.len() >= 3, "{text}");
    for target in &targets {
        let headers = [("authorization", bearer.as_str())];
        let call = HttpCall { method: http::Method::GET, target, headers: &headers, body: bytes::Bytes::new() };
        let answer = call.send(address.parse().expect("an address")).await.expect("an answer");
        assert_eq!(answer.status, 200, "{target}: {}", answer.json());
    }
    assert!(std::fs::read_dir(&temporary).expect("a folder").count() > 0, "its database is there");
    terminate(&child);
    assert_eq!(ended(&mut child).await.code(), Some(0));
    assert_eq!(std::fs::read_dir(&temporary).expect("a folder").count(), 0, "its database is gone");
    assert!(!folder.path().join("never-used.db").exists(), "the configured database is left alone");
    assert!(!text.contains(PLATFORM_KEY));
}

/// The path of the URL in a line to paste.
fn target(line: &str, address: &str) -> String {
    let (_, after) = line.split_once(&format!("http://{address}")).expect("an URL of the demo");
    after.trim_end_matches(['"', '\'', ' ']).to_owned()
}
