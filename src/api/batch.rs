//! `BatchService`: operations one after the other, each answered with status, headers and body.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use http_body_util::BodyExt as _;
use prost::Message as _;
use prost_types::Value;
use prost_types::value::Kind as Json;
use transcode::validate::Path;
use transcode::{Violations, code, json};

use super::inside::{Inside, Place};
use super::{Failure, Wire, refuse};
use crate::contract::pb::execute_batch_request::Operation;
use crate::contract::pb::execute_batch_request::operation::Method as Verb;
use crate::contract::pb::execute_batch_response::Response as Answer;
use crate::contract::pb::{self, ErrorCode};
use crate::domain::violation::Violation;

/// What a gRPC client takes by default, in bytes; the answer stays below it on every wire.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Kept for each operation that is still to come, so that its status, its headers and a short error can always be shown.
const SHARE: usize = 4 * 1024;

/// What JSON has around the parts of an answer, and Protobuf.
const ANSWER_OVERHEAD: usize = 128;

/// From here on, a double does not tell one integer from the next.
const INEXACT: f64 = 9_007_199_254_740_992.0;

/// As in metadata, so that the answer of an operation is found in the log.
const X_REQUEST_ID: &str = "x-request-id";

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

pub(super) async fn execute_batch(inside: &Inside, batch: pb::ExecuteBatchRequest) -> pb::ExecuteBatchResponse {
    let count = batch.operations.len();
    let (mut responses, mut used) = (Vec::with_capacity(count), 0);
    for (number, operation) in batch.operations.iter().enumerate() {
        let (place, request_id) = (format!("operations[{number}]"), inside.request_id(number));
        let response = match request(operation, &place) {
            Ok(request) => inside.call(request, Place(place), &request_id).await,
            Err(failure) => refuse(Wire::Rest, failure, &request_id),
        };
        let room = MAX_ANSWER_BYTES.saturating_sub(used + (count - number) * SHARE);
        let (answer, size) = show(response, &request_id, room).await;
        used += size;
        responses.push(answer);
    }
    pb::ExecuteBatchResponse { responses }
}

/// The request that an operation stands for.
fn request(operation: &Operation, place: &str) -> Result<Request, Failure> {
    let uri = uri(&operation.path).ok_or_else(|| {
        let text = "must be a path with its query, as in a request line: it begins with a slash, and what is no part of an \
                    URI is percent-encoded";
        Failure::from(vec![Violation::new(format!("{place}.path"), code::INVALID_VALUE, text)])
    })?;
    let body = body(operation.body.as_ref(), place)?;
    let mut headers = HeaderMap::new();
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if !operation.idempotency_key.is_empty() {
        let key = HeaderValue::try_from(&operation.idempotency_key);
        headers.insert(IDEMPOTENCY_KEY, key.map_err(|_| Failure::from(ErrorCode::IdempotencyKeyInvalid))?);
    }
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = method(operation.method());
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

fn method(verb: Verb) -> Method {
    match verb {
        // Refused before anything is run; GET changes nothing.
        Verb::Unspecified | Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
        Verb::Delete => Method::DELETE,
    }
}

/// A fragment never leaves a client (RFC 9110, section 7.1); the parser would cut it off and say nothing.
fn uri(path: &str) -> Option<Uri> {
    let is_path = path.starts_with('/') && !path.contains('#');
    is_path.then(|| path.parse::<PathAndQuery>().ok()).flatten().map(Uri::from)
}

/// The text of a body; empty when there is none.
fn body(value: Option<&Value>, place: &str) -> Result<Vec<u8>, Failure> {
    let Some(value) = value.filter(|value| !matches!(value.kind, Some(Json::NullValue(_)))) else {
        return Ok(Vec::new());
    };
    let mut broken = Violations::default();
    let root = Path::root();
    check(value, &root.field(place).field("body"), &mut broken);
    if !broken.is_empty() {
        return Err(broken.into_vec().into());
    }
    json::write(value).map_err(|error| Failure::internal(&error))
}

/// What cannot be written as JSON, or is not what the client meant any more.
fn check(value: &Value, at: &Path<'_>, broken: &mut Violations) {
    match &value.kind {
        Some(Json::NumberValue(number)) if !number.is_finite() => {
            broken.push(at, code::OUT_OF_RANGE, format_args!("must be a finite number"));
        }
        Some(Json::NumberValue(number)) if number.abs() >= INEXACT => {
            broken.push(at, code::OUT_OF_RANGE, format_args!("must be written as a string: it is 2^53 or more"));
        }
        Some(Json::NumberValue(_) | Json::NullValue(_) | Json::BoolValue(_) | Json::StringValue(_)) => {}
        Some(Json::StructValue(fields)) => {
            for (name, value) in &fields.fields {
                check(value, &at.name(name), broken);
            }
        }
        Some(Json::ListValue(list)) => {
            for (index, value) in list.values.iter().enumerate() {
                check(value, &at.index(index), broken);
            }
        }
        None => broken.push(at, code::INVALID_VALUE, format_args!("must have a value")),
    }
}

/// A response as part of the answer, and its size; without its body when there is no room for it.
async fn show(response: Response, request_id: &str, room: usize) -> (Answer, usize) {
    let (parts, body) = response.into_parts();
    // Whole answers are in memory already, and nothing can go wrong with them.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let mut headers = told(&parts.headers);
    headers.insert(X_REQUEST_ID.to_owned(), request_id.to_owned());
    let head: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 8).sum::<usize>() + ANSWER_OVERHEAD;
    let mut answer = Answer { status: parts.status.as_u16().into(), headers, ..Answer::default() };
    if bytes.is_empty() {
        return (answer, head);
    }
    if bytes.len() + head <= room {
        answer.body = json::read(&bytes, json::DEFAULT_MAX_DEPTH).ok();
    }
    let size = (bytes.len() + head).max(answer.encoded_len() + ANSWER_OVERHEAD);
    if answer.body.is_some() && size <= room {
        return (answer, size);
    }
    (Answer { body: None, body_omitted: true, ..answer }, head)
}

/// The headers that tell something of the answer; the length is that of a body in another form.
fn told(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |name: &HeaderName| {
        let values: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        values.join(", ")
    };
    let names = headers.keys().filter(|name| **name != CONTENT_LENGTH);
    names.map(|name| (name.as_str().to_owned(), text(name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_a_request_line_has() {
        for path in ["/v1/orders", "/v1/orders?page_size=1&view=FULL", "//v1", "/v1/%2f", "/", "/v1/a:place?"] {
            assert_eq!(uri(path).map(|uri| uri.to_string()).as_deref(), Some(path));
        }
        for path in
            ["", "v1/orders", "?a=b", "http://elsewhere/v1/orders", "/v1/orders#x", "/v1/ orders", "/v1/\r\n", "*"]
        {
            assert_eq!(uri(path), None, "{path}");
        }
    }

    fn refused(value: &Value) -> Vec<(String, &'static str)> {
        let failure = body(Some(value), "operations[3]").expect_err("refused");
        failure.details().iter().map(|detail| (detail.field.clone(), detail.code)).collect()
    }

    #[test]
    fn a_body_says_what_the_client_meant() {
        let read = |text: &str| json::read::<Value>(text.as_bytes(), 32).expect("JSON");
        for (text, written) in [
            ("null", ""),
            ("{}", "{}"),
            (
                r#"{"a":[1,-1.5,true,null,"x"],"b":{"n":9007199254740991}}"#,
                r#"{"a":[1,-1.5,true,null,"x"],"b":{"n":9007199254740991}}"#,
            ),
            (r#"{"n":"9007199254740993"}"#, r#"{"n":"9007199254740993"}"#),
        ] {
            assert_eq!(
                body(Some(&read(text)), "o").map(|body| String::from_utf8_lossy(&body).into_owned()).ok().as_deref(),
                Some(written)
            );
        }
        assert_eq!(body(None, "o").ok(), Some(Vec::new()));
        let large = read(r#"{"items":[{"n":1},{"n":9007199254740993}],"m":-1e300}"#);
        let at = |place: &str| (format!("operations[3].body.{place}"), code::OUT_OF_RANGE);
        assert_eq!(refused(&large), [at("items[1].n"), at("m")]);
        let number = |number| Value { kind: Some(Json::NumberValue(number)) };
        for value in [number(f64::NAN), number(f64::NEG_INFINITY), Value { kind: None }] {
            assert_eq!(refused(&value)[0].0, "operations[3].body");
        }
    }
}
