//! One call: from a request that has a route and a body to the answer, through the trait method of the service.

use std::collections::HashMap;
use std::pin::Pin;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Extensions, Response};
use tonic::codegen::tokio_stream::Stream;
use tonic::metadata::MetadataMap;

use crate::bind::{self, Input};
use crate::failure::Error;
use crate::json::{Fields, ProtoJson, Style};
use crate::matcher::Match;
use crate::reply::{self, ReplyBody};
use crate::route::Route;
use crate::stream::{self, RenderError, StreamFormat, StreamOptions, Streaming};

/// A service as `transcode-build` wraps it.
pub trait Service: Send + Sync + 'static {
    /// Every HTTP binding of every method.
    fn routes(&self) -> &'static [Route];

    /// Calls the method with that index, see [`Route::method`].
    fn call<'a>(&'a self, method: usize, call: Call<'a>) -> Reply<'a>;
}

/// The answer to come.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Response<ReplyBody>, Error>> + Send + 'a>>;

/// What the host decided for every call.
pub(crate) struct Limits {
    pub(crate) max_depth: usize,
    /// Query parameters that are nobody's business here.
    pub(crate) ignored: Vec<String>,
    pub(crate) style: Style,
    /// By gRPC path.
    pub(crate) streams: HashMap<String, StreamOptions>,
    pub(crate) render: RenderError,
}

/// A request on its way to its method.
pub struct Call<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) matched: Match,
    pub(crate) metadata: MetadataMap,
    pub(crate) parts: http::request::Parts,
    pub(crate) body: Bytes,
}

impl<'a> Call<'a> {
    /// Binds the request, calls `method`, writes its reply.
    pub async fn unary<M, R, F, A>(self, method: F) -> Result<Response<ReplyBody>, Error>
    where
        M: ProtoJson + Fields,
        R: ProtoJson + Fields,
        F: FnOnce(tonic::Request<M>) -> A,
        A: Future<Output = Result<tonic::Response<R>, tonic::Status>>,
    {
        let (style, matched) = (self.limits.style, self.matched.clone());
        let reply = method(self.request()?).await?;
        reply::answer(&matched, style, reply)
    }

    /// Binds the request, calls `method`, writes the messages of its reply as they come.
    pub async fn stream<M, R, S, F, A>(self, method: F) -> Result<Response<ReplyBody>, Error>
    where
        M: ProtoJson + Fields,
        R: ProtoJson + Fields + Send + 'static,
        S: Stream<Item = Result<R, tonic::Status>> + Send + 'static,
        F: FnOnce(tonic::Request<M>) -> A,
        A: Future<Output = Result<tonic::Response<S>, tonic::Status>>,
    {
        let options = self.limits.streams.get(self.matched.route.rpc).cloned().unwrap_or_default();
        let raw = self.matched.route.raw_reply;
        let negotiate = || StreamFormat::negotiate(&self.parts.headers, options.format);
        let format = if raw { None } else { Some(negotiate()?) };
        let streaming = Streaming {
            format,
            options,
            style: self.limits.style,
            render: self.limits.render.clone(),
            extensions: self.parts.extensions.clone(),
            head: self.matched.head,
        };
        let reply = method(self.request()?).await?;
        stream::answer(reply, streaming).await
    }

    fn request<M: ProtoJson + Fields>(self) -> Result<tonic::Request<M>, Error> {
        let Self { limits, matched, metadata, mut parts, body } = self;
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let input = Input { captures: &matched.captures, query: parts.uri.query(), body: &body, content_type };
        let bound = bind::bind(matched.route, input, limits)?;
        if let Some(present) = bound.present {
            parts.extensions.insert(present);
        }
        Ok(tonic::Request::from_parts(metadata, parts.extensions, bound.message))
    }

    /// What a service answers for a method it does not have; generated code never gets there.
    #[must_use]
    pub fn unknown_method(self) -> Reply<'a> {
        let message = format!("{} has no method {}", self.matched.route.rpc, self.matched.route.method);
        Box::pin(std::future::ready(Err(tonic::Status::internal(message).into())))
    }
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("rpc", &self.matched.route.rpc).finish_non_exhaustive()
    }
}

/// Unless the host renders it: the gRPC code and the message.
pub(crate) fn plain_error(status: &tonic::Status, _: &Extensions) -> Vec<u8> {
    let mut out = crate::json::Writer::new(&[], Style::default());
    out.plain_error(i32::from(status.code()), status.message());
    out.into_bytes()
}
