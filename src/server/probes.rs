//! Whether the process lives, and whether it should get requests: over HTTP for operators, over gRPC for clients.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthRpc, HealthServer};
use tonic_health::server::{HealthReporter, HealthService};

use crate::api::layers::RequestId;
use crate::api::layers::drain::Stop;
use crate::api::{Failure, Wire, refuse};
use crate::app::App;
use crate::contract::pb::ErrorCode;
use crate::contract::policy::METHODS;
use crate::store::migrate;

/// Whether the service is ready, as every wire asks it.
#[derive(Debug, Clone)]
pub(super) struct Health {
    app: Arc<App>,
    reporter: HealthReporter,
    pub(super) stop: Stop,
}

impl Health {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app, reporter: HealthReporter::new(), stop: Stop::default() }
    }

    /// Notes that every service of the contract is served.
    pub(super) async fn serving(&self) {
        self.report(ServingStatus::Serving).await;
    }

    async fn report(&self, status: ServingStatus) {
        let services: BTreeSet<_> = METHODS.iter().filter_map(|method| method.path[1..].split('/').next()).collect();
        for service in services.into_iter().chain([""]) {
            self.reporter.set_service_status(service, status).await;
        }
    }

    /// The gRPC side (`grpc.health.v1`).
    pub(super) fn service(&self) -> HealthServer<impl HealthRpc> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    /// Tells everybody to send requests elsewhere.
    pub(super) async fn stop_soon(&self) {
        self.stop.soon.cancel();
        self.report(ServingStatus::NotServing).await;
    }

    /// The HTTP side.
    pub(super) fn routes(&self) -> Router {
        Router::new()
            .route("/healthz", get(live))
            .route("/livez", get(live))
            .route("/readyz", get(ready).with_state(self.clone()))
            .method_not_allowed_fallback(method_not_allowed)
    }

    /// The HTTP side alone, for the admin port.
    pub(super) fn router(&self) -> Router {
        self.routes().fallback(not_found)
    }
}

async fn live() -> &'static str {
    "live\n"
}

async fn ready(State(health): State<Health>, request: axum::extract::Request) -> Result<&'static str, Response> {
    // A request is not Sync, so only its name may be there across the wait.
    let request_id = RequestId::of(&request);
    let unavailable = |why: &str| refuse(Wire::Rest, Failure::from(ErrorCode::Unavailable).message(why), &request_id);
    drop(request);
    if health.stop.soon.is_cancelled() {
        return Err(unavailable("The service is stopping."));
    }
    match migrate::is_current(&health.app.db).await {
        Ok(true) => Ok("ready\n"),
        Ok(false) => Err(unavailable("The database schema is not up to date.")),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(unavailable("The database does not answer."))
        }
    }
}

/// Answers for a path that is only read.
pub(super) async fn method_not_allowed(request: axum::extract::Request) -> Response {
    refuse(Wire::Rest, Failure::method_not_allowed("GET, HEAD".to_owned()), &RequestId::of(&request))
}

async fn not_found(request: axum::extract::Request) -> Response {
    refuse(Wire::Rest, ErrorCode::RouteNotFound.into(), &RequestId::of(&request))
}
