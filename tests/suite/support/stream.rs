//! Streams on every wire: messages as they come, as REST shows them, until the stream ends or its reader drops it.

use std::net::SocketAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use prost::Message as _;
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;
use tradepost::contract::to_json;

use super::client::{Client, Wire};
use super::grpc;
use super::http::{Headers, HttpCall, Opened};
use super::refusal::{Failed, Refusal, from_rest, from_status, in_stream};
use super::rpc::Rpc;
use super::web::{Form, TRAILERS, frame, parse_trailers};

/// Longer than any message of a living stream may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open stream. Dropped, it is closed.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) headers: HeaderMap,
    messages: Receiver<Result<Value, Failed>>,
    task: tokio::task::JoinHandle<()>,
}

type Teller = Sender<Result<Value, Failed>>;

impl Stream {
    fn spawn<F: Future<Output = ()> + Send + 'static>(headers: HeaderMap, read: impl FnOnce(Teller) -> F) -> Self {
        let (teller, messages) = channel(1);
        Self { headers, messages, task: tokio::spawn(read(teller)) }
    }

    /// The next message, or the failure that ends it; `None` at the end.
    pub(crate) async fn step(&mut self) -> Option<Result<Value, Failed>> {
        tokio::time::timeout(PATIENCE, self.messages.recv()).await.expect("a message in time")
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Value {
        self.step().await.expect("another message").unwrap_or_else(|failed| panic!("{:?}", failed.refusal()))
    }

    /// The next messages.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Value> {
        let mut messages = Vec::with_capacity(count);
        for _ in 0..count {
            messages.push(self.next().await);
        }
        messages
    }

    /// Everything until it ends by itself.
    pub(crate) async fn rest(&mut self) -> Vec<Value> {
        let mut messages = Vec::new();
        while let Some(message) = self.step().await {
            messages.push(message.unwrap_or_else(|failed| panic!("{:?}", failed.refusal())));
        }
        messages
    }

    /// The failure that ends it, whatever comes before.
    pub(crate) async fn failure(&mut self) -> Refusal {
        loop {
            if let Err(failed) = self.step().await.expect("a failure") {
                return failed.refusal();
            }
        }
    }

    /// What comes within a time.
    pub(crate) async fn within(&mut self, time: Duration) -> Result<Vec<Value>, Failed> {
        let (mut messages, end) = (Vec::new(), tokio::time::Instant::now() + time);
        while let Ok(Some(message)) = tokio::time::timeout_at(end, self.messages.recv()).await {
            messages.push(message?);
        }
        Ok(messages)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Client {
    /// Opens a stream.
    pub(crate) async fn stream<Q: Rpc>(&self, request: Q) -> Result<Stream, Failed> {
        self.stream_with(&[], request).await
    }

    /// Opens a stream, with more headers.
    pub(crate) async fn stream_with<Q: Rpc>(&self, headers: Headers<'_>, request: Q) -> Result<Stream, Failed> {
        let bearer = format!("Bearer {}", self.key);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        match self.wire {
            Wire::Rest => over_rest(self.address, &all, &request).await,
            Wire::GrpcWeb => over_web::<Q>(self.address, Form::Binary, &all, &request.encode_to_vec()).await,
            Wire::GrpcWebText => over_web::<Q>(self.address, Form::Text, &all, &request.encode_to_vec()).await,
            Wire::Grpc => self.over_grpc(&all, request).await.map_err(|status| from_status(&status)),
        }
    }

    async fn over_grpc<Q: Rpc>(&self, headers: Headers<'_>, message: Q) -> Result<Stream, Status> {
        let mut grpc = tonic::client::Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut request = Request::new(message);
        *request.metadata_mut() = grpc::metadata(headers);
        let path = PathAndQuery::from_static(Q::PATH);
        let response = grpc.server_streaming(request, path, ProstCodec::<Q, Q::Reply>::default()).await?;
        let (metadata, mut messages, _) = response.into_parts();
        Ok(Stream::spawn(metadata.into_headers(), async move |teller: Teller| {
            loop {
                let told = match messages.message().await {
                    Ok(None) => return,
                    Ok(Some(message)) => teller.send(Ok(to_json(&message))).await.is_ok(),
                    Err(status) => {
                        let _ = teller.send(Err(from_status(&status))).await;
                        return;
                    }
                };
                if !told {
                    return;
                }
            }
        }))
    }
}

async fn over_rest<Q: Rpc>(address: SocketAddr, headers: Headers<'_>, request: &Q) -> Result<Stream, Failed> {
    let (method, target, _) = request.rest();
    let mut all = headers.to_vec();
    if headers.iter().all(|(name, _)| *name != "accept") {
        all.push(("accept", "application/x-ndjson"));
    }
    let opened = open(address, method, &target, &all, Bytes::new()).await?;
    if opened.head.status >= 400 {
        return Err(Failed::Refused(from_rest(&opened.whole().await)));
    }
    let (headers, mut opened) = (opened.head.headers.clone(), opened);
    Ok(Stream::spawn(headers, async move |teller: Teller| {
        let mut read = BytesMut::new();
        while let Some(data) = next_data(&mut opened.body).await {
            read.extend_from_slice(&data);
            while let Some(end) = read.iter().position(|byte| *byte == b'\n') {
                let json: Value = serde_json::from_slice(&read.split_to(end + 1)).expect("a line of JSON");
                let failed = json.get("error").is_some();
                let told = if failed { Err(Failed::Refused(in_stream(&json))) } else { Ok(json) };
                if teller.send(told).await.is_err() {
                    return;
                }
            }
        }
        drop(opened.connection);
    }))
}

async fn over_web<Q: Rpc>(
    address: SocketAddr,
    form: Form,
    headers: Headers<'_>,
    message: &[u8],
) -> Result<Stream, Failed> {
    let (content_type, body) = match form {
        Form::Binary => ("application/grpc-web+proto", Bytes::from(frame(message))),
        Form::Text => ("application/grpc-web-text+proto", BASE64_STANDARD.encode(frame(message)).into()),
    };
    let mut all = vec![("content-type", content_type), ("accept", content_type), ("x-grpc-web", "1")];
    all.extend(headers);
    let mut opened = open(address, Method::POST, Q::PATH, &all, body).await?;
    assert_eq!(opened.head.status, 200, "gRPC-Web tells failures in trailers");
    let headers = opened.head.headers.clone();
    if let Some(status) = Status::from_header_map(&headers) {
        return Err(from_status(&status));
    }
    Ok(Stream::spawn(headers, async move |teller: Teller| {
        let (mut text, mut read) = (BytesMut::new(), BytesMut::new());
        while let Some(data) = next_data(&mut opened.body).await {
            match form {
                Form::Binary => read.extend_from_slice(&data),
                Form::Text => {
                    text.extend_from_slice(&data);
                    let whole = text.split_to(text.len() / 4 * 4);
                    let quads = whole.chunks(4).map(|quad| BASE64_STANDARD.decode(quad).expect("base64"));
                    read.extend(quads.flatten());
                }
            }
            while let Some((flag, data)) = next_frame(&mut read) {
                let told = if flag == TRAILERS {
                    let status = Status::from_header_map(&parse_trailers(&data)).expect("a status");
                    if status.code() == tonic::Code::Ok {
                        return;
                    }
                    Err(from_status(&status))
                } else {
                    Ok(to_json(&Q::Reply::decode(data).expect("a message")))
                };
                if teller.send(told).await.is_err() {
                    return;
                }
            }
        }
        drop(opened.connection);
    }))
}

fn next_frame(read: &mut BytesMut) -> Option<(u8, Bytes)> {
    let head = read.get(..5)?;
    let (flag, length) = (head[0], u32::from_be_bytes(head[1..].try_into().expect("four bytes")));
    let length = usize::try_from(length).expect("a length");
    if read.len() < 5 + length {
        return None;
    }
    let mut frame = read.split_to(5 + length);
    Some((flag, frame.split_off(5).freeze()))
}

async fn open(
    address: SocketAddr,
    method: Method,
    target: &str,
    headers: Headers<'_>,
    body: Bytes,
) -> Result<Opened, Failed> {
    let opened = HttpCall { method, target, headers, body }.open(address).await;
    opened.map_err(|lost| Failed::Lost(lost.0))
}

async fn next_data(body: &mut Incoming) -> Option<Bytes> {
    loop {
        match body.frame().await?.ok()?.into_data() {
            Ok(data) => return Some(data),
            Err(_trailers) => {}
        }
    }
}
