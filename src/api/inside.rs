//! Calls that come inside another call: each becomes a REST request of its own, and passes the layers as if it had come alone.

use std::convert::Infallible;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName};
use tokio::time::{Instant, timeout_at};
use tower::ServiceExt as _;

use super::edge::Target;
use super::layers::{LastCall, RequestId};
use super::{Failure, Wire, refuse};
use crate::contract::pb::ErrorCode;
use crate::contract::policy::Kind;
use crate::domain::violation::Violation;

/// Headers of the outer request that hold for each call inside: who calls, and what it belongs to.
const SHARED: [HeaderName; 5] = [
    AUTHORIZATION,
    USER_AGENT,
    HeaderName::from_static("baggage"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

/// The layers and the door for calls inside another one. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Operations(axum::Router);

impl Operations {
    /// Sends calls through this router.
    #[must_use]
    pub fn new(router: axum::Router) -> Self {
        Self(router)
    }
}

/// Where a call stands in the request that it came in: `operations[2]`.
#[derive(Debug, Clone)]
pub(super) struct Place(pub(super) String);

/// What a method needs that is made of calls of others.
#[derive(Debug)]
pub(super) struct Inside {
    operations: Operations,
    request_id: String,
    shared: HeaderMap,
    last_call: Instant,
}

impl Inside {
    /// Takes from the outer request what its calls share.
    pub(super) fn of<M>(request: &tonic::Request<M>, request_id: &str) -> Result<Self, Failure> {
        let extensions = request.extensions();
        let (Some(operations), Some(LastCall(last_call))) = (extensions.get::<Operations>(), extensions.get()) else {
            return Err(Failure::internal(&"a request came past the layers"));
        };
        let sent = request.metadata().as_ref();
        let mut shared = HeaderMap::new();
        for name in &SHARED {
            for value in sent.get_all(name) {
                shared.append(name, value.clone());
            }
        }
        Ok(Self { operations: operations.clone(), request_id: request_id.to_owned(), shared, last_call: *last_call })
    }

    /// The name of a call: that of the request that it came in, and its number, from 0.
    pub(super) fn request_id(&self, number: usize) -> String {
        format!("{}.{number}", self.request_id)
    }

    /// Makes a call, unless the time is over. A write that has begun by then runs on.
    pub(super) async fn call(&self, mut request: Request, place: Place, request_id: &str) -> Response {
        let refused = |failure| refuse(Wire::Rest, failure, request_id);
        if Instant::now() >= self.last_call {
            let text = "The deadline passed before this operation was begun. Nothing was done.";
            return refused(Failure::from(ErrorCode::DeadlineExceeded).message(text));
        }
        for (name, value) in &self.shared {
            request.headers_mut().append(name, value.clone());
        }
        // There is no connection that a version could be that of; only HTTP/1.1 would have to name a host.
        *request.version_mut() = http::Version::HTTP_2;
        request.extensions_mut().insert(RequestId(request_id.into()));
        request.extensions_mut().insert(place);
        match timeout_at(self.last_call, self.operations.0.clone().oneshot(request)).await {
            Ok(answer) => answer.unwrap_or_else(|never: Infallible| match never {}),
            Err(_) => refused(ErrorCode::DeadlineExceeded.into()),
        }
    }
}

/// Lets those calls through that have one answer in JSON.
pub async fn only_single_calls(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let composite = extensions.get::<Target>().and_then(|target| target.method).map(|method| method.kind);
    let route = extensions.get::<transcode::Match>().map(|matched| matched.route);
    let refusal = if composite == Some(Kind::Composite) {
        Some("is a batch: put its operations into this one")
    } else if route.is_some_and(|route| route.stream || route.raw_request || route.raw_reply) {
        Some("is a stream or a download: call it by itself")
    } else {
        None
    };
    let Some(text) = refusal else { return next.run(request).await };
    let place = extensions.get::<Place>().map(|place| format!("{}.path", place.0)).unwrap_or_default();
    let failure = Failure::from(vec![Violation::new(place, "not_allowed_here", text)]);
    refuse(Wire::Rest, failure, &RequestId::of(&request))
}
