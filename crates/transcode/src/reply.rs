//! The answer as HTTP: one JSON value, or the bytes of a `google.api.HttpBody`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use crate::failure::Error;
use crate::headers;
use crate::json::{self, Fields, ProtoJson, Style};
use crate::matcher::Match;

/// The media type of every JSON answer.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// A body of an answer: whole, or a stream with one frame per message.
pub struct ReplyBody(Inner);

enum Inner {
    Whole(Option<Bytes>),
    Stream(Pin<Box<dyn Body<Data = Bytes, Error = Aborted> + Send>>),
}

/// A stream failed in a format that cannot tell it; the transport must break off, so that nobody takes what came for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aborted;

impl ReplyBody {
    /// A body of these bytes.
    pub fn whole(bytes: impl Into<Bytes>) -> Self {
        Self(Inner::Whole(Some(bytes.into()).filter(|bytes| !bytes.is_empty())))
    }

    pub(crate) fn stream(body: impl Body<Data = Bytes, Error = Aborted> + Send + 'static) -> Self {
        Self(Inner::Stream(Box::pin(body)))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match &mut self.0 {
            Inner::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Inner::Stream(body) => body.as_mut().poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Whole(bytes) => bytes.is_none(),
            Inner::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX)))
            }
            Inner::Stream(_) => SizeHint::default(),
        }
    }
}

impl fmt::Debug for ReplyBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Whole(bytes) => f.debug_tuple("Whole").field(&bytes.as_ref().map_or(0, Bytes::len)).finish(),
            Inner::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream failed")
    }
}

impl std::error::Error for Aborted {}

/// The reply as HTTP: status 200, unless an extension of the reply names another.
pub(crate) fn answer<R: ProtoJson + Fields>(
    matched: &Match,
    style: Style,
    reply: tonic::Response<R>,
) -> Result<Response<ReplyBody>, Error> {
    let (metadata, mut message, mut extensions) = reply.into_parts();
    let status = extensions.remove::<StatusCode>().filter(|status| !status.is_informational());
    let status = status.unwrap_or(StatusCode::OK);
    let mut headers = headers::from_metadata(metadata, matched.route.raw_reply);
    let mut body = Bytes::new();
    if !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        let (content_type, bytes) = content(matched, style, &mut message)?;
        describe(&mut headers, content_type, bytes.len(), matched.head);
        if !matched.head {
            body = bytes;
        }
    }
    let mut response = Response::new(ReplyBody::whole(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    *response.extensions_mut() = extensions;
    Ok(response)
}

fn content<R: ProtoJson + Fields>(
    matched: &Match,
    style: Style,
    message: &mut R,
) -> Result<(HeaderValue, Bytes), Error> {
    let field = matched.route.response_body.and_then(|name| R::schema().named(name)).map(|(index, _)| index);
    if let Some(raw) = message.raw_body(field) {
        return Ok((media_type(raw.content_type()), raw.take_data()));
    }
    let json = match field {
        Some(field) => json::write_one_field(message, field, style),
        None => json::write_as(message, style),
    };
    Ok((JSON, json.map_err(tonic::Status::from)?.into()))
}

/// The media type of a raw body; bytes when the service did not tell one that fits into a header.
pub(crate) fn media_type(text: &str) -> HeaderValue {
    let told = HeaderValue::try_from(text).ok().filter(|value| !value.is_empty());
    told.unwrap_or_else(|| HeaderValue::from_static("application/octet-stream"))
}

/// A `HEAD` has no body to take the length from.
fn describe(headers: &mut HeaderMap, content_type: HeaderValue, length: usize, head: bool) {
    headers.insert(CONTENT_TYPE, content_type);
    if head {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}
