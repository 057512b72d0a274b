//! Turns new requests away once the process is about to stop. Those that are already inside go on.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio_util::sync::CancellationToken;

use super::RequestId;
use crate::api::{Failure, Wire, refuse};
use crate::contract::pb::ErrorCode;

/// Refuses after `closed` is canceled.
pub async fn layer(State(closed): State<CancellationToken>, request: Request, next: Next) -> Response {
    if closed.is_cancelled() {
        let failure = Failure::from(ErrorCode::Unavailable).message("The service is stopping.");
        return refuse(Wire::of(request.headers()), failure, &RequestId::of(&request));
    }
    next.run(request).await
}
