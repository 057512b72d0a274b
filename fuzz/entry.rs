//! What is fuzzed: whatever the bytes, nothing panics, nothing is an error of the server, and what was read can be
//! written and read again. Shared by the fuzz targets and the short random run of the tests.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Method, Request};
use http_body_util::Full;
use transcode::{Error, Resolved, Router, json};

use crate::library::{Kinds, Library, rest};

/// The JSON reader and writer.
pub fn json(data: &[u8]) {
    let Ok(message) = json::read::<Kinds>(data, 32) else { return };
    let written = json::write(&message).expect("what was read can be written");
    let again: Kinds = json::read(&written, 100).expect("what was written can be read");
    assert_eq!(json::write(&again).expect("as before"), written);
}

/// The parser of path templates.
pub fn template(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(transcode_build::check_template(text).is_err() || text.starts_with('/'));
    }
}

/// The query binder.
pub fn query(data: &[u8]) {
    if let Ok(uri) = http::Uri::try_from([b"/v1/kinds?", data].concat()) {
        call("/v1/kinds", uri);
    }
}

/// The percent decoder, by way of a path variable of one segment and one of several.
pub fn percent(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        call(&format!("/v1/files/{text}"), http::Uri::from_static("/"));
        call(&format!("/v1/covers/{text}"), http::Uri::from_static("/"));
    }
}

fn call(path: &str, uri: http::Uri) {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    let router = ROUTER.get_or_init(|| {
        Router::builder().service(rest::LibraryServiceRest(Arc::new(Library))).build().expect("the routes fit")
    });
    let Resolved::Found(found) = router.resolve(&Method::GET, path) else { return };
    let mut request = Request::new(Full::new(Bytes::new()));
    *request.uri_mut() = uri;
    let reply = router.call(found, request).now_or_never().expect("nothing waits");
    if let Err(Error::Status(status)) = reply {
        assert_eq!(status.code(), tonic::Code::NotFound, "{status}");
    }
}
