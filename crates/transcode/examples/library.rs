//! Serves the made-up library of the tests as JSON over HTTP:
//! `cargo run -p transcode --example library`, then `curl localhost:8088/v1/files/a/b`.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

#[path = "../tests/end_to_end/library.rs"]
mod library;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use library::{Library, rest};
use tokio::net::TcpListener;
use transcode::{Error, Failure, ReplyBody, Resolved, Router, StreamFormat};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let router = Router::builder()
        .service(rest::LibraryServiceRest(Arc::new(Library)))
        .max_body(1 << 20)
        .body_timeout(Duration::from_secs(30))
        .stream("/library.v1.LibraryService/WatchBooks", StreamFormat::Events, Some("id"))
        .build()?;
    let listener = TcpListener::bind(("127.0.0.1", 8088)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (connection, _) = listener.accept().await?;
        let router = router.clone();
        let service = service_fn(move |request| {
            let router = router.clone();
            async move { Ok::<_, Infallible>(answer(&router, request).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(connection), service));
    }
}

async fn answer(router: &Router, request: Request<Incoming>) -> Response<ReplyBody> {
    match router.resolve(request.method(), request.uri().path()) {
        Resolved::Found(matched) => match router.call(matched, request).await {
            Ok(response) => response,
            Err(Error::Failure(failure)) => refuse(status_of(&failure), &failure.to_string()),
            Err(Error::Status(status)) => refuse(transcode::http_status(status.code()), status.message()),
        },
        Resolved::Options { allow } => with_allow(StatusCode::NO_CONTENT, &allow),
        Resolved::MethodNotAllowed { allow } => {
            let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, "this path does not have that method");
            response.headers_mut().extend(HeaderValue::try_from(allow).map(|allow| (header::ALLOW, allow)));
            response
        }
        Resolved::NotFound => refuse(StatusCode::NOT_FOUND, "there is no such path"),
    }
}

fn status_of(failure: &Failure) -> StatusCode {
    match failure {
        Failure::Malformed { .. } | Failure::BodyBroken { .. } => StatusCode::BAD_REQUEST,
        Failure::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Failure::UnsupportedMediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Failure::NotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
        Failure::PayloadTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Failure::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
    }
}

fn refuse(status: StatusCode, message: &str) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(serde_json::json!({ "error": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn with_allow(status: StatusCode, allow: &str) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(""));
    *response.status_mut() = status;
    if let Ok(allow) = HeaderValue::try_from(allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
