//! One connection: HTTP/1.1 or HTTP/2 without TLS, with limits on what a peer may hold.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::Fault;
use super::first_bytes::{Rewound, sniff};

/// Until a peer has said which protocol it speaks.
const FIRST_BYTES: Duration = Duration::from_secs(5);

/// Until a request's head is complete.
const HEADER: Duration = Duration::from_secs(10);

/// HTTP/1.1 reads a head into this many bytes at most.
const H1_BUFFER: usize = 64 * 1024;

const H2_STREAMS: u32 = 100;
const H2_STREAM_WINDOW: u32 = 64 * 1024;
const H2_CONNECTION_WINDOW: u32 = 1024 * 1024;
const H2_FRAME: u32 = 16 * 1024;
const H2_HEADER_LIST: u32 = 32 * 1024;

/// What a peer that never reads can make us hold for each of its streams.
const H2_SEND_BUFFER: usize = 32 * 1024;

const H2_PING_EVERY: Duration = Duration::from_secs(20);
const H2_PING_ANSWER: Duration = Duration::from_secs(10);

/// Serves one connection until it ends, or until `stop` and the answers to what was asked before.
pub(super) async fn serve(stream: TcpStream, router: Router, stop: CancellationToken) -> Result<(), Fault> {
    stream.set_nodelay(true)?;
    let sniffed = stop.run_until_cancelled(tokio::time::timeout(FIRST_BYTES, sniff(stream)));
    let Some(sniffed) = sniffed.await else { return Ok(()) };
    let (is_http2, stream) = sniffed??;
    if is_http2 { serve_http2(stream, router, stop).await } else { serve_http1(stream, router, stop).await }
}

async fn serve_http1(stream: Rewound<TcpStream>, router: Router, stop: CancellationToken) -> Result<(), Fault> {
    let service = service_fn(move |request: http::Request<Incoming>| router.clone().oneshot(request.map(Body::new)));
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER).max_buf_size(H1_BUFFER);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        done = connection.as_mut() => return Ok(done?),
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    Ok(connection.await?)
}

async fn serve_http2(stream: Rewound<TcpStream>, router: Router, stop: CancellationToken) -> Result<(), Fault> {
    let service = service_fn(move |request: http::Request<Incoming>| router.clone().oneshot(request.map(Body::new)));
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(H2_STREAMS)
        .initial_stream_window_size(H2_STREAM_WINDOW)
        .initial_connection_window_size(H2_CONNECTION_WINDOW)
        .max_frame_size(H2_FRAME)
        .max_header_list_size(H2_HEADER_LIST)
        .max_send_buf_size(H2_SEND_BUFFER)
        .keep_alive_interval(H2_PING_EVERY)
        .keep_alive_timeout(H2_PING_ANSWER);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        done = connection.as_mut() => return Ok(done?),
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    Ok(connection.await?)
}
