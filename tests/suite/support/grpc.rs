//! gRPC calls of any method, with metadata, over a channel that connects again by itself.

use std::net::SocketAddr;

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use super::http::Headers;
use super::rpc::Rpc;

/// A channel to a service, which need not be there yet.
pub(crate) fn channel(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).expect("an address").connect_lazy()
}

/// Calls a method.
pub(crate) async fn call<Q: Rpc>(
    channel: Channel,
    headers: Headers<'_>,
    message: Q,
) -> Result<Response<Q::Reply>, Status> {
    unary(channel, Q::PATH, headers, message).await
}

/// Calls any path with any message.
pub(crate) async fn unary<Q, R>(
    channel: Channel,
    path: &'static str,
    headers: Headers<'_>,
    message: Q,
) -> Result<Response<R>, Status>
where
    Q: prost::Message + Send + Sync + 'static,
    R: prost::Message + Default + Send + Sync + 'static,
{
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let mut request = Request::new(message);
    *request.metadata_mut() = metadata(headers);
    grpc.unary(request, PathAndQuery::from_static(path), ProstCodec::<Q, R>::default()).await
}

/// Headers as metadata.
pub(crate) fn metadata(headers: Headers<'_>) -> MetadataMap {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().expect("a name");
        map.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
    }
    MetadataMap::from_headers(map)
}
