//! Lets the process stop without anybody being cut off: first clients are told to go elsewhere, then new requests are
//! turned away. Those that are already inside go on.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Version, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::RequestId;
use crate::api::edge::Target;
use crate::api::{Failure, Wire, refuse};
use crate::contract::pb::ErrorCode;

/// How far the process is on its way out.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// It has been told to stop, and still serves.
    pub soon: CancellationToken,
    /// It takes no new requests.
    pub now: CancellationToken,
}

/// Refuses requests once it is time, and before that asks clients of HTTP/1.1 not to send another one.
pub async fn layer(State(stop): State<Stop>, request: Request, next: Next) -> Response {
    if stop.now.is_cancelled() {
        let failure = Failure::from(ErrorCode::Unavailable).message("The service is stopping.");
        return refuse(Wire::of(request.headers()), failure, &RequestId::of(&request));
    }
    let version = request.version();
    let mut response = next.run(request).await;
    if stop.soon.is_cancelled() && version <= Version::HTTP_11 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let endless = response.extensions().get::<Target>().is_some_and(|target| target.method.is_none());
    if endless {
        return response
            .map(|body| Body::new(Ending { body, end: Box::pin(stop.now.cancelled_owned()), ended: false }));
    }
    response
}

/// The stream of a health watch or a reflection call: it would go on for as long as its client likes.
struct Ending {
    body: Body,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: bool,
}

impl HttpBody for Ending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_pending() && self.end.as_mut().poll(cx).is_ready() {
            self.ended = true;
            return Poll::Ready(Some(Ok(Frame::trailers(unavailable()))));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

fn unavailable() -> HeaderMap {
    tonic::Status::unavailable("the service is stopping")
        .into_http::<()>()
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("grpc-"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
