//! Reads what a client of HTTP/1.1 is still sending when its request has been refused.
//!
//! Many clients send all of a request before they read any of the answer. Closing the connection on them would replace
//! the answer with a reset, so what nobody wants is read and thrown away, within bounds.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::Version;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;

/// How much is thrown away at most, in bytes.
const MOST: usize = 8 * 1024 * 1024;

/// For how long.
const LONGEST: Duration = Duration::from_secs(5);

/// Gives the request a body that is read to its end also when nobody does.
pub async fn layer(request: Request, next: Next) -> Response {
    if request.version() > Version::HTTP_11 || request.body().is_end_stream() {
        return next.run(request).await;
    }
    next.run(request.map(|body| Body::new(Unread(body)))).await
}

/// A body that is thrown away when it is dropped before its end.
struct Unread(Body);

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // Without a runtime the process is ending, and the connection with it.
        if !self.0.is_end_stream()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let rest = std::mem::take(&mut self.0);
            runtime.spawn(async move { tokio::time::timeout(LONGEST, throw_away(rest)).await });
        }
    }
}

async fn throw_away(mut body: Body) {
    let mut read = 0;
    while read < MOST
        && let Some(Ok(frame)) = body.frame().await
    {
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}
