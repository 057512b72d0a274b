//! All services behind one door: built once at start, it finds routes and makes calls.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Method, Request, Response};
use http_body::Body as HttpBody;
use prost_reflect::{DescriptorPool, MessageDescriptor};

use crate::bind;
use crate::body;
use crate::call::{Call, Service};
use crate::codec::Codec;
use crate::failure::Error;
use crate::headers;
use crate::matcher::{Conflict, Match, Matcher, Resolved};
use crate::route::{Body, Route};

/// Finds the route of a request and makes the call. Cheap to clone.
#[derive(Clone)]
pub struct Router {
    inner: Arc<Inner>,
}

struct Inner {
    services: Vec<Box<dyn Service>>,
    matcher: Matcher,
    codec: Codec,
    forwarded: Vec<HeaderName>,
    max_body: usize,
    body_timeout: Option<Duration>,
}

impl Router {
    /// A router for services whose messages are in `pool`.
    pub fn builder(pool: DescriptorPool) -> RouterBuilder {
        RouterBuilder {
            services: Vec::new(),
            codec: Codec::new(pool),
            forwarded: headers::default_forwarded(),
            max_body: RouterBuilder::DEFAULT_MAX_BODY,
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

    /// The codec, for JSON of messages outside of a call.
    #[must_use]
    pub fn codec(&self) -> &Codec {
        &self.inner.codec
    }

    /// Reads the request, calls the method that `matched` names, and writes its reply. The extensions of `request`
    /// reach the method; those of its reply, but for the [`http::StatusCode`] that sets the status, the response.
    pub async fn call<B>(&self, matched: Match, request: Request<B>) -> Result<Response<Bytes>, Error>
    where
        B: HttpBody,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let inner = &*self.inner;
        let (parts, body) = request.into_parts();
        if matched.route.body != Body::None {
            body::check_media_type(&parts.headers)?;
        }
        let body = body::read(body, inner.max_body, inner.body_timeout).await?;
        let metadata = headers::to_metadata(&parts.headers, &inner.forwarded);
        let method = matched.route.method;
        let Some(service) = inner.services.get(matched.service) else {
            return Err(tonic::Status::internal("a match of another router").into());
        };
        service.call(method, Call { codec: &inner.codec, matched, metadata, parts, body }).await
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
    codec: Codec,
    forwarded: Vec<HeaderName>,
    max_body: usize,
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

    /// How long a body may take to arrive; no limit unless told. Needs a tokio runtime with its timer.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = Some(timeout);
        self
    }

    /// How deep JSON may be nested, see [`Codec::with_max_depth`].
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.codec = self.codec.with_max_depth(levels);
        self
    }

    /// Lets one more request header through to the metadata. Headers of gRPC itself never get through.
    pub fn forward_header(mut self, name: HeaderName) -> Self {
        if !headers::is_grpc(&name) && !self.forwarded.contains(&name) {
            self.forwarded.push(name);
        }
        self
    }

    /// Checks that the routes fit each other and the pool.
    pub fn build(self) -> Result<Router, BuildError> {
        let mut matcher = Matcher::default();
        let mut problems = Vec::new();
        for (index, service) in self.services.iter().enumerate() {
            for route in service.routes() {
                problems.extend(mismatches(&self.codec, route));
                if let Err(Conflict(one, two)) = matcher.add(route, index) {
                    let [one, two] = [one, two].map(|route| format!("{} ({})", route.rpc, route.template));
                    problems.push(format!("{one} and {two} answer the same requests"));
                }
            }
        }
        if !problems.is_empty() {
            return Err(BuildError { problems });
        }
        let Self { services, codec, forwarded, max_body, body_timeout } = self;
        let inner = Inner { services, matcher, codec, forwarded, max_body, body_timeout };
        Ok(Router { inner: Arc::new(inner) })
    }
}

/// Where a route does not fit the pool: they were made from different contracts.
fn mismatches(codec: &Codec, route: &Route) -> Vec<String> {
    let tell = |problem: String| format!("{} ({}): {problem}", route.rpc, route.template);
    let mut problems = Vec::new();
    if let Err(error) = codec.message(route.output) {
        problems.push(tell(error.to_string()));
    }
    match codec.message(route.input) {
        Err(error) => problems.push(tell(error.to_string())),
        Ok(input) => problems.extend(missing_fields(route, &input).into_iter().map(tell)),
    }
    problems
}

fn missing_fields(route: &Route, input: &MessageDescriptor) -> Vec<String> {
    let variables = route.variables.iter().map(|variable| variable.field);
    let body = match route.body {
        Body::Field(name) => Some(name),
        Body::None | Body::All => None,
    };
    let missing = variables.chain(body).filter(|path| bind::fields_of(input, path).is_empty());
    missing.map(|path| format!("{} has no field {path}", input.full_name())).collect()
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
