//! Which headers travel: an allow-list from the request into the metadata, all but the protocol's own from the
//! metadata into the response.

use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, IF_MATCH, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderName};
use tonic::metadata::MetadataMap;

/// What a service may see of the request headers unless the host adds more.
pub(crate) fn default_forwarded() -> Vec<HeaderName> {
    let named = ["traceparent", "tracestate", "baggage", "x-request-id", "idempotency-key", "last-event-id"];
    let mut all = vec![AUTHORIZATION, ACCEPT_LANGUAGE, USER_AGENT, IF_MATCH, IF_NONE_MATCH];
    all.extend(named.map(HeaderName::from_static));
    all
}

/// Belongs to gRPC itself, never to an HTTP client: `grpc-timeout` and its kin, and binary metadata.
pub(crate) fn is_grpc(name: &HeaderName) -> bool {
    name.as_str().starts_with("grpc-") || name.as_str().ends_with("-bin")
}

/// The metadata of a call: the headers of the allow-list, every value of each, but nothing that `Connection` names
/// (RFC 9110, 7.6.1).
pub(crate) fn to_metadata(headers: &HeaderMap, forwarded: &[HeaderName]) -> MetadataMap {
    let hop = |name: &HeaderName| {
        let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case(name.as_str()))
    };
    let mut metadata = HeaderMap::new();
    for name in forwarded {
        if hop(name) {
            continue;
        }
        for value in headers.get_all(name) {
            metadata.append(name.clone(), value.clone());
        }
    }
    MetadataMap::from_headers(metadata)
}

/// The response headers: the metadata under its plain names, every value of each. Raw bytes may be encoded; only their service
/// knows how.
pub(crate) fn from_metadata(metadata: MetadataMap, raw: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &metadata.into_headers() {
        let is_told = raw && name == CONTENT_ENCODING;
        if is_told || !is_grpc(name) && !is_framing(name) {
            headers.append(name.clone(), value.clone());
        }
    }
    headers
}

/// Hop-by-hop headers and those that the answer sets itself.
fn is_framing(name: &HeaderName) -> bool {
    const OWN: [&str; 14] = [
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    ];
    OWN.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), http::HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn only_the_allow_list_goes_in() {
        let headers = map(&[
            ("authorization", "Bearer x"),
            ("baggage", "a=1"),
            ("baggage", "b=2"),
            ("cookie", "c"),
            ("grpc-timeout", "1S"),
            ("x-request-id", "r"),
            ("connection", "close, X-Request-Id"),
        ]);
        let metadata = to_metadata(&headers, &default_forwarded()).into_headers();
        assert_eq!(metadata, map(&[("authorization", "Bearer x"), ("baggage", "a=1"), ("baggage", "b=2")]));
    }

    #[test]
    fn the_protocol_stays_out_of_the_answer() {
        let metadata = MetadataMap::from_headers(map(&[
            ("etag", "\"v1\""),
            ("set-cookie", "a"),
            ("set-cookie", "b"),
            ("grpc-status", "0"),
            ("x-bin", "AA"),
            ("content-length", "3"),
            ("content-type", "application/grpc"),
            ("transfer-encoding", "chunked"),
            ("content-encoding", "gzip"),
        ]));
        let told = [("etag", "\"v1\""), ("set-cookie", "a"), ("set-cookie", "b")];
        assert_eq!(from_metadata(metadata.clone(), false), map(&told), "JSON is not encoded");
        let raw = [&told[..], &[("content-encoding", "gzip")]].concat();
        assert_eq!(from_metadata(metadata, true), map(&raw), "raw bytes may be");
    }
}
