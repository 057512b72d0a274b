//! The composition root: database, doors, layers in one ordered list, listeners, and how all of it stops.

mod connection;
mod docs;
mod first_bytes;
mod listener;
mod probes;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use axum::{Extension, Router};
use http::header;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::api::edge::{Doors, dispatch, dispatch_rest, resolve};
use crate::api::inside::{self, Operations};
use crate::api::layers::cors::Origins;
use crate::api::{Api, layers};
use crate::app::clock::Clock;
use crate::app::entropy::Entropy;
use crate::app::{self, App, Presentation, Settings};
use crate::config::Config;
use crate::contract::pb::access_service_server::AccessServiceServer;
use crate::contract::pb::approval_service_server::ApprovalServiceServer;
use crate::contract::pb::audit_service_server::AuditServiceServer;
use crate::contract::pb::batch_service_server::BatchServiceServer;
use crate::contract::pb::catalog_service_server::CatalogServiceServer;
use crate::contract::pb::customer_service_server::CustomerServiceServer;
use crate::contract::pb::event_service_server::EventServiceServer;
use crate::contract::pb::fulfillment_service_server::FulfillmentServiceServer;
use crate::contract::pb::inventory_service_server::InventoryServiceServer;
use crate::contract::pb::job_service_server::JobServiceServer;
use crate::contract::pb::order_service_server::OrderServiceServer;
use crate::contract::pb::payment_service_server::PaymentServiceServer;
use crate::contract::pb::quote_service_server::QuoteServiceServer;
use crate::contract::pb::report_service_server::ReportServiceServer;
use crate::contract::pb::webhook_service_server::WebhookServiceServer;
use crate::contract::policy::{METHODS, Stream};
use crate::contract::{DESCRIPTOR_SET, rest};
use crate::objects::Objects;
use crate::present;
use crate::store::{Db, migrate};
use crate::workers::{self, webhooks::Sender};
use listener::Listener;
use probes::Health;
use transcode::StreamFormat;

/// Still serving after SIGTERM, so that balancers notice first.
const LAME_DUCK: Duration = Duration::from_secs(1);

/// How long requests that have begun may take to end.
const DRAIN: Duration = Duration::from_secs(6);

/// How long writes whose clients have left may take to end.
const FINISH_WRITES: Duration = Duration::from_secs(1);

/// How long a REST body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How deep JSON may be nested; the deepest message needs less than ten.
const MAX_JSON_DEPTH: usize = 32;

/// Largest REST body of methods that do not say otherwise.
const MAX_REST_BODY: usize = 1024 * 1024;

/// Anything that keeps the program from running.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A program that listens and is ready to serve.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    health: Health,
    public: Listener,
    admin: Listener,
    webhooks: Sender,
    /// The secret of the first start, when none was chosen. It is nowhere else.
    pub bootstrap_key: Option<String>,
}

impl Server {
    /// Opens the database, brings its schema up to date, makes the first key, and listens.
    pub async fn start(config: &Config) -> Result<Self, Fault> {
        migrate::up(&config.database_url, config.engine).await?;
        let app = open_app(config).await?;
        let bootstrap_key = app::access::bootstrap(&app, config.bootstrap_api_key.as_deref()).await?;
        let health = Health::new(Arc::clone(&app));
        let public = bind("listen", config.listen).await?;
        let admin = bind("admin_listen", config.admin_listen).await?;
        let router = public_router(&app, &health, config).await?;
        Ok(Self {
            public: Listener::new(public, router),
            admin: Listener::new(admin, surround(health.router(), &app, Origins::new(&[]))),
            app,
            health,
            webhooks: Sender::new(config.targets.clone())?,
            bootstrap_key,
        })
    }

    /// Where clients reach it.
    pub fn address(&self) -> Result<SocketAddr, std::io::Error> {
        self.public.address()
    }

    /// Where operators reach it.
    pub fn admin_address(&self) -> Result<SocketAddr, std::io::Error> {
        self.admin.address()
    }

    /// The use cases it serves.
    #[must_use]
    pub fn app(&self) -> Arc<App> {
        Arc::clone(&self.app)
    }

    /// Serves until `stop`, then lets what has begun end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let connections = CancellationToken::new();
        let public = tokio::spawn(self.public.serve(connections.clone()));
        let admin_stop = CancellationToken::new();
        let admin = tokio::spawn(self.admin.serve(admin_stop.clone()));
        let workers_stop = CancellationToken::new();
        let mut workers = JoinSet::new();
        workers.spawn(workers::event_log::run(Arc::clone(&self.app), workers_stop.clone()));
        workers.spawn(workers::uses::run(Arc::clone(&self.app), workers_stop.clone()));
        workers.spawn(workers::expiry::run(Arc::clone(&self.app), workers_stop.clone()));
        workers.spawn(workers::upkeep::run(Arc::clone(&self.app), workers_stop.clone()));
        // Jobs are given back at once: another process may have them while this one ends its requests.
        let jobs_stop = CancellationToken::new();
        workers.spawn(workers::jobs::run(Arc::clone(&self.app), jobs_stop.clone()));
        workers.spawn(workers::webhooks::run(Arc::clone(&self.app), self.webhooks, workers_stop.clone()));
        stop.await;
        tracing::info!("stopping");
        jobs_stop.cancel();
        self.health.stop_soon().await;
        tokio::time::sleep(LAME_DUCK).await;
        self.health.stop.now.cancel();
        connections.cancel();
        if tokio::time::timeout(DRAIN, public).await.is_err() {
            tracing::warn!("some requests did not end in time");
        }
        workers_stop.cancel();
        let (writes, workers) = tokio::join!(
            tokio::time::timeout(FINISH_WRITES, self.app.finish_writes()),
            tokio::time::timeout(FINISH_WRITES, workers.join_all()),
        );
        if writes.is_err() {
            tracing::warn!("some writes did not end in time; their keys tell what became of them");
        }
        if workers.is_err() {
            tracing::warn!("a worker did not end in time");
        }
        admin_stop.cancel();
        let _ = tokio::time::timeout(FINISH_WRITES, admin).await;
        self.app.db.close().await;
        tracing::info!("stopped");
    }
}

/// Listens at an address; what keeps it from that tells the setting.
async fn bind(setting: &str, address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|error| format!("{setting}: cannot listen on {address}: {error}").into())
}

/// The use cases on the configured database.
pub async fn open_app(config: &Config) -> Result<Arc<App>, Fault> {
    let db = Db::connect(&config.database_url, config.engine).await?;
    let settings = Settings {
        objects: config.storage.as_ref().map(Objects::new).transpose()?,
        report_retention: config.report_retention,
        history_retention: config.history_retention,
        sealing_keys: config.sealing_keys.clone(),
        targets: config.targets.clone(),
    };
    Ok(Arc::new(App::new(db, Clock, Entropy::default(), presentation(), settings).await?))
}

/// What the use cases leave to the presentation.
fn presentation() -> Presentation {
    Presentation {
        snapshot: present::events::snapshot,
        without_personal_data: present::customers::without_personal_data,
        delivery: present::webhooks::body,
    }
}

async fn public_router(app: &Arc<App>, health: &Health, config: &Config) -> Result<Router, Fault> {
    let api = Arc::new(Api::new(Arc::clone(app), health.stop.clone()));
    let rest = Arc::new(rest_router(&api)?);
    let grpc = grpc_routes(&api, health, config.reflection).await?;
    let operations = Extension(operations(app, &rest));
    // From the inside out: what a request meets last stands first.
    let edge = Router::new()
        .fallback(any(dispatch).with_state(Doors::new(grpc, Arc::clone(&rest))))
        .layer(operations)
        .layer(from_fn(layers::not_modified::layer))
        .layer(from_fn_with_state(Arc::clone(app), layers::auth::layer))
        .layer(from_fn(layers::deadline::layer))
        .layer(from_fn_with_state(rest, resolve))
        .layer(from_fn_with_state(health.stop.clone(), layers::drain::layer));
    let docs = if config.docs { docs::routes() } else { Router::new() };
    Ok(surround(health.routes().merge(docs).fallback_service(edge), app, Origins::new(&config.cors_origins)))
}

/// What a request meets that came inside another one: all that is about the call, nothing that is about the connection.
fn operations(app: &Arc<App>, rest: &Arc<transcode::Router>) -> Operations {
    let router = Router::new()
        .fallback(any(dispatch_rest).with_state(Arc::clone(rest)))
        .layer(from_fn_with_state(Arc::clone(app), layers::auth::layer))
        .layer(from_fn(inside::only_single_calls))
        .layer(from_fn_with_state(Arc::clone(rest), resolve))
        .layer(from_fn(layers::limits::layer))
        .layer(from_fn(layers::panics::layer))
        .layer(from_fn(layers::access_log::layer));
    Operations::new(router)
}

/// What surrounds everything on both ports.
fn surround(router: Router, app: &Arc<App>, origins: Origins) -> Router {
    router
        .layer(from_fn(layers::limits::layer))
        .layer(from_fn(layers::response_headers::layer))
        .layer(from_fn(layers::panics::layer))
        .layer(from_fn_with_state(origins, layers::cors::layer))
        .layer(from_fn(layers::access_log::layer))
        .layer(from_fn_with_state(Arc::clone(app), layers::request_id::layer))
        .layer(from_fn(layers::unread::layer))
}

fn rest_router(api: &Arc<Api>) -> Result<transcode::Router, Fault> {
    let larger = METHODS.iter().filter_map(|method| Some((method.path, method.max_body?)));
    let builder = larger.fold(transcode::Router::builder(), |builder, (path, bytes)| builder.max_body_of(path, bytes));
    let streams = METHODS.iter().filter_map(|method| Some((method, method.stream?)));
    let builder = streams.fold(builder, |builder, (method, stream)| match stream {
        Stream::Lines => builder.stream(method.path, StreamFormat::Lines, Some(method.stream_event_id)),
        Stream::Events => builder.stream(method.path, StreamFormat::Events, Some(method.stream_event_id)),
        Stream::File => builder,
    });
    Ok(builder
        .service(rest::OrderServiceRest(Arc::clone(api)))
        .service(rest::CatalogServiceRest(Arc::clone(api)))
        .service(rest::CustomerServiceRest(Arc::clone(api)))
        .service(rest::InventoryServiceRest(Arc::clone(api)))
        .service(rest::AccessServiceRest(Arc::clone(api)))
        .service(rest::ApprovalServiceRest(Arc::clone(api)))
        .service(rest::AuditServiceRest(Arc::clone(api)))
        .service(rest::EventServiceRest(Arc::clone(api)))
        .service(rest::QuoteServiceRest(Arc::clone(api)))
        .service(rest::FulfillmentServiceRest(Arc::clone(api)))
        .service(rest::BatchServiceRest(Arc::clone(api)))
        .service(rest::PaymentServiceRest(Arc::clone(api)))
        .service(rest::JobServiceRest(Arc::clone(api)))
        .service(rest::ReportServiceRest(Arc::clone(api)))
        // A download has to be as the client takes it.
        .forward_header(header::ACCEPT)
        .forward_header(header::ACCEPT_ENCODING)
        .service(rest::WebhookServiceRest(Arc::clone(api)))
        .max_body(MAX_REST_BODY)
        .body_timeout(BODY_TIMEOUT)
        .max_depth(MAX_JSON_DEPTH)
        .render_stream_error(crate::api::stream_error)
        .build()?)
}

async fn grpc_routes(api: &Arc<Api>, health: &Health, reflection: bool) -> Result<Routes, Fault> {
    health.serving().await;
    let mut routes = Routes::builder();
    routes
        .add_service(OrderServiceServer::from_arc(Arc::clone(api)))
        .add_service(CatalogServiceServer::from_arc(Arc::clone(api)))
        .add_service(CustomerServiceServer::from_arc(Arc::clone(api)))
        .add_service(InventoryServiceServer::from_arc(Arc::clone(api)))
        .add_service(AccessServiceServer::from_arc(Arc::clone(api)))
        .add_service(ApprovalServiceServer::from_arc(Arc::clone(api)))
        .add_service(AuditServiceServer::from_arc(Arc::clone(api)))
        .add_service(EventServiceServer::from_arc(Arc::clone(api)))
        .add_service(QuoteServiceServer::from_arc(Arc::clone(api)))
        .add_service(FulfillmentServiceServer::from_arc(Arc::clone(api)))
        .add_service(BatchServiceServer::from_arc(Arc::clone(api)))
        .add_service(PaymentServiceServer::from_arc(Arc::clone(api)))
        .add_service(JobServiceServer::from_arc(Arc::clone(api)))
        .add_service(ReportServiceServer::from_arc(Arc::clone(api)))
        .add_service(WebhookServiceServer::from_arc(Arc::clone(api)))
        .add_service(health.service());
    if reflection {
        let builder = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        // Many clients still ask for v1alpha only.
        routes.add_service(builder().build_v1()?).add_service(builder().build_v1alpha()?);
    }
    Ok(routes.routes().prepare())
}
