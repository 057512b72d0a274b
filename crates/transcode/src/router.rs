//! All services behind one door: built once at start, it finds routes and makes calls.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{Extensions, HeaderName, Method, Request, Response};
use http_body::Body as HttpBody;

use crate::body;
use crate::call::{self, Call, Limits, Service};
use crate::failure::Error;
use crate::headers;
use crate::json::{self, Style};
use crate::matcher::{Conflict, Match, Matcher, Resolved};
use crate::reply::ReplyBody;
use crate::route::{Body, Route};
use crate::stream::StreamFormat;

/// Finds the route of a request and makes the call. Cheap to clone.
#[derive(Clone)]
pub struct Router {
    inner: Arc<Inner>,
}

struct Inner {
    services: Vec<Box<dyn Service>>,
    matcher: Matcher,
    limits: Limits,
    forwarded: Vec<HeaderName>,
    max_body: usize,
    /// By gRPC path.
    max_bodies: HashMap<String, usize>,
    body_timeout: Option<Duration>,
}

impl Router {
    /// A router without services.
    pub fn builder() -> RouterBuilder {
        RouterBuilder {
            services: Vec::new(),
            limits: Limits {
                max_depth: json::DEFAULT_MAX_DEPTH,
                ignored: Vec::new(),
                style: Style::default(),
                streams: HashMap::new(),
                render: Arc::new(call::plain_error),
            },
            forwarded: headers::default_forwarded(),
            max_body: RouterBuilder::DEFAULT_MAX_BODY,
            max_bodies: HashMap::new(),
            body_timeout: None,
        }
    }

    /// Which RPC does this request mean? Pure; `path` is the raw request path, without its query.
    #[must_use]
    pub fn resolve(&self, method: &Method, path: &str) -> Resolved {
        self.inner.matcher.resolve(method, path)
    }

    /// Every route of every service, in the order they were added.
    pub fn routes(&self) -> impl Iterator<Item = &'static Route> {
        self.inner.services.iter().flat_map(|service| service.routes())
    }

    /// Reads the request, calls the method that `matched` names, and writes its reply. The extensions of `request`
    /// reach the method; those of its reply, but for the [`http::StatusCode`] that sets the status, the response.
    pub async fn call<B>(&self, matched: Match, request: Request<B>) -> Result<Response<ReplyBody>, Error>
    where
        B: HttpBody,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let inner = &*self.inner;
        let (parts, body) = request.into_parts();
        if matched.route.raw_request {
            body::check_coding(&parts.headers)?;
        } else if matched.route.body != Body::None {
            body::check_media_type(&parts.headers)?;
        }
        let max_body = inner.max_bodies.get(matched.route.rpc).copied().unwrap_or(inner.max_body);
        let body = body::read(body, max_body, inner.body_timeout).await?;
        let metadata = headers::to_metadata(&parts.headers, &inner.forwarded);
        let method = matched.route.method;
        let Some(service) = inner.services.get(matched.service) else {
            return Err(tonic::Status::internal("a match of another router").into());
        };
        service.call(method, Call { limits: &inner.limits, matched, metadata, parts, body }).await
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("routes", &self.routes().count()).finish_non_exhaustive()
    }
}

/// Gathers services and settings.
#[must_use]
pub struct RouterBuilder {
    services: Vec<Box<dyn Service>>,
    limits: Limits,
    forwarded: Vec<HeaderName>,
    max_body: usize,
    /// By gRPC path.
    max_bodies: HashMap<String, usize>,
    body_timeout: Option<Duration>,
}

impl RouterBuilder {
    /// How long a body may be unless told otherwise: 4 MiB, as in tonic.
    pub const DEFAULT_MAX_BODY: usize = 4 << 20;

    /// Adds a service.
    pub fn service(mut self, service: impl Service) -> Self {
        self.services.push(Box::new(service));
        self
    }

    /// How many bytes a body may have.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// The same for one method, named by its gRPC path.
    pub fn max_body_of(mut self, rpc: impl Into<String>, bytes: usize) -> Self {
        self.max_bodies.insert(rpc.into(), bytes);
        self
    }

    /// How long a body may take to arrive; no limit unless told. Needs a tokio runtime with its timer.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = Some(timeout);
        self
    }

    /// How deep JSON may be nested, at most 100: messages nested deeper cannot be encoded.
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.limits.max_depth = levels.min(json::DEFAULT_MAX_DEPTH);
        self
    }

    /// Names and zeros of the answers.
    pub fn style(mut self, style: Style) -> Self {
        self.limits.style = style;
        self
    }

    /// Query parameters that are let pass, though no method has them.
    pub fn ignore_parameter(mut self, name: impl Into<String>) -> Self {
        self.limits.ignored.push(name.into());
        self
    }

    /// How the streams of a method, named by its gRPC path, are written where the client has no wish, and the field of
    /// a message, in proto names, that identifies it as an event. Lines and no field unless told.
    pub fn stream(mut self, rpc: impl Into<String>, format: StreamFormat, event_id: Option<&str>) -> Self {
        let entry = self.limits.streams.entry(rpc.into()).or_default();
        (entry.format, entry.event_id) = (format, event_id.map(str::to_owned));
        self
    }

    /// Renders the failure that ends a stream as one line of JSON, by the status and the extensions of the request.
    pub fn render_stream_error<F>(mut self, render: F) -> Self
    where
        F: Fn(&tonic::Status, &Extensions) -> Vec<u8> + Send + Sync + 'static,
    {
        self.limits.render = Arc::new(render);
        self
    }

    /// Lets one more request header through to the metadata. Headers of gRPC itself never get through.
    pub fn forward_header(mut self, name: HeaderName) -> Self {
        if !headers::is_grpc(&name) && !self.forwarded.contains(&name) {
            self.forwarded.push(name);
        }
        self
    }

    /// Checks that the routes fit each other.
    pub fn build(self) -> Result<Router, BuildError> {
        let mut matcher = Matcher::default();
        let mut problems = Vec::new();
        for (index, service) in self.services.iter().enumerate() {
            for route in service.routes() {
                if let Err(Conflict(one, two)) = matcher.add(route, index) {
                    let [one, two] = [one, two].map(|route| format!("{} ({})", route.rpc, route.template));
                    problems.push(format!("{one} and {two} answer the same requests"));
                }
            }
        }
        if !problems.is_empty() {
            return Err(BuildError { problems });
        }
        let Self { services, limits, forwarded, max_body, max_bodies, body_timeout } = self;
        let inner = Inner { services, matcher, limits, forwarded, max_body, max_bodies, body_timeout };
        Ok(Router { inner: Arc::new(inner) })
    }
}

/// Why no router was built; all reasons at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    problems: Vec<String>,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("; "))
    }
}

impl std::error::Error for BuildError {}
