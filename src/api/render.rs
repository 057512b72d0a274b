//! A failure, as each wire shows it. Every layer answers through here, so that clients meet one shape.

use std::collections::BTreeMap;
use std::error::Error as _;

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use tonic::{Code, Status};

use super::Failure;
use super::layers::RequestId;
use crate::contract::pb::ErrorCode;
use crate::domain::violation::Violation;

/// How a client speaks to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// gRPC over HTTP/2.
    Grpc,
    /// gRPC-Web, binary or text.
    GrpcWeb,
    /// JSON over HTTP.
    Rest,
}

impl Wire {
    /// By content type: `application/grpc-web…`, `application/grpc…`, anything else.
    #[must_use]
    pub fn of(headers: &http::HeaderMap) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let begins = |with: &[u8]| content_type.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
        if begins(b"application/grpc-web") {
            Self::GrpcWeb
        } else if begins(b"application/grpc") {
            Self::Grpc
        } else {
            Self::Rest
        }
    }

    /// Its name in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::GrpcWeb => "grpc-web",
            Self::Rest => "rest",
        }
    }
}

/// Refuses a request on its wire.
#[must_use]
pub fn refuse(wire: Wire, failure: Failure, request_id: &str) -> Response<Body> {
    match wire {
        Wire::Rest => rest(&failure, request_id),
        Wire::Grpc => failure.into_status(request_id).into_http(),
        Wire::GrpcWeb => {
            let mut response: Response<Body> = failure.into_status(request_id).into_http();
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc-web+proto"));
            response
        }
    }
}

/// A status that a service method answered with, over REST.
pub(super) fn rest_status(status: &Status, request_id: &str) -> Response<Body> {
    rest(&told(status), request_id)
}

/// The same as the last line of a stream that failed.
#[must_use]
pub fn stream_error(status: &Status, extensions: &http::Extensions) -> Vec<u8> {
    envelope(&told(status), &RequestId::within(extensions))
}

/// The failure in a status of ours. Over REST nobody else makes one but the transcoder, for a reply that has no JSON: the
/// request was read long before, so that is a fault of the service.
fn told(status: &Status) -> Failure {
    let ours = status.source().and_then(|source| source.downcast_ref::<Failure>());
    ours.cloned().unwrap_or_else(|| Failure::internal(&status.message()))
}

/// A status that is not ours: the gRPC framework made it, because it could not read the request.
pub(super) fn foreign(code: Code, message: &str) -> Failure {
    match code {
        Code::Unimplemented => Failure::from(ErrorCode::MethodNotAllowed).message(message),
        // tonic calls a message beyond the limit OUT_OF_RANGE.
        Code::OutOfRange | Code::ResourceExhausted => ErrorCode::PayloadTooLarge.into(),
        Code::DeadlineExceeded => ErrorCode::DeadlineExceeded.into(),
        Code::Unavailable => ErrorCode::Unavailable.into(),
        // Undecodable protobuf and broken framing, which tonic takes for a fault of its own.
        Code::Internal | Code::InvalidArgument => ErrorCode::MalformedRequest.into(),
        // The request broke off, or its client reset the stream.
        Code::Cancelled | Code::Unknown => ErrorCode::ClientClosedRequest.into(),
        other => Failure::internal(&format!("unexpected status {other:?}: {message}")),
    }
}

fn rest(failure: &Failure, request_id: &str) -> Response<Body> {
    let policy = failure.policy();
    let mut response = Response::new(Body::from(envelope(failure, request_id)));
    *response.status_mut() = StatusCode::from_u16(policy.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if let Some(delay) = failure.retry_after() {
        // Whole seconds (RFC 9110, section 10.2.3), and never too early.
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = failure.allow().and_then(|allow| HeaderValue::try_from(allow).ok()) {
        headers.insert(header::ALLOW, allow);
    }
    if response.status() == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The body of every failed REST call.
#[derive(Serialize)]
struct Envelope<'a> {
    error: Shown<'a>,
}

#[derive(Serialize)]
struct Shown<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    status: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "<[Violation]>::is_empty")]
    details: &'a [Violation],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: &'a BTreeMap<&'static str, String>,
    request_id: &'a str,
}

fn envelope(failure: &Failure, request_id: &str) -> Vec<u8> {
    let policy = failure.policy();
    let error = Shown {
        code: policy.code,
        message: failure.text(),
        field: failure.details().first().map(|violation| violation.field.as_str()).filter(|field| !field.is_empty()),
        status: grpc_name(Code::from_i32(policy.grpc)),
        retryable: policy.retryable,
        details: failure.details(),
        metadata: failure.metadata(),
        request_id,
    };
    // Texts, a flag and lists of texts: there is nothing in it that JSON cannot hold.
    serde_json::to_vec(&Envelope { error }).unwrap_or_default()
}

/// The canonical name of a gRPC code (google/rpc/code.proto).
fn grpc_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_tells_the_wire() {
        for (content_type, wire) in [
            ("application/grpc", Wire::Grpc),
            ("application/grpc+proto", Wire::Grpc),
            ("Application/gRPC", Wire::Grpc),
            ("application/grpc-web", Wire::GrpcWeb),
            ("application/grpc-web-text+proto", Wire::GrpcWeb),
            ("application/json", Wire::Rest),
            ("text/plain", Wire::Rest),
            ("", Wire::Rest),
        ] {
            let mut headers = http::HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(Wire::of(&headers), wire, "{content_type}");
        }
    }

    #[test]
    fn a_reply_that_cannot_be_shown_is_no_fault_of_the_client() {
        let response = rest_status(&Status::internal("the reply holds something without JSON"), "req_1");
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let shown = envelope(&told(&Status::internal("secret")), "req_1");
        assert!(!String::from_utf8_lossy(&shown).contains("secret"));
        let ours = Failure::from(ErrorCode::OrderNotFound).into_status("req_1");
        assert_eq!(rest_status(&ours, "req_1").status(), StatusCode::NOT_FOUND);
    }
}
