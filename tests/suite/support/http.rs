//! A small HTTP client. It says exactly what it is told to, one connection a request.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

/// Headers as they are written down in tests.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// No answer came back.
#[derive(Debug, Clone)]
pub(crate) struct Lost(pub(crate) String);

/// An answer whose body is still to come. Dropped, its connection is closed.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) head: HttpAnswer,
    pub(crate) body: Incoming,
    pub(crate) connection: AbortOnDropHandle<()>,
}

impl Opened {
    /// The answer with all of its body.
    pub(crate) async fn whole(self) -> HttpAnswer {
        let body = self.body.collect().await.expect("a whole body").to_bytes();
        HttpAnswer { body, ..self.head }
    }
}

impl HttpAnswer {
    /// A header, or an empty text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible"))
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in the body {text:?}"))
    }
}

/// A request in its parts.
#[derive(Debug, Clone)]
pub(crate) struct HttpCall<'a> {
    pub(crate) method: Method,
    pub(crate) target: &'a str,
    pub(crate) headers: Headers<'a>,
    pub(crate) body: Bytes,
}

impl HttpCall<'_> {
    fn request(&self, address: SocketAddr, absolute: bool) -> Request<Full<Bytes>> {
        let target = if absolute { format!("http://{address}{}", self.target) } else { self.target.to_owned() };
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = target.parse().expect("a target");
        for (name, value) in self.headers {
            let name: HeaderName = name.parse().expect("a header name");
            request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
        }
        if !absolute {
            request.headers_mut().insert("host", address.to_string().parse().expect("a host"));
        }
        request
    }

    /// Sends it over HTTP/1.1.
    pub(crate) async fn send(&self, address: SocketAddr) -> Result<HttpAnswer, Lost> {
        let stream = TcpStream::connect(address).await.map_err(lost)?;
        stream.set_nodelay(true).map_err(lost)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        let connection = tokio::spawn(connection);
        let answer = collect(sender.send_request(self.request(address, false)).await.map_err(lost)?).await;
        connection.abort();
        answer
    }

    /// Sends it over HTTP/1.1, and lets the body of the answer be read as it comes.
    pub(crate) async fn open(&self, address: SocketAddr) -> Result<Opened, Lost> {
        let stream = TcpStream::connect(address).await.map_err(lost)?;
        stream.set_nodelay(true).map_err(lost)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(lost)?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            let _ = connection.await;
        }));
        let (parts, body) = sender.send_request(self.request(address, false)).await.map_err(lost)?.into_parts();
        let head = HttpAnswer { status: parts.status.as_u16(), headers: parts.headers, body: Bytes::new() };
        Ok(Opened { head, body, connection })
    }

    /// Sends it over HTTP/2, with prior knowledge and without TLS.
    pub(crate) async fn send_http2(&self, address: SocketAddr) -> Result<HttpAnswer, Lost> {
        let stream = TcpStream::connect(address).await.map_err(lost)?;
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(lost)?;
        let connection = tokio::spawn(connection);
        let answer = collect(sender.send_request(self.request(address, true)).await.map_err(lost)?).await;
        connection.abort();
        answer
    }
}

async fn collect(response: http::Response<Incoming>) -> Result<HttpAnswer, Lost> {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map_err(lost)?.to_bytes();
    Ok(HttpAnswer { status: parts.status.as_u16(), headers: parts.headers, body })
}

fn lost(error: impl std::fmt::Display) -> Lost {
    Lost(error.to_string())
}

/// GET without any header.
pub(crate) async fn get(address: SocketAddr, target: &str) -> Result<HttpAnswer, Lost> {
    HttpCall { method: Method::GET, target, headers: &[], body: Bytes::new() }.send(address).await
}

/// Writes bytes as they are, and reads until the service closes.
pub(crate) async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the service");
    // The service may have closed before all was written; what it said until then is what counts.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
