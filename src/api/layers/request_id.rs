//! Names every request, so that a client's complaint and our log lines find each other.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use std::sync::Arc;

use crate::app::App;

/// The header, both ways.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest name we take from a client.
const MAX_CHARS: usize = 128;

/// A request's name.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// The name of a request that came through this layer.
    #[must_use]
    pub fn of(request: &Request) -> String {
        Self::within(request.extensions())
    }

    /// The same, from the extensions alone.
    #[must_use]
    pub fn within(extensions: &http::Extensions) -> String {
        extensions.get::<Self>().map(|id| id.0.to_string()).unwrap_or_default()
    }
}

/// Takes the client's name for the request when it is harmless, or makes one, and sends it back.
pub async fn layer(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let sent = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = match sent.filter(|text| is_harmless(text)) {
        Some(text) => text.to_owned(),
        None => app.entropy.request_id(app.clock.now()),
    };
    let header = HeaderValue::try_from(id.as_str());
    request.extensions_mut().insert(RequestId(id.into()));
    let mut response = next.run(request).await;
    if let Ok(header) = header {
        response.headers_mut().insert(X_REQUEST_ID, header);
    }
    response
}

/// Nothing that could forge a log line or break a header.
fn is_harmless(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !text.is_empty() && text.len() <= MAX_CHARS && text.bytes().all(safe)
}
