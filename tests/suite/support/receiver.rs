//! A receiver of webhooks: it keeps what it gets, and answers as it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Longer than any delivery takes that the suite waits for.
const PATIENCE: Duration = Duration::from_secs(90);

/// How it answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Status(u16),
    Redirect(String),
    Hang,
}

/// Something that it got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible"))
    }

    /// The event.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// A text of the event.
    pub(crate) fn text(&self, field: &str) -> String {
        self.json()[field].as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is signed with this secret.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        Webhook::new(secret).expect("a secret").verify(&self.body, &self.headers).is_ok()
    }
}

#[derive(Debug)]
struct Shared {
    got: Mutex<Vec<Got>>,
    script: Mutex<VecDeque<Reply>>,
    otherwise: Mutex<Reply>,
    news: Notify,
}

/// A receiver.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// One that takes everything.
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            got: Mutex::default(),
            script: Mutex::default(),
            otherwise: Mutex::new(Reply::Status(200)),
            news: Notify::new(),
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { address, shared, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// From now on it answers this.
    pub(crate) fn answers(&self, reply: Reply) {
        *self.shared.otherwise.lock().expect("no panic") = reply;
    }

    /// First it answers these.
    pub(crate) fn answers_first(&self, replies: impl IntoIterator<Item = Reply>) {
        self.shared.script.lock().expect("no panic").extend(replies);
    }

    /// Everything that it got.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.shared.got.lock().expect("no panic").clone()
    }

    /// Waits until it got so much.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Got> {
        let begun = Instant::now();
        loop {
            let got = self.got();
            if got.len() >= count {
                return got;
            }
            assert!(begun.elapsed() < PATIENCE, "the receiver got {} of {count}", got.len());
            let _ = tokio::time::timeout(Duration::from_secs(1), self.shared.news.notified()).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    assert_eq!(head.method, http::Method::POST);
    let reply = shared.script.lock().expect("no panic").pop_front();
    let reply = reply.unwrap_or_else(|| shared.otherwise.lock().expect("no panic").clone());
    shared.got.lock().expect("no panic").push(Got { headers: head.headers, body, at: Instant::now() });
    shared.news.notify_one();
    let mut response = Response::new(Full::new(Bytes::from_static(b"seen \xff\0")));
    match reply {
        Reply::Status(status) => *response.status_mut() = status.try_into().expect("a status"),
        Reply::Redirect(to) => {
            *response.status_mut() = http::StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert("location", to.parse().expect("a header"));
        }
        Reply::Hang => std::future::pending().await,
    }
    Ok(response)
}
