//! What a request's head may be: how large, and that it says one thing only. Bodies are bounded where they are read.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{Version, header};

use super::RequestId;
use crate::api::{Failure, Wire, refuse};
use crate::contract::pb::ErrorCode;

const MAX_URI_BYTES: usize = 8 * 1024;
const MAX_HEADERS: usize = 64;
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// A field costs 32 bytes beside its name and value, as HTTP/2 counts (RFC 9113, section 6.5.2).
const FIELD_OVERHEAD: usize = 32;

/// Refuses heads that are too large.
pub async fn layer(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        Err(code) => refuse(Wire::of(request.headers()), Failure::from(code), &RequestId::of(&request)),
    }
}

fn check(request: &Request) -> Result<(), ErrorCode> {
    if is_ambiguous(request) {
        return Err(ErrorCode::MalformedRequest);
    }
    let uri = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if uri > MAX_URI_BYTES {
        return Err(ErrorCode::UriTooLong);
    }
    let headers = request.headers();
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + FIELD_OVERHEAD).sum();
    if headers.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(ErrorCode::HeadersTooLarge);
    }
    Ok(())
}

/// A body with two lengths, or a request for no host, means one thing to a proxy and another to us (RFC 9112, sections 3.2
/// and 6.3).
fn is_ambiguous(request: &Request) -> bool {
    let headers = request.headers();
    let lengths = headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH);
    request.version() == Version::HTTP_11 && (lengths || headers.get_all(header::HOST).iter().count() != 1)
}
