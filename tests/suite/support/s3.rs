//! A storage that speaks S3: moto, in a process of its own, which forgets everything when it ends.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use http::Method;
use tradepost::objects::S3;

use super::http::HttpCall;
use super::service::{Settings, free_address};

/// Python takes its time.
const PATIENCE: Duration = Duration::from_secs(30);

const BUCKET: &str = "files";

/// The storage, with an empty bucket.
pub(crate) struct Storage {
    pub(crate) address: SocketAddr,
    child: Option<Child>,
}

impl Storage {
    pub(crate) async fn new() -> Self {
        let mut storage = Self { address: free_address(), child: None };
        storage.start().await;
        storage
    }

    /// Starts it, empty.
    pub(crate) async fn start(&mut self) {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        let candidates = [target.join("s3-venv"), root().join("target/s3-venv")];
        let server = candidates.iter().map(|venv| venv.join("bin/moto_server")).find(|server| server.exists());
        let server = server.expect("a server that speaks S3: run scripts/install-debian.sh");
        let port = self.address.port().to_string();
        let mut command = Command::new(server);
        command.args(["-H", "127.0.0.1", "-p", &port]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.child = Some(child.expect("the server"));
        let begun = Instant::now();
        while self.ask(Method::PUT, &format!("/{BUCKET}")).await.is_none() {
            assert!(begun.elapsed() < PATIENCE, "the storage does not start");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Ends it; it cannot be reached any more.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// What a service needs to keep its files there.
    pub(crate) fn settings(&self) -> Settings {
        vec![
            ("TRADEPOST_REPORT_STORAGE", format!("s3://{BUCKET}/shop/reports")),
            ("TRADEPOST_S3_ENDPOINT", format!("http://{}", self.address)),
            ("TRADEPOST_S3_ACCESS_KEY_ID", "suite".to_owned()),
            ("TRADEPOST_S3_SECRET_ACCESS_KEY", "the-secret-of-the-suite".to_owned()),
            ("TRADEPOST_S3_ALLOW_HTTP", "on".to_owned()),
        ]
    }

    /// The same for a client in this process.
    pub(crate) fn reached(&self) -> S3 {
        S3 {
            bucket: BUCKET.to_owned(),
            prefix: String::new(),
            endpoint: format!("http://{}", self.address),
            region: "us-east-1".to_owned(),
            access_key_id: "suite".to_owned(),
            secret_access_key: "the-secret-of-the-suite".to_owned(),
            allow_http: true,
        }
    }

    /// The keys of all objects.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let list = self.ask(Method::GET, &format!("/{BUCKET}?list-type=2")).await.expect("the storage");
        let keys = list.split("<Key>").skip(1);
        keys.filter_map(|rest| rest.split("</Key>").next()).map(str::to_owned).collect()
    }

    /// How many uploads have begun and did not end.
    pub(crate) async fn open_uploads(&self) -> usize {
        let list = self.ask(Method::GET, &format!("/{BUCKET}?uploads")).await.expect("the storage");
        list.matches("<UploadId>").count()
    }

    async fn ask(&self, method: Method, target: &str) -> Option<String> {
        let call = HttpCall { method, target, headers: &[], body: bytes::Bytes::new() };
        let answer = call.send(self.address).await.ok()?;
        (answer.status == 200).then(|| String::from_utf8_lossy(&answer.body).into_owned())
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.stop();
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
