//! Which RPC a request means, on every wire, and the door that leads to it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method as HttpMethod, StatusCode, header};
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, ServiceExt};

use super::layers::RequestId;
use super::render::{foreign, rest_status};
use super::{Failure, Wire, refuse};
use crate::contract::pb::ErrorCode;
use crate::contract::policy::{self, Method};

/// Services beside the contract: health and reflection. They are open to everyone who can reach the port.
const OPEN_SERVICES: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// What a request was found to mean.
#[derive(Debug, Clone)]
pub struct Target {
    /// The wire it came on.
    pub wire: Wire,
    /// The method; `None` for health and reflection.
    pub method: Option<&'static Method>,
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
        Wire::Grpc | Wire::GrpcWeb => resolve_rpc(request.uri().path()),
        Wire::Rest => resolve_rest(&rest, &mut request),
    };
    let method = match found {
        Ok(Found::Method(method)) => Some(method),
        Ok(Found::Open) => None,
        Ok(Found::Options(allow)) => return options(&allow),
        Err(failure) => return refuse(wire, failure, &RequestId::of(&request)),
    };
    let target = Target { wire, method };
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

fn resolve_rpc(path: &str) -> Result<Found, Failure> {
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
    match request.extensions().get::<Target>().map(|target| target.wire) {
        Some(Wire::Grpc) => own_words(doors.grpc.oneshot(request).await, Wire::Grpc, &request_id),
        Some(Wire::GrpcWeb) if request.method() != HttpMethod::POST => {
            refuse(Wire::GrpcWeb, Failure::method_not_allowed("POST".to_owned()), &request_id)
        }
        Some(Wire::GrpcWeb) => {
            let request = without_parameters(request);
            own_words(doors.grpc_web.oneshot(request).await, Wire::GrpcWeb, &request_id)
        }
        Some(Wire::Rest) | None => call_rest(&doors.rest, request, &request_id).await,
    }
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
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let bare = content_type.and_then(|text| text.split(';').next()).map(|text| text.trim().to_ascii_lowercase());
    if let Some(Ok(bare)) = bare.map(HeaderValue::try_from) {
        request.headers_mut().insert(header::CONTENT_TYPE, bare);
    }
    request
}

/// Puts what the gRPC framework says by itself into the words of the catalog. Our own failures carry details.
fn own_words<B>(response: Result<http::Response<B>, Infallible>, wire: Wire, request_id: &str) -> Response
where
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let response = match response {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let headers = response.headers();
    if headers.contains_key(tonic::Status::GRPC_STATUS) && !headers.contains_key(tonic::Status::GRPC_STATUS_DETAILS) {
        let status = tonic::Status::from_header_map(headers);
        if let Some(status) = status.filter(|status| status.code() != tonic::Code::Ok) {
            return refuse(wire, foreign(status.code(), status.message()), request_id);
        }
    }
    response.map(Body::new)
}
