//! The command line: keys from the console, the demo, settings, and what it tells of itself.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tradepost::config::DEFAULTS;
use tradepost::contract::pb;
use tradepost::contract::policy::{METHODS, Role};

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
    for name in ["serve", "config"] {
        let mut command = program("mysql://localhost", folder.path());
        command.env("TRADEPOST_BOOTSTRAP_API_KEY", "short").env("TRADEPOST_REFLECTION", "maybe");
        command.env("TRADEPOST_LOG_FORMAT", "xml").arg(name);
        let refused = run(&mut command);
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && refused.stdout.is_empty(), "{told}");
        for name in ["speed", "listen", "database_url", "bootstrap_api_key", "reflection", "log_format"] {
            assert!(told.contains(&format!("{name}:")), "{name} is missing in {told}");
        }
        assert!(!told.contains("short"), "secrets are not repeated: {told}");
    }
}

#[test]
fn the_effective_settings_are_a_file_without_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("my.toml");
    std::fs::write(&file, "admin_listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n").expect("a file");
    let mut command = program("postgres://anna:of-the-url@localhost/shop?password=of-the-query", folder.path());
    command.env("TRADEPOST_BOOTSTRAP_API_KEY", "of-the-key-".repeat(4)).env("TRADEPOST_LISTEN", "127.0.0.1:3");
    command.env("TRADEPOST_LISTN", "127.0.0.1:4").args(["config", "--log", "warn,tradepost=debug", "--config"]);
    let told = run(command.arg(&file));
    let (text, warned) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success() && warned.contains("TRADEPOST_LISTN"), "{warned}");
    let (table, defaults): (toml::Table, toml::Table) = (text.parse().expect("TOML"), DEFAULTS.parse().expect("TOML"));
    assert_eq!(table.keys().collect::<Vec<_>>(), defaults.keys().collect::<Vec<_>>());
    for (name, value, source) in [
        ("admin_listen", "127.0.0.1:1", "my.toml"),
        ("listen", "127.0.0.1:3", "environment TRADEPOST_LISTEN"),
        ("log", "warn,tradepost=debug", "flag --log"),
        ("docs", "on", "default"),
        ("bootstrap_api_key", "***", "environment TRADEPOST_BOOTSTRAP_API_KEY"),
        ("database_url", "postgres://anna:***@localhost/shop?password=***", "environment TRADEPOST_DATABASE_URL"),
    ] {
        assert_eq!(table[name].as_str(), Some(value), "{text}");
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ="))).unwrap_or_default();
        assert!(line.contains(source), "{line}");
    }
    assert!(!text.contains("of-the") && !warned.contains("of-the"), "{text}");
    // Saved and read back it says the same; a mask is never taken for a key.
    std::fs::write(&file, text.replace("bootstrap_api_key = \"***\"", "")).expect("a file");
    let read_back = |file: &str| {
        let mut command = Command::new(program("", folder.path()).get_program());
        run(command.current_dir(folder.path()).env_clear().args(["config", "--config", file]))
    };
    let again = String::from_utf8(read_back("my.toml").stdout).expect("a text");
    let again: toml::Table = again.parse().expect("TOML");
    assert!(again.iter().all(|(name, value)| name == "bootstrap_api_key" || *value == table[name]), "{again:?}");
    std::fs::write(&file, text.as_bytes()).expect("a file");
    assert!(!read_back("my.toml").status.success());
}

#[test]
fn the_routes_are_those_of_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let routes = |arguments: &[&str]| {
        // Wrong settings do not matter.
        let told = run(program("mysql://localhost", folder.path()).arg("routes").args(arguments));
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8(told.stdout).expect("a text")
    };
    let all = routes(&[]);
    assert_eq!(all.lines().count(), METHODS.len() + 1, "{all}");
    for (line, method) in all.lines().skip(1).zip(METHODS) {
        let cells: Vec<_> = line.split_whitespace().collect();
        assert_eq!(cells[..3], [method.path.rsplit_once('.').expect("a package").1, method.verb, method.template]);
        assert_eq!(cells.last().map(|status| status.parse()), Some(Ok(method.status)));
        assert_eq!(line.find(method.verb), all.lines().next().and_then(|head| head.find("REST")), "{line}");
    }
    let partner = routes(&["--role", "partner"]);
    let may = |method: &&&tradepost::contract::policy::Method| {
        method.permission.is_none_or(|needed| Role::Partner.permissions().contains(&needed))
    };
    assert_eq!(partner.lines().count(), METHODS.iter().filter(may).count() + 1, "{partner}");
    assert!(partner.contains("OrderService/PlaceOrder") && !partner.contains("OrderService/ConfirmOrder"), "{partner}");
    let refused = run(program("", folder.path()).args(["routes", "--role", "king"]));
    assert!(!refused.status.success() && refused.stdout.is_empty());
}

#[test]
fn the_help_tells_of_every_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = run(program("", folder.path()).arg("--help"));
    let help = String::from_utf8(told.stdout).expect("a text");
    let defaults: toml::Table = DEFAULTS.parse().expect("TOML");
    for name in defaults.keys() {
        assert!(help.contains(&format!("\n{name} = ")), "{name} is missing in {help}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [&["openapi"][..], &["routes"], &["config"], &["migrate", "status"]] {
        let mut command = program("sqlite://status.db", folder.path());
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        drop(child.stdout.take());
        let mut told = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut told).expect("a text");
        assert!(child.wait().expect("a child").success() && told.is_empty(), "{arguments:?}: {told}");
    }
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
    let reads = reads.filter(|line| !line.contains("-X") && !line.contains("$DRAFT"));
    let targets: Vec<_> = reads.map(|line| target(line, &address)).collect();
    assert!(targets.len() >= 5, "{text}");
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
