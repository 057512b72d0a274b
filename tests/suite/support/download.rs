//! Downloads of reports, on each wire.

use std::io::Read as _;

use http::Method;
use http::uri::PathAndQuery;
use serde_json::Value;
use tonic::{Request, Status};
use tonic_prost::ProstCodec;
use tradepost::contract::pb;
use transcode::HttpBody;

use super::client::Client;
use super::grpc;
use super::http::{Headers, HttpAnswer, HttpCall};

/// The file of a report over REST, as it came.
pub(crate) async fn rest(client: &Client, report: &str, method: Method, headers: Headers<'_>) -> HttpAnswer {
    let bearer = format!("Bearer {}", client.key);
    let mut all = vec![("authorization", bearer.as_str())];
    all.extend(headers);
    let target = format!("/v1/reports/{report}:download");
    let call = HttpCall { method, target: &target, headers: &all, body: bytes::Bytes::new() };
    call.send(client.address).await.expect("an answer")
}

/// The text of a report over REST.
pub(crate) async fn text(client: &Client, report: &str) -> String {
    let answer = rest(client, report, Method::GET, &[]).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.header("content-encoding"), "");
    String::from_utf8(answer.body.to_vec()).expect("UTF-8")
}

/// The file over gRPC: the content type, the text, and how many messages it took.
pub(crate) async fn over_grpc(client: &Client, report: &str) -> Result<(String, String, usize), Status> {
    let bearer = format!("Bearer {}", client.key);
    let mut rpc = tonic::client::Grpc::new(grpc::channel(client.address));
    rpc.ready().await.expect("the service");
    let mut request = Request::new(pb::DownloadReportRequest { report_id: report.to_owned() });
    // What a careless client may send: it is no HTTP client, and gets the file plain.
    *request.metadata_mut() =
        grpc::metadata(&[("authorization", &bearer), ("accept-encoding", "gzip"), ("accept", "x/y")]);
    let path = PathAndQuery::from_static("/tradepost.v1.ReportService/DownloadReport");
    let codec = ProstCodec::<pb::DownloadReportRequest, HttpBody>::default();
    let mut stream = rpc.server_streaming(request, path, codec).await?.into_inner();
    let (mut content_type, mut bytes, mut count) = (String::new(), Vec::new(), 0);
    while let Some(message) = stream.message().await? {
        if count == 0 {
            content_type = message.content_type;
        }
        bytes.extend(message.data);
        count += 1;
    }
    Ok((content_type, String::from_utf8(bytes).expect("UTF-8"), count))
}

/// Uncompressed.
pub(crate) fn unzipped(bytes: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).expect("gzip");
    text
}

/// The rows of CSV with a header.
pub(crate) fn csv_rows(text: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize::<std::collections::BTreeMap<String, String>>();
    rows.map(|row| serde_json::to_value(row.expect("a row")).expect("JSON")).collect()
}

/// The rows of NDJSON.
pub(crate) fn json_rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
