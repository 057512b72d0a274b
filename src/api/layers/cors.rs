//! Which web pages may call from a browser (the Fetch standard, "CORS protocol"). Pages of other origins get no answer to
//! read; programs that are no browsers do not notice.
//!
//! Credentials of the browser are never asked for: a caller shows its key in `Authorization`, which the page must set.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");

/// What a page may send: our own headers, and those of gRPC-Web clients.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Request-Timeout, X-Request-Id, \
     Grpc-Timeout, X-Grpc-Web, X-User-Agent, Traceparent, Tracestate",
);

/// What a page may read beyond the body.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, ETag, Location, Retry-After, Idempotent-Replayed, X-Request-Id, \
     Allow, WWW-Authenticate",
);

/// How long a browser may remember a permission, in seconds. Chromium takes no more.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The origins whose pages may call.
#[derive(Debug, Clone)]
pub struct Origins(Arc<[HeaderValue]>);

impl Origins {
    /// Takes origins as browsers write them.
    #[must_use]
    pub fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok()).collect())
    }
}

/// Answers preflights of known pages, before anything else looks at them, and lets known pages read every answer.
pub async fn layer(State(Origins(known)): State<Origins>, request: Request, next: Next) -> Response {
    if known.is_empty() {
        return next.run(request).await;
    }
    let origin = request.headers().get(ORIGIN).filter(|origin| known.contains(origin)).cloned();
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks && origin.is_some() { preflight() } else { next.run(request).await };
    let headers = response.headers_mut();
    // A cache must not show the answer for one page to another.
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    }
    response
}

fn preflight() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use tower::ServiceExt as _;

    use super::*;

    const PAGE: &str = "https://app.example.com";

    /// Behind the layer, everything is refused.
    async fn send(origins: &[&str], method: Method, headers: &[(&str, &str)]) -> Response {
        let origins: Vec<_> = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let refuse = || async { (StatusCode::UNAUTHORIZED, [(VARY, "Authorization")]) };
        let router = Router::new().fallback(refuse).layer(from_fn_with_state(Origins::new(&origins), layer));
        let mut request = Request::builder().method(method).uri("/v1/orders");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router.oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer")
    }

    fn all<'r>(response: &'r Response, name: &str) -> Vec<&'r str> {
        response.headers().get_all(name).iter().map(|value| value.to_str().expect("text")).collect()
    }

    #[tokio::test]
    async fn preflights_of_known_pages_are_answered() {
        let asks = [("origin", PAGE), ("access-control-request-method", "POST")];
        let response = send(&[PAGE], Method::OPTIONS, &asks).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(all(&response, "access-control-allow-origin"), [PAGE]);
        assert!(all(&response, "access-control-allow-headers")[0].contains("Idempotency-Key"));
        assert_eq!(all(&response, "vary"), ["Origin"]);
        assert!(all(&response, "access-control-allow-credentials").is_empty());
    }

    #[tokio::test]
    async fn refusals_can_be_read_too() {
        let response = send(&["http://other", PAGE], Method::GET, &[("origin", PAGE)]).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(all(&response, "access-control-allow-origin"), [PAGE]);
        assert!(all(&response, "access-control-expose-headers")[0].contains("Grpc-Status-Details-Bin"));
        assert_eq!(all(&response, "vary"), ["Authorization", "Origin"]);
    }

    #[tokio::test]
    async fn others_get_no_leave() {
        let asks = [("origin", "https://evil.example.com"), ("access-control-request-method", "POST")];
        for method in [Method::OPTIONS, Method::POST] {
            let response = send(&[PAGE], method, &asks).await;
            assert_eq!(
                (response.status(), all(&response, "vary")),
                (StatusCode::UNAUTHORIZED, vec!["Authorization", "Origin"])
            );
            assert!(all(&response, "access-control-allow-origin").is_empty());
        }
        let response = send(&[], Method::OPTIONS, &[("origin", PAGE), ("access-control-request-method", "POST")]).await;
        assert_eq!((response.status(), all(&response, "vary")), (StatusCode::UNAUTHORIZED, vec!["Authorization"]));
    }
}
