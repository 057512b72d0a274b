//! The program as a process: started, waited for, stopped, killed, started again on the same database and port.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use super::database::Database;
use super::http;

/// The PLATFORM key of every service under test.
pub(crate) const PLATFORM_KEY: &str = "suite-platform-key-0123456789abcdefghijkl";

/// Longer than any step of the service may take; only a hang gets there.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    pub(crate) admin_address: SocketAddr,
    database_url: String,
    folder: PathBuf,
    log: &'static str,
    settings: Settings,
    child: Child,
}

/// Variables that a service has in its environment beside those of all: name and value.
pub(crate) type Settings = Vec<(&'static str, String)>;

impl Service {
    /// Starts on free ports, and waits until it is ready.
    pub(crate) async fn start(database: &Database) -> Self {
        let mut service = Self::launch(database);
        service.ready().await;
        service
    }

    /// Starts, and does not wait.
    pub(crate) fn launch(database: &Database) -> Self {
        Self::launch_with(database, "info")
    }

    /// Starts with this in `TRADEPOST_LOG`, and does not wait.
    pub(crate) fn launch_with(database: &Database, log: &'static str) -> Self {
        Self::launch_set(database, log, Settings::new())
    }

    /// The same, with more settings.
    pub(crate) fn launch_set(
        database: &Database,
        log: &'static str,
        settings: impl IntoIterator<Item = (&'static str, impl Into<String>)>,
    ) -> Self {
        let settings: Settings = settings.into_iter().map(|(name, value)| (name, value.into())).collect();
        let (address, admin_address) = (free_address(), free_address());
        let (database_url, folder) = (database.url.clone(), database.folder.path().to_owned());
        let child = serve(address, admin_address, &database_url, &folder, log, &settings);
        Self { address, admin_address, database_url, folder, log, settings, child }
    }

    /// Starts again where it was, after it has ended.
    pub(crate) async fn restart(&mut self) {
        self.child =
            serve(self.address, self.admin_address, &self.database_url, &self.folder, self.log, &self.settings);
        self.ready().await;
    }

    /// Waits until it says that it is ready.
    pub(crate) async fn ready(&mut self) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("the service ended with {status} instead of getting ready");
            }
            if matches!(http::get(self.address, "/readyz").await, Ok(answer) if answer.status == 200) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "the service does not get ready");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends it with no warning (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }

    /// Freezes it (SIGSTOP), as a virtual machine that is paused.
    pub(crate) fn freeze(&self) {
        signal(&self.child, "-STOP");
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        signal(&self.child, "-CONT");
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        terminate(&self.child);
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        ended(&mut self.child).await
    }

    /// How much memory it has (its resident set), in KiB.
    pub(crate) fn memory(&self) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// What it logged since it was started for the first time.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(log_file(&self.folder, self.address)).unwrap_or_default()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            eprintln!("--- the end of the service's log ---");
            lines[lines.len().saturating_sub(40)..].iter().for_each(|line| eprintln!("{line}"));
        }
    }
}

/// The program with nothing in its environment but where its database is.
pub(crate) fn program(database_url: &str, folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradepost"));
    command.env_clear().current_dir(folder).env("TRADEPOST_DATABASE_URL", database_url);
    command.env("TRADEPOST_LOG_FORMAT", "json").stdin(Stdio::null());
    command
}

/// Sends SIGTERM.
pub(crate) fn terminate(child: &Child) {
    signal(child, "-TERM");
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("the command kill");
    assert!(sent.success(), "there is no process to signal");
}

/// Waits for the end of a process.
pub(crate) async fn ended(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status;
        }
        assert!(begun.elapsed() < PATIENCE, "the process does not end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn serve(
    address: SocketAddr,
    admin: SocketAddr,
    database_url: &str,
    folder: &std::path::Path,
    filter: &str,
    settings: &Settings,
) -> Child {
    let log = File::options().create(true).append(true).open(log_file(folder, address)).expect("a log file");
    program(database_url, folder)
        .args(["serve", "--listen", &address.to_string(), "--admin-listen", &admin.to_string()])
        .env("TRADEPOST_BOOTSTRAP_API_KEY", PLATFORM_KEY)
        .env("TRADEPOST_LOG", filter)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the built program")
}

fn log_file(folder: &std::path::Path, address: SocketAddr) -> PathBuf {
    folder.join(format!("{}.log", address.port()))
}

/// Below the ports that the kernel gives to clients, so that a service finds its port again after a kill.
pub(crate) fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 1000).expect("below 1000") * 20;
    loop {
        let port = 10_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
