//! The body of a request: is it JSON, and at most so long? What the bytes mean is not known here.

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http_body::Body;
use http_body_util::{BodyExt as _, LengthLimitError};

use crate::failure::Failure;

/// Refuses every media type but JSON. Without a `Content-Type` a body is taken for JSON; forms and plain text are
/// refused, since browsers send them across origins without asking.
pub(crate) fn check_media_type(headers: &HeaderMap) -> Result<(), Failure> {
    let refuse = |message: &str| Err(Failure::UnsupportedMediaType { message: message.to_owned() });
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    if let Some(value) = types.next()
        && (types.next().is_some() || !value.to_str().is_ok_and(is_json))
    {
        return refuse("The body must be application/json in UTF-8.");
    }
    check_coding(headers)
}

/// Refuses compressed bodies.
pub(crate) fn check_coding(headers: &HeaderMap) -> Result<(), Failure> {
    let identity = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).iter().all(identity) {
        let message = "The body must not be compressed.".to_owned();
        return Err(Failure::UnsupportedMediaType { message });
    }
    Ok(())
}

/// `application/json` in any case, with any parameters but another charset than UTF-8.
fn is_json(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.filter(|part| !part.is_empty()).all(|part| match part.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            other => other.is_some(),
        })
}

/// Reads a body to its end, whatever its framing, unless it is longer than `limit` or takes longer than `timeout`.
pub(crate) async fn read<B>(body: B, limit: usize, timeout: Option<Duration>) -> Result<Bytes, Failure>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match timeout {
        None => read_all(body, limit).await,
        Some(timeout) => match tokio::time::timeout(timeout, read_all(body, limit)).await {
            Ok(read) => read,
            Err(_) => Err(Failure::BodyTimeout),
        },
    }
}

async fn read_all<B>(body: B, limit: usize) -> Result<Bytes, Failure>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let too_large = || Failure::PayloadTooLarge { limit };
    if body.size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let mut body = std::pin::pin!(body);
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.into() {
            source if source.is::<LengthLimitError>() => too_large(),
            source => Failure::BodyBroken { source },
        })?;
        let Ok(mut data) = frame.into_data() else { continue };
        if data.remaining() > limit - first.len() - all.len() {
            return Err(too_large());
        }
        // Most bodies arrive in one piece, which need not be copied.
        if first.is_empty() && all.is_empty() {
            first = data.copy_to_bytes(data.remaining());
        } else {
            all.extend_from_slice(&std::mem::take(&mut first));
            all.extend_from_slice(&data.copy_to_bytes(data.remaining()));
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use http::HeaderValue;
    use http_body::Frame;
    use http_body_util::{Empty, Full, Limited};

    use super::*;

    fn allowed(headers: &[(http::HeaderName, &'static str)]) -> bool {
        let pairs = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        pairs.for_each(|(name, value)| {
            map.append(name, value);
        });
        check_media_type(&map).is_ok()
    }

    #[test]
    fn json_is_the_only_media_type() {
        assert!(allowed(&[]));
        let good = [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json ; v=1 ; charset=Utf-8",
            "application/json;",
        ];
        for value in good {
            assert!(allowed(&[(CONTENT_TYPE, value)]), "{value}");
        }
        let bad = [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "application/problem+json",
            "application/json; charset=latin1",
            "application/json, text/plain",
            "text/plain; application/json",
            "json",
        ];
        for value in bad {
            assert!(!allowed(&[(CONTENT_TYPE, value)]), "{value}");
        }
        assert!(!allowed(&[(CONTENT_TYPE, "application/json"), (CONTENT_TYPE, "application/json")]));
    }

    #[test]
    fn compressed_bodies_are_refused() {
        assert!(allowed(&[(CONTENT_ENCODING, "identity")]));
        for value in ["gzip", "identity, gzip", "br", ""] {
            assert!(!allowed(&[(CONTENT_ENCODING, value)]), "{value}");
        }
    }

    /// A body of unknown length, in pieces; an empty piece is an error, and `pending` never ends.
    struct Pieces {
        rest: Vec<&'static [u8]>,
        pending: bool,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
            match self.rest.pop() {
                None if self.pending => Poll::Pending,
                None => Poll::Ready(None),
                Some(b"") => Poll::Ready(Some(Err("reset"))),
                Some(piece) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(piece))))),
            }
        }
    }

    fn pieces(pieces: &[&'static [u8]]) -> Pieces {
        Pieces { rest: pieces.iter().rev().copied().collect(), pending: false }
    }

    #[tokio::test]
    async fn the_limit_counts_what_arrives() {
        let read_pieces = async |parts: &[&'static [u8]], limit| read(pieces(parts), limit, None).await;
        assert_eq!(read_pieces(&[b"ab", b"c", b"def"], 6).await.ok().as_deref(), Some(&b"abcdef"[..]));
        assert!(matches!(read_pieces(&[b"ab", b"c", b"def"], 5).await, Err(Failure::PayloadTooLarge { limit: 5 })));
        assert!(matches!(read_pieces(&[b"a", b""], 5).await, Err(Failure::BodyBroken { .. })));
        assert_eq!(read_pieces(&[], 0).await.ok().as_deref(), Some(&b""[..]));
        assert!(read(Empty::<Bytes>::new(), 0, None).await.is_ok());
        let full = |text: &'static str| Full::new(Bytes::from_static(text.as_bytes()));
        assert!(read(full("abc"), 3, None).await.is_ok());
        assert!(matches!(read(full("abcd"), 3, None).await, Err(Failure::PayloadTooLarge { .. })));
        let limited = Limited::new(pieces(&[b"abc"]), 2);
        assert!(matches!(read(limited, 3, None).await, Err(Failure::PayloadTooLarge { .. })));
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_given_up() {
        let stalled = Pieces { rest: vec![b"a"], pending: true };
        let read = read(stalled, 9, Some(Duration::from_millis(5))).await;
        assert!(matches!(read, Err(Failure::BodyTimeout)));
    }
}
