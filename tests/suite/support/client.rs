//! One client for all wires. Answers are told as REST shows them, so that a scenario reads the same whatever the wire.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};
use tonic::transport::Channel;
use tradepost::contract::to_json;

use super::grpc;
use super::http::{Headers, HttpCall, Lost};
use super::refusal::{Failed, from_rest, from_status};
use super::rpc::Rpc;
use super::web::{self, Form};

/// For how long a stream is listened to where its beginning is all that counts.
const BEGINNING: Duration = Duration::from_millis(300);

/// How a client speaks to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Grpc,
    Rest,
    GrpcWeb,
    GrpcWebText,
}

impl Wire {
    pub(crate) const ALL: [Self; 4] = [Self::Grpc, Self::Rest, Self::GrpcWeb, Self::GrpcWebText];
}

/// What a successful call answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The reply as JSON, whatever the wire.
    pub(crate) json: Value,
    /// The HTTP status; for gRPC there is only one.
    pub(crate) status: u16,
    /// Headers, or metadata.
    pub(crate) headers: HeaderMap,
}

impl Answer {
    /// A text field of the reply, by its JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        let found = self.json.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer} in {}", self.json)).to_owned()
    }

    /// The id of what was created or read.
    pub(crate) fn id(&self) -> String {
        self.text("/id")
    }

    /// A header or metadata value; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible"))
    }

    /// Whether it is the answer of an earlier call.
    pub(crate) fn is_replay(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }
}

/// A caller on one wire.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) wire: Wire,
    pub(crate) key: String,
    pub(super) channel: Channel,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, wire: Wire, key: &str) -> Self {
        Self { address, wire, key: key.to_owned(), channel: grpc::channel(address) }
    }

    /// The same wire with another key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// Calls a method.
    pub(crate) async fn call<Q: Rpc>(&self, request: Q) -> Result<Answer, Failed> {
        self.call_with(&[], request).await
    }

    /// Everything a list has, page by page. `request` makes the request from a token, `field` is where the things are.
    pub(crate) async fn all<Q: Rpc>(&self, field: &str, request: impl Fn(String) -> Q) -> Vec<Value> {
        let (mut found, mut token) = (Vec::new(), String::new());
        loop {
            let page = self.call(request(token)).await.expect("a page");
            found.extend(page.json[field].as_array().expect("a list").clone());
            token = page.text("/next_page_token");
            if token.is_empty() {
                return found;
            }
            assert!(found.len() < 10_000, "the list does not end");
        }
    }

    /// Calls a method with an idempotency key.
    pub(crate) async fn keyed<Q: Rpc>(&self, key: &str, request: Q) -> Result<Answer, Failed> {
        self.call_with(&[("idempotency-key", key)], request).await
    }

    /// Calls a method with more headers.
    pub(crate) async fn call_with<Q: Rpc>(&self, headers: Headers<'_>, request: Q) -> Result<Answer, Failed> {
        let bearer = format!("Bearer {}", self.key);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        if Q::STREAMS { self.beginning(headers, request).await } else { self.call_bare(&all, request).await }
    }

    /// What a stream tells at first, as one answer: `{"messages": […]}`.
    async fn beginning<Q: Rpc>(&self, headers: Headers<'_>, request: Q) -> Result<Answer, Failed> {
        let mut stream = self.stream_with(headers, request).await?;
        let messages = stream.within(BEGINNING).await?;
        Ok(Answer { json: json!({ "messages": messages }), status: 200, headers: stream.headers.clone() })
    }

    /// Calls a method with these headers and no other.
    pub(crate) async fn call_bare<Q: Rpc>(&self, headers: Headers<'_>, request: Q) -> Result<Answer, Failed> {
        match self.wire {
            Wire::Rest => rest(self.address, headers, &request).await,
            Wire::GrpcWeb => self.call_web(Form::Binary, headers, &request).await,
            Wire::GrpcWebText => self.call_web(Form::Text, headers, &request).await,
            Wire::Grpc => {
                let called = grpc::call(self.channel.clone(), headers, request).await;
                let response = called.map_err(|status| from_status(&status))?;
                let (metadata, message, _) = response.into_parts();
                Ok(Answer { json: to_json(&message), status: 200, headers: metadata.into_headers() })
            }
        }
    }

    async fn call_web<Q: Rpc>(&self, form: Form, headers: Headers<'_>, request: &Q) -> Result<Answer, Failed> {
        let called = web::call::<Q::Reply>(self.address, form, Q::PATH, headers, &request.encode_to_vec()).await;
        match called.map_err(|Lost(error)| Failed::Lost(error))? {
            Ok((message, headers)) => Ok(Answer { json: to_json(&message), status: 200, headers }),
            Err(status) => Err(from_status(&status)),
        }
    }
}

async fn rest<Q: Rpc>(address: SocketAddr, headers: Headers<'_>, request: &Q) -> Result<Answer, Failed> {
    let (method, target, body) = request.rest();
    let mut all = headers.to_vec();
    if body.is_some() {
        all.push(("content-type", "application/json"));
    }
    let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
    let sent = HttpCall { method, target: &target, headers: &all, body }.send(address).await;
    let answer = sent.map_err(|Lost(error)| Failed::Lost(error))?;
    if answer.status >= 400 {
        return Err(Failed::Refused(from_rest(&answer)));
    }
    // 204 and 304 have no body.
    let json = if answer.body.is_empty() { Value::Null } else { answer.json() };
    if !answer.body.is_empty() {
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
    Ok(Answer { json, status: answer.status, headers: answer.headers })
}
