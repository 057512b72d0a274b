//! The failures of the OpenAPI document: one schema, and for each operation the codes that it can answer, by status.

use std::collections::BTreeMap;

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

use crate::emit_openapi::header;
use crate::emit_policy::camel;
use crate::options::{Contract, ErrorCode, Method};

/// What can go wrong with every request.
const EVERYWHERE: [&str; 10] = [
    "malformed_request",
    "unauthenticated",
    "request_timeout",
    "payload_too_large",
    "uri_too_long",
    "validation_failed",
    "headers_too_large",
    "internal",
    "unavailable",
    "deadline_exceeded",
];

/// The answers beside success that an operation has.
pub(crate) fn of(contract: &Contract, method: &Method, has_body: bool) -> Object {
    let mut codes: Vec<&str> = EVERYWHERE.to_vec();
    if !method.permission.is_empty() {
        codes.push("permission_denied");
    }
    if has_body {
        codes.push("unsupported_media_type");
    }
    if ["OPTIONAL", "REQUIRED"].contains(&method.key_rule.as_str()) {
        codes.extend(["idempotency_key_invalid", "idempotency_key_reused", "idempotency_in_flight"]);
    }
    if method.takes_etag() {
        codes.push("etag_mismatch");
    }
    if method.key_rule == "REQUIRED" {
        codes.push("idempotency_key_required");
    }
    codes.extend(method.errors.iter().map(String::as_str));
    // In the order of the catalog, each once.
    let mut by_status: BTreeMap<u16, Vec<&ErrorCode>> = BTreeMap::new();
    for error in contract.errors.iter().filter(|error| codes.contains(&error.code().as_str())) {
        by_status.entry(error.http).or_default().push(error);
    }
    let mut before = Object::new();
    if method.answers_not_modified() {
        before.set("304", not_modified());
    }
    by_status.into_iter().fold(before, |all, (status, errors)| {
        let answer = match errors.as_slice() {
            [one] if EVERYWHERE.contains(&one.code().as_str()) || is_shared(one) => reference(one),
            several => answer(several),
        };
        all.with(status.to_string(), answer)
    })
}

/// The client has the current state.
fn not_modified() -> Object {
    object! {
        "description": "You have the current state already.",
        "headers": object! { "ETag": header("Etag"), "X-Request-Id": header("RequestId") },
    }
}

/// Codes that are alone with their status in many operations.
fn is_shared(error: &ErrorCode) -> bool {
    ["permission_denied", "unsupported_media_type"].contains(&error.code().as_str())
}

/// The answers that many operations share.
pub(crate) fn shared(contract: &Contract) -> Object {
    let shared = contract.errors.iter().filter(|error| EVERYWHERE.contains(&error.code().as_str()) || is_shared(error));
    shared.fold(Object::new(), |all, error| all.with(component(error), answer(&[error])))
}

/// The one form of every failure.
pub(crate) fn schemas(contract: &Contract) -> Object {
    let codes: Vec<_> = contract.errors.iter().map(ErrorCode::code).collect();
    let text = |about: &str| object! { "type": "string", "description": about };
    let detail = object! {
        "type": "object",
        "description": "One violation.",
        "properties": object! {
            "field": text("Where it is: `items[0].quantity`."),
            "code": text("What is wrong there: a code of its own, finer than the error's."),
            "message": text("The same for people."),
        },
        "required": vec!["field", "code", "message"],
    };
    let error = object! {
        "type": "object",
        "properties": object! {
            "code": object! {
                "type": "string",
                "description": "What went wrong. Codes are added, but never change their meaning: expect unknown ones.",
                "x-extensible-enum": codes,
            },
            "message": text("The same for people. It may change."),
            "field": text("The first field of `details`."),
            "status": text("The code of gRPC that this is."),
            "retryable": object! {
                "type": "boolean",
                "description": "Whether the same call, unchanged, may succeed later.",
            },
            "details": object! {
                "type": "array",
                "description": "Every violation, where fields are at fault.",
                "items": object! { "$ref": "#/components/schemas/Error.Detail" },
            },
            "metadata": object! {
                "type": "object",
                "description": "Facts for programs; which ones, the code tells.",
                "additionalProperties": object! { "type": "string" },
            },
            "request_id": text("The name of the request. Tell it when you ask for help."),
        },
        "required": vec!["code", "message", "status", "retryable", "request_id"],
    };
    object! {
        "Error": object! {
            "type": "object",
            "description": "Every failure, whichever part of the service it comes from.",
            "properties": object! { "error": error },
            "required": vec!["error"],
        },
        "Error.Detail": detail,
    }
}

fn component(error: &ErrorCode) -> String {
    camel(&error.name).to_string()
}

fn reference(error: &ErrorCode) -> Object {
    object! { "$ref": format!("#/components/responses/{}", component(error)) }
}

fn answer(errors: &[&ErrorCode]) -> Object {
    let lines: Vec<_> = errors.iter().map(|error| format!("- `{}`: {}", error.code(), error.meaning)).collect();
    let mut examples = Object::new();
    for error in errors {
        examples.set(error.code(), object! { "value": example(error) });
    }
    let mut headers = object! { "X-Request-Id": header("RequestId") };
    if errors.iter().any(|error| error.http == 401) {
        headers.set("WWW-Authenticate", header("WwwAuthenticate"));
    }
    if errors.iter().any(|error| ["unavailable", "idempotency_in_flight"].contains(&error.code().as_str())) {
        headers.set("Retry-After", header("RetryAfter"));
    }
    object! {
        "description": lines.join("\n"),
        "headers": headers,
        "content": object! { "application/json": object! {
            "schema": object! { "$ref": "#/components/schemas/Error" },
            "examples": examples,
        } },
    }
}

fn example(error: &ErrorCode) -> Json {
    let mut shown = object! { "code": error.code(), "message": error.message.as_str() };
    let field = "items[0].quantity";
    let is_validation = error.code() == "validation_failed";
    if is_validation {
        shown.set("message", format!("{field}: must be at least 1"));
        shown.set("field", field);
    }
    shown.set("status", error.grpc_name.as_str());
    shown.set("retryable", error.retryable);
    if is_validation {
        let detail = object! { "field": field, "code": "out_of_range", "message": "must be at least 1" };
        shown.set("details", vec![detail]);
    }
    shown.set("request_id", "req_01a1fe35c4a9766ea722aee9bff63785");
    object! { "error": shown }.into()
}
