//! Headers that every answer has.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, VARY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};

use crate::api::edge::Target;
use crate::contract::policy::Kind;

/// Adds what is not there: how it may be cached, and that browsers must take it for what it says it is.
pub async fn layer(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let method = response.extensions().get::<Target>().and_then(|target| target.method);
    let is_read = method.is_some_and(|method| method.kind == Kind::Read)
        && [StatusCode::OK, StatusCode::NOT_MODIFIED].contains(&response.status());
    let cache = if is_read { "private, no-cache" } else { "no-store" };
    let headers = response.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(cache));
    // What one caller sees of a thing, another one may not: the etag is that of what was seen.
    if is_read || headers.contains_key(ETAG) {
        headers.entry(VARY).or_insert(HeaderValue::from_static("Authorization"));
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}
