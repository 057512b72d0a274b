//! A failed call as every wire tells it, in one shape. Reading one checks everything that must hold of each failure:
//! the envelope, the catalog's statuses, the details of gRPC.

use http::HeaderMap;
use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt;
use tradepost::contract::policy::{ERROR_CODES, ErrorPolicy, error_policy};

use super::http::HttpAnswer;

/// What the service said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    /// The first violation's field.
    pub(crate) field: Option<String>,
    /// Every violation: field and code.
    pub(crate) details: Vec<(String, String)>,
    pub(crate) metadata: Value,
    pub(crate) request_id: String,
}

/// Why a call has no answer.
#[derive(Debug, Clone)]
pub(crate) enum Failed {
    /// The service refused it.
    Refused(Refusal),
    /// Nobody knows what became of it.
    Lost(String),
}

impl Failed {
    /// What the service said.
    pub(crate) fn refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Lost(error) => panic!("no answer that follows the contract: {error}"),
        }
    }
}

impl Refusal {
    /// The fields of the violations.
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.details.iter().map(|(field, _)| field.as_str()).collect()
    }

    /// Everything but the name of the request: what two failures share when nobody can tell them apart.
    pub(crate) fn anonymous(&self) -> Self {
        Self { request_id: String::new(), ..self.clone() }
    }
}

/// Reads the envelope of a failed REST call.
pub(crate) fn from_rest(answer: &HttpAnswer) -> Refusal {
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let body = answer.json();
    let known = ["code", "message", "field", "status", "retryable", "details", "metadata", "request_id"];
    let error = body["error"].as_object().unwrap_or_else(|| panic!("no envelope: {body}"));
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1), "only `error`: {body}");
    assert!(error.keys().all(|key| known.contains(&key.as_str())), "{body}");
    let policy = policy(error["code"].as_str().expect("a code"));
    assert_eq!(answer.status, policy.http, "{body}");
    assert_eq!(error["status"], grpc_name(policy.grpc), "{body}");
    assert_eq!(error["retryable"], policy.retryable, "{body}");
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("a text: {body}")).to_owned();
    let details = error.get("details").map_or(&[][..], |details| details.as_array().expect("a list"));
    assert!(details.iter().all(|detail| !text(&detail["message"]).is_empty()), "{body}");
    check_headers(&answer.headers, policy);
    let refusal = Refusal {
        code: policy.code.to_owned(),
        message: text(&error["message"]),
        field: error.get("field").map(&text),
        details: details.iter().map(|detail| (text(&detail["field"]), text(&detail["code"]))).collect(),
        metadata: error.get("metadata").cloned().unwrap_or_else(|| json!({})),
        request_id: text(&error["request_id"]),
    };
    assert_eq!(
        refusal.field,
        refusal.details.first().map(|(field, _)| field.clone()).filter(|field| !field.is_empty()),
        "{body}"
    );
    assert_eq!(answer.header("x-request-id"), refusal.request_id, "{body}");
    checked(refusal)
}

/// Reads the envelope that ends a stream.
pub(crate) fn in_stream(body: &Value) -> Refusal {
    let error = &body["error"];
    let policy = policy(error["code"].as_str().expect("a code"));
    assert_eq!(error["status"], grpc_name(policy.grpc), "{body}");
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    Refusal {
        code: policy.code.to_owned(),
        message: text("message"),
        field: None,
        details: Vec::new(),
        metadata: error.get("metadata").cloned().unwrap_or_else(|| json!({})),
        request_id: text("request_id"),
    }
}

fn check_headers(headers: &HeaderMap, policy: ErrorPolicy) {
    assert_eq!(headers.contains_key("www-authenticate"), policy.http == 401, "{headers:?}");
    assert_eq!(headers.contains_key("allow"), policy.http == 405, "{headers:?}");
    assert_eq!(headers.contains_key("retry-after"), policy.http == 503 || policy.code == "idempotency_in_flight");
    assert_eq!(headers.get("cache-control").map(http::HeaderValue::as_bytes), Some(&b"no-store"[..]));
    assert_eq!(headers.get("x-content-type-options").map(http::HeaderValue::as_bytes), Some(&b"nosniff"[..]));
}

/// Reads the status of a failed gRPC call.
pub(crate) fn from_status(status: &Status) -> Failed {
    let details = status.get_error_details();
    let Some(info) = details.error_info() else { return Failed::Lost(format!("{status:?}")) };
    assert_eq!(info.domain, "tradepost");
    let policy = policy(&info.reason.to_lowercase());
    assert_eq!((info.reason.as_str(), status.code() as i32), (policy.reason, policy.grpc), "{status:?}");
    let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
    assert!(violations.iter().all(|violation| !violation.description.is_empty()), "{status:?}");
    let found: Vec<_> =
        violations.iter().map(|violation| (violation.field.clone(), violation.reason.to_lowercase())).collect();
    let request_id = details.request_info().expect("RequestInfo").request_id.clone();
    if policy.http == 503 || policy.code == "idempotency_in_flight" {
        assert!(details.retry_info().is_some(), "{status:?}");
    }
    Failed::Refused(checked(Refusal {
        code: policy.code.to_owned(),
        message: status.message().to_owned(),
        field: found.first().map(|(field, _)| field.clone()),
        details: found,
        metadata: json!(info.metadata),
        request_id,
    }))
}

fn checked(refusal: Refusal) -> Refusal {
    assert!(!refusal.message.is_empty() && !refusal.request_id.is_empty(), "{refusal:?}");
    let shown = format!("{refusal:?}").to_lowercase();
    for inside in ["sqlx", "sea_orm", "sqlite", "postgres", "select ", "insert ", "panicked", "src/", ".rs:", "::"] {
        assert!(!shown.contains(inside), "internals reach the client: {refusal:?}");
    }
    refusal
}

fn policy(code: &str) -> ErrorPolicy {
    let mut catalog = ERROR_CODES.iter().map(|known| error_policy(*known));
    catalog.find(|policy| policy.code == code).unwrap_or_else(|| panic!("{code} is not in the catalog"))
}

fn grpc_name(code: i32) -> &'static str {
    match code {
        1 => "CANCELLED",
        3 => "INVALID_ARGUMENT",
        4 => "DEADLINE_EXCEEDED",
        5 => "NOT_FOUND",
        6 => "ALREADY_EXISTS",
        7 => "PERMISSION_DENIED",
        8 => "RESOURCE_EXHAUSTED",
        9 => "FAILED_PRECONDITION",
        10 => "ABORTED",
        12 => "UNIMPLEMENTED",
        13 => "INTERNAL",
        14 => "UNAVAILABLE",
        16 => "UNAUTHENTICATED",
        other => panic!("no error of the catalog has the gRPC code {other}"),
    }
}
