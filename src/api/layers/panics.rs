//! A panic ends its request, not the process, and tells the client nothing but that there was one.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::RequestId;
use crate::api::{Failure, Wire, refuse};

/// Answers `internal` for a request that panicked. The panic hook has logged where.
pub async fn layer(request: Request, next: Next) -> Response {
    let (wire, request_id) = (Wire::of(request.headers()), RequestId::of(&request));
    // What the request shared with others is behind locks that survive a panic, or in a transaction that is gone.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => refuse(wire, Failure::internal(&"a request panicked"), &request_id),
    }
}
