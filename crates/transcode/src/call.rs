//! One call: from a request that has a route and a body to the answer, through the trait method of the service.

use std::pin::Pin;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use tonic::metadata::MetadataMap;

use crate::bind::{self, Input};
use crate::failure::Error;
use crate::headers;
use crate::json::{self, Fields, ProtoJson};
use crate::matcher::Match;
use crate::route::Route;

/// A service as `transcode-build` wraps it.
pub trait Service: Send + Sync + 'static {
    /// Every HTTP binding of every method.
    fn routes(&self) -> &'static [Route];

    /// Calls the method with that index, see [`Route::method`].
    fn call<'a>(&'a self, method: usize, call: Call<'a>) -> Reply<'a>;
}

/// The answer to come.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Error>> + Send + 'a>>;

/// What bounds every call.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) max_depth: usize,
}

/// A request on its way to its method.
#[derive(Debug)]
pub struct Call<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) matched: Match,
    pub(crate) metadata: MetadataMap,
    pub(crate) parts: http::request::Parts,
    pub(crate) body: Bytes,
}

impl<'a> Call<'a> {
    /// Binds the request, calls `method`, writes its reply.
    pub async fn unary<M, R, F, A>(self, method: F) -> Result<Response<Bytes>, Error>
    where
        M: ProtoJson + Fields,
        R: ProtoJson,
        F: FnOnce(tonic::Request<M>) -> A,
        A: Future<Output = Result<tonic::Response<R>, tonic::Status>>,
    {
        let Self { limits, matched, metadata, parts, body } = self;
        let input = Input { captures: &matched.captures, query: parts.uri.query(), body: &body };
        let message = bind::bind(matched.route, input, limits.max_depth)?;
        drop(body);
        let reply = method(tonic::Request::from_parts(metadata, parts.extensions, message)).await?;
        answer(&matched, reply)
    }

    /// What a service answers for a method it does not have; generated code never gets there.
    #[must_use]
    pub fn unknown_method(self) -> Reply<'a> {
        let message = format!("{} has no method {}", self.matched.route.rpc, self.matched.route.method);
        Box::pin(std::future::ready(Err(tonic::Status::internal(message).into())))
    }
}

/// The reply as HTTP: status 200, unless an extension of the reply names another.
fn answer<R: ProtoJson>(matched: &Match, reply: tonic::Response<R>) -> Result<Response<Bytes>, Error> {
    let (metadata, message, mut extensions) = reply.into_parts();
    let status = extensions.remove::<StatusCode>().filter(|status| !status.is_informational());
    let status = status.unwrap_or(StatusCode::OK);
    let mut headers = headers::from_metadata(metadata);
    let body = if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        Bytes::new()
    } else {
        let json = json::write(&message).map_err(tonic::Status::from)?;
        describe(&mut headers, json.len(), matched.head);
        if matched.head { Bytes::new() } else { json.into() }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    *response.extensions_mut() = extensions;
    Ok(response)
}

/// A `HEAD` has no body to take the length from.
fn describe(headers: &mut HeaderMap, length: usize, head: bool) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if head {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}
