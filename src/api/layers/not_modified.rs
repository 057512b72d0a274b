//! `If-None-Match` on a GET or HEAD of one thing: who has the current state is told so, and nothing more (RFC 9110, section 13.1.2).

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, header};

use crate::domain::etag::unquoted;

/// Turns an answer that the client has already into a 304.
pub async fn layer(request: Request, next: Next) -> Response {
    let known = [Method::GET, Method::HEAD].contains(request.method()).then(|| request.headers().clone());
    let response = next.run(request).await;
    let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
    let is_known = match (known, etag) {
        (Some(headers), Some(etag)) => response.status() == StatusCode::OK && is_listed(&headers, etag),
        _ => false,
    };
    if is_known { not_modified(response) } else { response }
}

/// Compares weakly: what the client holds may stand for the same state. Bare etags are read too.
fn is_listed(headers: &HeaderMap, etag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let mut known = lines.flat_map(|line| line.split(',')).map(|listed| {
        let listed = listed.trim();
        (listed, unquoted(listed.strip_prefix("W/").unwrap_or(listed)))
    });
    known.any(|(listed, known)| listed == "*" || known == unquoted(etag))
}

/// Headers stay, but those of the body go with it.
fn not_modified(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn one_match_is_enough() {
        for (line, expected) in [
            ("\"v7\"", true),
            ("W/\"v7\"", true),
            ("v7", true),
            ("*", true),
            ("\"v6\", \"v7\"", true),
            ("\"v6\"", false),
            ("\"v7", false),
            ("\"*\"", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(line));
            assert_eq!(is_listed(&headers, "\"v7\""), expected, "{line}");
        }
        assert!(!is_listed(&HeaderMap::new(), "\"v7\""));
    }
}
