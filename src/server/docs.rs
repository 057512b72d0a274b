//! The contract for people: `/openapi.json`, and two pages that show it: Swagger UI at `/docs` and `ReDoc` at `/redoc`.
//!
//! Everything is embedded, needs no key, and the pages may load nothing from anywhere else.

use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use super::probes::method_not_allowed;
use crate::published::OPENAPI;

/// The same for everybody, and asked for again now and then: a new version of the service may have another document.
const CACHE: &str = "public, max-age=300";

/// Only our own files; both pages bring their styles in without text, and that is all the hash (of nothing) allows.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src 'self' data:; font-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// One embedded file.
struct File {
    path: &'static str,
    kind: &'static str,
    content: &'static [u8],
    /// Browsers all read gzip, and nobody else wants scripts.
    packed: bool,
    etag: String,
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    vec![
        file("/openapi.json", "application/json", OPENAPI.as_bytes(), false),
        file("/docs", HTML, include_bytes!("../../assets/docs/swagger-ui/index.html"), false),
        file("/docs/init.js", SCRIPT, include_bytes!("../../assets/docs/swagger-ui/init.js"), false),
        file(
            "/docs/swagger-ui-bundle.js",
            SCRIPT,
            include_bytes!("../../assets/docs/swagger-ui/swagger-ui-bundle.js.gz"),
            true,
        ),
        file(
            "/docs/swagger-ui.css",
            "text/css; charset=utf-8",
            include_bytes!("../../assets/docs/swagger-ui/swagger-ui.css.gz"),
            true,
        ),
        file("/redoc", HTML, include_bytes!("../../assets/docs/redoc/index.html"), false),
        file("/redoc/init.js", SCRIPT, include_bytes!("../../assets/docs/redoc/init.js"), false),
        file(
            "/redoc/redoc.standalone.js",
            SCRIPT,
            include_bytes!("../../assets/docs/redoc/redoc.standalone.js.gz"),
            true,
        ),
    ]
});

fn file(path: &'static str, kind: &'static str, content: &'static [u8], packed: bool) -> File {
    let hex: Vec<_> = Sha256::digest(content).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    File { path, kind, content, packed, etag: format!("\"{}\"", hex.concat()) }
}

/// The routes of all files.
pub(super) fn routes() -> Router {
    let add = |router: Router, file: &'static File| router.route(file.path, get(serve).with_state(file));
    FILES.iter().fold(Router::new(), add).method_not_allowed_fallback(method_not_allowed)
}

async fn serve(State(file): State<&'static File>, headers: HeaderMap) -> Response {
    let etag = file.etag.as_str();
    let mut response = Response::new(Body::empty());
    if is_known(&headers, etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(Bytes::from_static(file.content));
        set(&mut response, header::CONTENT_TYPE, file.kind);
        if file.packed {
            set(&mut response, header::CONTENT_ENCODING, "gzip");
        }
        if file.kind == HTML {
            set(&mut response, header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
            set(&mut response, header::REFERRER_POLICY, "no-referrer");
        }
    }
    set(&mut response, header::CACHE_CONTROL, CACHE);
    if let Ok(etag) = HeaderValue::try_from(etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
}

/// `If-None-Match` compares weakly (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let sent = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = sent.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn get(path: &str, tag: Option<&str>) -> Response {
        let mut request = Request::get(path);
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        routes().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer")
    }

    #[tokio::test]
    async fn a_known_document_is_not_sent_again() {
        let first = get("/openapi.json", None).await;
        assert_eq!(
            (first.status(), &first.headers()[header::CACHE_CONTROL]),
            (StatusCode::OK, &HeaderValue::from_static(CACHE))
        );
        let tag = first.headers()[header::ETAG].to_str().expect("text").to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = get("/openapi.json", Some(&known)).await;
            assert_eq!(
                (again.status(), &again.headers()[header::ETAG]),
                (StatusCode::NOT_MODIFIED, &first.headers()[header::ETAG])
            );
        }
        assert_eq!(get("/openapi.json", Some("\"x\"")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn pages_load_nothing_from_elsewhere() {
        for file in FILES.iter().filter(|file| file.kind == HTML) {
            let response = get(file.path, None).await;
            assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], PAGE_POLICY);
            let text = std::str::from_utf8(file.content).expect("UTF-8");
            for part in text.split('"').filter(|part| part.contains('/') && !part.contains('<')) {
                assert!(!part.contains(':') && !part.starts_with('/'), "{part} in {}", file.path);
                assert_eq!(get(&format!("/{part}"), None).await.status(), StatusCode::OK, "{part}");
            }
        }
    }
}
