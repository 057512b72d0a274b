//! No request takes longer than its deadline. A write that has begun runs on; its key tells what became of it.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use tokio::time::Instant;

use super::RequestId;
use crate::api::edge::Target;
use crate::api::{Wire, refuse};
use crate::contract::pb::ErrorCode;

/// When the client says nothing.
const DEFAULT: Duration = Duration::from_secs(15);

/// However much the client wants.
const LONGEST: Duration = Duration::from_mins(1);

/// Longest part of the time that is kept for the answer of a request that is made of others.
const FOR_THE_ANSWER: Duration = Duration::from_millis(500);

/// When a request that is made of others has to stop running them, so that what was done is told in time.
#[derive(Debug, Clone, Copy)]
pub struct LastCall(pub Instant);

/// When the client wants an answer to be over, however long it takes to come. Nothing when it did not say.
#[derive(Debug, Clone, Copy)]
pub struct Asked(pub Option<Instant>);

/// Ends the request when its time is over.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let wire = Wire::of(request.headers());
    let asked = asked(wire, request.headers());
    // Who watches says for how long; the stream ends by itself then, and is opened in the time of any other answer.
    let is_watch = request.extensions().get::<Target>().is_some_and(Target::is_watch);
    let limit = asked.filter(|_| !is_watch).unwrap_or(DEFAULT).min(LONGEST);
    request.extensions_mut().insert(Asked(asked.and_then(|asked| Instant::now().checked_add(asked))));
    request.extensions_mut().insert(LastCall(Instant::now() + limit - FOR_THE_ANSWER.min(limit / 10)));
    let request_id = RequestId::of(&request);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refuse(wire, ErrorCode::DeadlineExceeded.into(), &request_id),
    }
}

fn asked(wire: Wire, headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match wire {
        Wire::Grpc | Wire::GrpcWeb => text("grpc-timeout").and_then(grpc_timeout),
        Wire::Rest => text("request-timeout").and_then(seconds),
    }
}

/// A number of seconds, which may have a fraction.
fn seconds(text: &str) -> Option<Duration> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| is_plain).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
}

/// At most eight digits and a unit (gRPC over HTTP/2, `Timeout`). What does not fit is ignored.
fn grpc_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(value * 3600),
        "M" => Duration::from_secs(value * 60),
        "S" => Duration::from_secs(value),
        "m" => Duration::from_millis(value),
        "u" => Duration::from_micros(value),
        "n" => Duration::from_nanos(value),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_a_fraction() {
        for (text, expected) in [
            ("2", Some(Duration::from_secs(2))),
            ("0.25", Some(Duration::from_millis(250))),
            ("0", Some(Duration::ZERO)),
            ("-1", None),
            ("1e3", None),
            ("inf", None),
            ("", None),
            ("5s", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn timeouts_have_a_number_and_a_unit() {
        for (text, expected) in [
            ("1H", Some(Duration::from_hours(1))),
            ("99999999S", Some(Duration::from_secs(99_999_999))),
            ("250m", Some(Duration::from_millis(250))),
            ("5u", Some(Duration::from_micros(5))),
            ("0n", Some(Duration::ZERO)),
            ("999999999S", None),
            ("1", None),
            ("S", None),
            ("", None),
            ("-1S", None),
            ("1é", None),
        ] {
            assert_eq!(grpc_timeout(text), expected, "{text}");
        }
    }
}
