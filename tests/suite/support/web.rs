//! gRPC-Web by hand: frames in an HTTP/1.1 body, the status in a last frame of its own; binary or base64.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use prost::Message;
use tonic::Status;

use super::http::{Headers, HttpAnswer, HttpCall, Lost};

/// The flag of the frame that holds the trailers.
pub(super) const TRAILERS: u8 = 0x80;

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Binary,
    Text,
}

/// A message that came back, with its headers, or the status of the failure.
pub(crate) type WebAnswer<R> = Result<(R, HeaderMap), Status>;

/// A message in its frame.
pub(crate) fn frame(message: &[u8]) -> Vec<u8> {
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).expect("a short message").to_be_bytes());
    body.extend(message);
    body
}

/// Calls a method.
pub(crate) async fn call<R: Message + Default>(
    address: SocketAddr,
    form: Form,
    path: &str,
    headers: Headers<'_>,
    message: &[u8],
) -> Result<WebAnswer<R>, Lost> {
    let (content_type, body) = match form {
        Form::Binary => ("application/grpc-web+proto", Bytes::from(frame(message))),
        Form::Text => ("application/grpc-web-text+proto", BASE64_STANDARD.encode(frame(message)).into()),
    };
    let mut all = vec![("content-type", content_type), ("accept", content_type), ("x-grpc-web", "1")];
    all.extend(headers);
    let answer = HttpCall { method: Method::POST, target: path, headers: &all, body }.send(address).await?;
    assert_eq!(answer.status, 200, "gRPC-Web tells failures in trailers: {answer:?}");
    Ok(read(form, &answer))
}

fn read<R: Message + Default>(form: Form, answer: &HttpAnswer) -> WebAnswer<R> {
    if let Some(status) = Status::from_header_map(&answer.headers) {
        return Err(status);
    }
    let body = match form {
        Form::Binary => answer.body.to_vec(),
        Form::Text => decode_text(&answer.body),
    };
    let (mut rest, mut message, mut trailers) = (body.as_slice(), None, HeaderMap::new());
    while let Some((head, after)) = rest.split_at_checked(5) {
        let length = u32::from_be_bytes(head[1..].try_into().expect("four bytes"));
        let (data, next) = after.split_at(usize::try_from(length).expect("a length"));
        match head[0] {
            TRAILERS => trailers = parse_trailers(data),
            _ => message = Some(R::decode(data).expect("a reply")),
        }
        rest = next;
    }
    assert!(rest.is_empty(), "a frame broke off: {answer:?}");
    let status = Status::from_header_map(&trailers).unwrap_or_else(|| panic!("no status: {answer:?}"));
    match message {
        Some(message) if status.code() == tonic::Code::Ok => Ok((message, answer.headers.clone())),
        _ => Err(status),
    }
}

/// Each piece that was sent is base64 by itself, with its own padding.
fn decode_text(body: &[u8]) -> Vec<u8> {
    let quads = body.chunks(4).map(|quad| BASE64_STANDARD.decode(quad).expect("base64"));
    quads.flatten().collect()
}

pub(super) fn parse_trailers(data: &[u8]) -> HeaderMap {
    let text = std::str::from_utf8(data).expect("trailers are text");
    let lines = text.split("\r\n").filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once(':').expect("a trailer");
            let name: HeaderName = name.trim().parse().expect("a name");
            (name, HeaderValue::from_str(value.trim()).expect("a value"))
        })
        .collect()
}
