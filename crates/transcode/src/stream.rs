//! A stream of messages as HTTP: one frame per message, in the format that the client accepts, and the failure that
//! ends a stream in the stream itself where the format can tell it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{Extensions, HeaderMap, HeaderValue, Response};
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;
use tonic::codegen::tokio_stream::{Stream, StreamExt as _};

use crate::accept;
use crate::failure::{Error, Failure};
use crate::headers;
use crate::json::{self, Fields, ProtoJson, Style};
use crate::reply::{Aborted, JSON, ReplyBody, media_type};

/// A failure before the first message is a status of its own, if it comes within this time; a stream that has nothing
/// to say yet is opened.
const FIRST_MESSAGE: Duration = Duration::from_millis(250);

/// How a stream is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamFormat {
    /// `application/x-ndjson`: one message a line.
    Lines,
    /// `application/json`: one array.
    Array,
    /// `text/event-stream`: one event a message.
    Events,
}

/// Renders the failure that ends a stream, as a JSON value on one line.
pub(crate) type RenderError = Arc<dyn Fn(&Status, &Extensions) -> Vec<u8> + Send + Sync>;

/// How the streams of one method are written.
#[derive(Debug, Clone)]
pub(crate) struct StreamOptions {
    pub(crate) format: StreamFormat,
    /// The field of a message that identifies its event, in proto names.
    pub(crate) event_id: Option<String>,
    pub(crate) keep_alive: Duration,
}

impl Default for StreamOptions {
    fn default() -> Self {
        Self { format: StreamFormat::Lines, event_id: None, keep_alive: Duration::from_secs(15) }
    }
}

impl StreamFormat {
    const ALL: [Self; 3] = [Self::Lines, Self::Array, Self::Events];

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Lines => {
                &["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"]
            }
            Self::Array => &["application/json"],
            Self::Events => &["text/event-stream"],
        }
    }

    /// What the client wants, or the default of the method.
    pub(crate) fn negotiate(headers: &HeaderMap, default: Self) -> Result<Self, Failure> {
        let mut offers = vec![default];
        offers.extend(Self::ALL.into_iter().filter(|format| *format != default));
        let names: Vec<&[&str]> = offers.iter().map(|format| format.names()).collect();
        let chosen = accept::choose(headers, &names).and_then(|index| offers.get(index).copied());
        chosen.ok_or_else(|| Failure::NotAcceptable {
            message: "The stream can be had as application/x-ndjson, application/json or text/event-stream.".to_owned(),
        })
    }

    fn content_type(self) -> HeaderValue {
        match self {
            Self::Lines => HeaderValue::from_static("application/x-ndjson"),
            Self::Array => JSON,
            Self::Events => HeaderValue::from_static("text/event-stream"),
        }
    }
}

/// What the writing of a stream needs to know.
pub(crate) struct Streaming {
    /// Nothing for raw bodies, which are not negotiated.
    pub(crate) format: Option<StreamFormat>,
    pub(crate) options: StreamOptions,
    pub(crate) style: Style,
    pub(crate) render: RenderError,
    pub(crate) extensions: Extensions,
    pub(crate) head: bool,
}

/// The reply as HTTP, opened when its first message is there.
pub(crate) async fn answer<S, R>(reply: tonic::Response<S>, streaming: Streaming) -> Result<Response<ReplyBody>, Error>
where
    S: Stream<Item = Result<R, Status>> + Send + 'static,
    R: ProtoJson + Fields + Send + 'static,
{
    let (metadata, stream, extensions) = reply.into_parts();
    let mut headers = headers::from_metadata(metadata, streaming.format.is_none());
    // A stream that has ended is asked once more when the body is read.
    let mut stream: Messages<R> = Box::pin(stream.fuse());
    let first = match tokio::time::timeout(FIRST_MESSAGE, stream.next()).await {
        Ok(Some(Err(status))) => return Err(status.into()),
        Ok(Some(Ok(message))) => First::Message(message),
        Ok(None) => First::End,
        Err(_) => First::Unknown,
    };
    let (body, content_type) = open(first, stream, streaming).await?;
    headers.insert(CONTENT_TYPE, content_type.clone());
    if content_type == "text/event-stream" && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    let mut response = Response::new(body);
    *response.headers_mut() = headers;
    *response.extensions_mut() = extensions;
    response.extensions_mut().remove::<http::StatusCode>();
    Ok(response)
}

type Messages<R> = Pin<Box<dyn Stream<Item = Result<R, Status>> + Send>>;

enum First<R> {
    Message(R),
    End,
    Unknown,
}

async fn open<R>(
    first: First<R>,
    mut stream: Messages<R>,
    streaming: Streaming,
) -> Result<(ReplyBody, HeaderValue), Error>
where
    R: ProtoJson + Fields + Send + 'static,
{
    let head = streaming.head;
    let mut content_type = streaming.format.map(StreamFormat::content_type);
    let mut first = match first {
        First::Message(message) => Some(message),
        // The content type of a raw stream is that of its first message, however late that is.
        First::Unknown if content_type.is_none() => stream.next().await.transpose()?,
        First::Unknown | First::End => None,
    };
    if content_type.is_none() {
        content_type =
            first.as_mut().and_then(|message| message.raw_body(None)).map(|raw| media_type(raw.content_type()));
    }
    let content_type = content_type.unwrap_or_else(|| media_type(""));
    let body =
        if head { ReplyBody::whole(Bytes::new()) } else { ReplyBody::stream(Frames::new(first, stream, streaming)) };
    Ok((body, content_type))
}

/// Writes messages as they come. Dropped with the connection, and the service's stream with it.
struct Frames<R> {
    first: Option<R>,
    stream: Messages<R>,
    streaming: Streaming,
    written: usize,
    done: bool,
    aborting: bool,
    alive: Pin<Box<Sleep>>,
}

impl<R: ProtoJson + Fields> Frames<R> {
    fn new(first: Option<R>, stream: Messages<R>, streaming: Streaming) -> Self {
        let alive = Box::pin(sleep(streaming.options.keep_alive));
        Self { first, stream, streaming, written: 0, done: false, aborting: false, alive }
    }

    fn message(&mut self, mut message: R) -> Result<Vec<u8>, Status> {
        let Some(format) = self.streaming.format else {
            return Ok(message.raw_body(None).map(|raw| raw.take_data().to_vec()).unwrap_or_default());
        };
        let json = json::write_as(&message, self.streaming.style).map_err(Status::from)?;
        let mut out = Vec::with_capacity(json.len() + 16);
        match format {
            StreamFormat::Lines => {
                out.extend(json);
                out.push(b'\n');
            }
            StreamFormat::Array => {
                out.push(if self.written == 0 { b'[' } else { b',' });
                out.extend(json);
            }
            StreamFormat::Events => {
                if let Some(id) = self.event_id(&json) {
                    out.extend(format!("id: {id}\n").into_bytes());
                }
                out.extend(b"data: ");
                out.extend(json);
                out.extend(b"\n\n");
            }
        }
        self.written += 1;
        Ok(out)
    }

    /// An id with a line break would end its line, and one with NUL is ignored by clients (WHATWG, 9.2.6).
    fn event_id(&self, json: &[u8]) -> Option<String> {
        let path = self.streaming.options.event_id.as_deref()?;
        let id = json::text_at(std::str::from_utf8(json).ok()?, path)?;
        Some(id).filter(|id| !id.is_empty() && !id.contains(['\n', '\r', '\0']))
    }

    fn end(&mut self) -> Option<Vec<u8>> {
        self.done = true;
        let open: &[u8] = if self.written == 0 { b"[]" } else { b"]" };
        (self.streaming.format == Some(StreamFormat::Array)).then(|| open.to_vec())
    }

    /// The last frame of a stream that failed; an array and raw bytes have no place for it.
    fn failure(&mut self, status: &Status) -> Result<Vec<u8>, Aborted> {
        self.done = true;
        let rendered = (self.streaming.render)(status, &self.streaming.extensions);
        match self.streaming.format {
            Some(StreamFormat::Lines) => Ok([rendered.as_slice(), b"\n"].concat()),
            Some(StreamFormat::Events) => Ok([b"event: error\ndata: ", rendered.as_slice(), b"\n\n"].concat()),
            Some(StreamFormat::Array) | None => Err(Aborted),
        }
    }

    fn frame(&mut self, item: Option<Result<R, Status>>) -> Option<Result<Vec<u8>, Aborted>> {
        let written = match item {
            None => return self.end().map(Ok),
            Some(Ok(message)) => self.message(message),
            Some(Err(status)) => Err(status),
        };
        Some(written.or_else(|status| self.failure(&status)))
    }
}

impl<R: ProtoJson + Fields> Unpin for Frames<R> {}

impl<R: ProtoJson + Fields> Body for Frames<R> {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        if self.done {
            return Poll::Ready(std::mem::take(&mut self.aborting).then_some(Err(Aborted)));
        }
        let item = match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => self.stream.as_mut().poll_next(cx),
        };
        let period = self.streaming.options.keep_alive;
        match item {
            Poll::Ready(item) => {
                self.alive.as_mut().reset(Instant::now() + period);
                let frame = self.frame(item);
                if matches!(frame, Some(Err(Aborted))) {
                    // What came before it gets out first.
                    self.aborting = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(frame.map(|frame| frame.map(|bytes| Frame::data(bytes.into()))))
            }
            // A comment keeps proxies from taking a quiet stream for a dead one.
            Poll::Pending if self.streaming.format == Some(StreamFormat::Events) => {
                std::task::ready!(self.alive.as_mut().poll(cx));
                self.alive.as_mut().reset(Instant::now() + period);
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b":\n\n")))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
