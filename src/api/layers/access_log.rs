//! One log line a request, written when the last byte of the answer has left, or the client has.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context as TaskContext, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, Method};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tracing::Instrument;

use super::RequestId;
use crate::api::Wire;
use crate::app::Caller;
use crate::contract::policy;

/// Writes the line. Everything inside logs under the request's name.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let span = tracing::info_span!("request", request_id = %RequestId::of(&request));
    let notes = Notes::default();
    let mut line = Line::new(&request, span.clone(), notes.clone());
    request.extensions_mut().insert(notes);
    let response = next.run(request).instrument(span).await;
    line.answered(&response);
    response.map(|body| Body::new(Logged { body, line }))
}

/// What the layers inside find out, for the line: it is written also when they never answer.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// The method.
    pub method: Arc<OnceLock<&'static policy::Method>>,
    /// Who calls it.
    pub caller: Arc<OnceLock<Arc<Caller>>>,
}

/// What the line says.
struct Line {
    begun: Instant,
    wire: Wire,
    http_method: Method,
    path: String,
    span: tracing::Span,
    notes: Notes,
    status: u16,
    grpc_status: Option<String>,
    complete: bool,
}

impl Line {
    fn new(request: &Request, span: tracing::Span, notes: Notes) -> Self {
        Self {
            begun: Instant::now(),
            wire: Wire::of(request.headers()),
            http_method: request.method().clone(),
            path: request.uri().path().to_owned(),
            span,
            notes,
            // Stays so when the future is dropped before there is an answer: the client went away.
            status: 499,
            grpc_status: None,
            complete: false,
        }
    }

    fn answered(&mut self, response: &Response) {
        self.status = response.status().as_u16();
        self.take_grpc_status(response.headers());
    }

    fn take_grpc_status(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get("grpc-status").and_then(|value| value.to_str().ok()) {
            self.grpc_status = Some(status.to_owned());
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _entered = self.span.enter();
        let rpc = self.notes.method.get().map(|method| method.name);
        let caller = self.notes.caller.get();
        tracing::info!(
            wire = self.wire.as_str(),
            method = %self.http_method,
            path = %self.path,
            rpc,
            status = self.status,
            grpc_status = self.grpc_status.as_deref(),
            duration_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            complete = self.complete,
            tenant = caller.map(|caller| caller.tenant.to_string()),
            key = caller.map(|caller| caller.key.to_string()),
            "request"
        );
    }
}

/// A body that holds the line until it is sent or dropped.
struct Logged {
    body: Body,
    line: Line,
}

impl HttpBody for Logged {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.line.take_grpc_status(trailers);
                }
                self.line.complete |= self.body.is_end_stream();
            }
            Poll::Ready(None) => self.line.complete = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
