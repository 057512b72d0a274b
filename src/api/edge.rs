//! Which RPC a request means, on every wire, and the door that leads to it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method as HttpMethod, StatusCode, Version, header};
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, ServiceExt};

use super::layers::{Notes, RequestId};
use super::render::{foreign, rest_status};
use super::{Failure, Wire, refuse};
use crate::contract::pb::ErrorCode;
use crate::contract::policy::{self, Method};

/// Services beside the contract: health and reflection. They are open to everyone who can reach the port.
const OPEN_SERVICES: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// The content types of gRPC and gRPC-Web with Protobuf inside.
const PROTOBUF_TYPES: [&str; 6] = [
    "application/grpc",
    "application/grpc+proto",
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
];

/// What a request was found to mean.
#[derive(Debug, Clone)]
pub struct Target {
    /// The wire it came on.
    pub wire: Wire,
    /// The method; `None` for health and reflection.
    pub method: Option<&'static Method>,
}

impl Target {
    /// Whether it is a stream that goes on for as long as its client likes.
    #[must_use]
    pub fn is_watch(&self) -> bool {
        self.method.is_some_and(|method| method.stream == Some(policy::Stream::Events))
    }
}

/// The doors: one for gRPC, which gRPC-Web shares, and one for REST.
#[derive(Clone)]
pub struct Doors {
    grpc: Routes,
    grpc_web: GrpcWebService<Routes>,
    rest: Arc<transcode::Router>,
}

impl Doors {
    /// Opens the doors.
    #[must_use]
    pub fn new(grpc: Routes, rest: Arc<transcode::Router>) -> Self {
        Self { grpc_web: GrpcWebLayer::new().layer(grpc.clone()), grpc, rest }
    }
}

/// Finds the target, or answers that there is none. Runs before anybody is asked who they are.
pub async fn resolve(State(rest): State<Arc<transcode::Router>>, mut request: Request, next: Next) -> Response {
    let wire = Wire::of(request.headers());
    let found = match wire {
        Wire::Grpc | Wire::GrpcWeb => resolve_rpc(wire, &request),
        Wire::Rest => resolve_rest(&rest, &mut request),
    };
    let method = match found {
        Ok(Found::Method(method)) => Some(method),
        Ok(Found::Open) => None,
        Ok(Found::Options(allow)) => return options(&allow),
        Err(failure) => return refuse(wire, failure, &RequestId::of(&request)),
    };
    let target = Target { wire, method };
    if let (Some(method), Some(notes)) = (method, request.extensions().get::<Notes>()) {
        let _ = notes.method.set(method);
    }
    request.extensions_mut().insert(target.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(target);
    response
}

enum Found {
    Method(&'static Method),
    Open,
    Options(String),
}

fn resolve_rpc(wire: Wire, request: &Request) -> Result<Found, Failure> {
    if request.method() != HttpMethod::POST {
        return Err(Failure::method_not_allowed("POST".to_owned()));
    }
    if wire == Wire::Grpc && request.version() != Version::HTTP_2 {
        let text = "gRPC needs HTTP/2. Over HTTP/1.1, speak gRPC-Web or JSON.";
        return Err(Failure::from(ErrorCode::UnsupportedMediaType).message(text));
    }
    if !PROTOBUF_TYPES.contains(&bare_type(request.headers()).as_str()) {
        let text = "Only Protobuf is spoken here: application/grpc or application/grpc-web.";
        return Err(Failure::from(ErrorCode::UnsupportedMediaType).message(text));
    }
    let path = request.uri().path();
    if let Some(method) = policy::method(path) {
        return Ok(Found::Method(method));
    }
    if OPEN_SERVICES.iter().any(|service| path.starts_with(service)) {
        return Ok(Found::Open);
    }
    Err(Failure::from(ErrorCode::MethodNotAllowed).message("There is no such RPC."))
}

fn resolve_rest(rest: &transcode::Router, request: &mut Request) -> Result<Found, Failure> {
    use transcode::Resolved;
    match rest.resolve(request.method(), request.uri().path()) {
        Resolved::Found(matched) => {
            let method = policy::method(matched.route.rpc);
            let method = method.ok_or_else(|| Failure::internal(&"a route without a policy"))?;
            request.extensions_mut().insert(matched);
            Ok(Found::Method(method))
        }
        Resolved::Options { allow } => Ok(Found::Options(allow)),
        Resolved::MethodNotAllowed { allow } => Err(Failure::method_not_allowed(allow)),
        Resolved::NotFound => Err(ErrorCode::RouteNotFound.into()),
    }
}

fn options(allow: &str) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Ok(allow) = HeaderValue::try_from(allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// Calls the method through the door of its wire.
pub async fn dispatch(State(doors): State<Doors>, request: Request) -> Response {
    let request_id = RequestId::of(&request);
    let Some(target) = request.extensions().get::<Target>().cloned() else {
        return refuse(Wire::Rest, Failure::internal(&"a request was not resolved"), &request_id);
    };
    let response = match target.wire {
        Wire::Rest => return call_rest(&doors.rest, request, &request_id).await,
        Wire::Grpc => infallible(doors.grpc.oneshot(request).await),
        Wire::GrpcWeb => infallible(doors.grpc_web.oneshot(without_parameters(request)).await),
    };
    // Health and reflection have the errors of their own protocols.
    if target.method.is_some() { own_words(response, target.wire, &request_id) } else { response }
}

/// Calls the method of a REST request that came inside another request.
pub async fn dispatch_rest(State(rest): State<Arc<transcode::Router>>, request: Request) -> Response {
    let request_id = RequestId::of(&request);
    call_rest(&rest, request, &request_id).await
}

async fn call_rest(rest: &transcode::Router, mut request: Request, request_id: &str) -> Response {
    let Some(matched) = request.extensions_mut().remove::<transcode::Match>() else {
        return refuse(Wire::Rest, ErrorCode::RouteNotFound.into(), request_id);
    };
    match rest.call(matched, request).await {
        Ok(response) => response.map(Body::new),
        Err(transcode::Error::Failure(failure)) => refuse(Wire::Rest, failure.into(), request_id),
        Err(transcode::Error::Status(status)) => rest_status(&status, request_id),
    }
}

/// tonic-web knows four content types by the letter: parameters and upper case would make it refuse.
fn without_parameters(mut request: Request) -> Request {
    if let Ok(bare) = HeaderValue::try_from(bare_type(request.headers())) {
        request.headers_mut().insert(header::CONTENT_TYPE, bare);
    }
    request
}

/// The content type without parameters, in lower case.
fn bare_type(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Puts what the gRPC framework says by itself into the words of the catalog. Our own failures carry details.
fn own_words(response: Response, wire: Wire, request_id: &str) -> Response {
    let headers = response.headers();
    if headers.contains_key(tonic::Status::GRPC_STATUS) && !headers.contains_key(tonic::Status::GRPC_STATUS_DETAILS) {
        let status = tonic::Status::from_header_map(headers);
        if let Some(status) = status.filter(|status| status.code() != tonic::Code::Ok) {
            return refuse(wire, foreign(status.code(), status.message()), request_id);
        }
    }
    response
}

fn infallible<B>(response: Result<http::Response<B>, Infallible>) -> Response
where
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    match response {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}
