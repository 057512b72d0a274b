//! Streams in three formats, their failures, and what the client accepts.

use http_body_util::BodyExt as _;
use transcode::{Error, Failure};

use crate::{open, send};

const WATCH: &str = "/v1/books:watch";
const REST: &str = r#""title":"","state":"STATE_UNSPECIFIED","copies":"0","authors":[],"labels":{}}"#;

async fn read(query: &str, accept: &str) -> (String, String) {
    let reply = send("GET", &format!("{WATCH}{query}"), &[("accept", accept)], "").await.expect("a reply");
    assert!(!reply.headers().contains_key("content-length"));
    let content_type = reply.headers()["content-type"].to_str().expect("ASCII").to_owned();
    (content_type, String::from_utf8(reply.into_body().to_vec()).expect("UTF-8"))
}

#[tokio::test]
async fn a_stream_has_three_formats() {
    let book = |number: usize| format!(r#"{{"id":"b{number}",{REST}"#);
    let (one, two) = (book(0), book(1));
    let cases = [
        ("application/x-ndjson", "application/x-ndjson", format!("{one}\n{two}\n")),
        ("application/jsonl", "application/x-ndjson", format!("{one}\n{two}\n")),
        ("application/json", "application/json; charset=utf-8", format!("[{one},{two}]")),
        ("text/event-stream", "text/event-stream", format!("id: b0\ndata: {one}\n\nid: b1\ndata: {two}\n\n")),
        ("*/*", "text/event-stream", format!("id: b0\ndata: {one}\n\nid: b1\ndata: {two}\n\n")),
    ];
    for (accept, content_type, want) in cases {
        assert_eq!(read("?count=2", accept).await, (content_type.to_owned(), want), "{accept}");
    }
    assert_eq!(read("", "application/json").await.1, "[]");
    assert_eq!(read("", "application/x-ndjson").await.1, "");
    let headers = open("GET", &format!("{WATCH}?count=3"), &[], "").await.expect("a reply");
    assert_eq!(headers.headers()["x-total"], "3");
    let head = send("HEAD", &format!("{WATCH}?count=3"), &[], "").await.expect("a reply");
    assert_eq!((head.headers()["content-type"].as_bytes(), head.body().len()), (&b"text/event-stream"[..], 0));
}

#[tokio::test]
async fn a_failure_is_told_where_it_can_be() {
    match send("GET", &format!("{WATCH}?count=2&fail_after=0"), &[], "").await {
        Err(Error::Status(status)) => assert_eq!(status.code(), tonic::Code::DataLoss),
        other => panic!("{other:?}"),
    }
    let told = r#"{"error":{"code":15,"message":"a page is missing"}}"#;
    let lines = read("?count=9&fail_after=1", "application/x-ndjson").await.1;
    assert!(lines.ends_with(&format!("}}\n{told}\n")) && lines.lines().count() == 2, "{lines}");
    let events = read("?count=9&fail_after=1", "text/event-stream").await.1;
    assert!(events.ends_with(&format!("\n\nevent: error\ndata: {told}\n\n")), "{events}");
    let target = format!("{WATCH}?count=9&fail_after=1");
    let array = open("GET", &target, &[("accept", "application/json")], "").await.expect("a reply");
    assert!(array.into_body().collect().await.is_err());
}

#[tokio::test]
async fn what_is_not_acceptable_is_refused() {
    let refused = send("GET", WATCH, &[("accept", "text/html")], "").await;
    assert!(matches!(refused, Err(Error::Failure(Failure::NotAcceptable { .. }))), "{refused:?}");
    let unary = send("GET", "/v1/files/a", &[("accept", "text/html")], "").await;
    assert!(unary.is_ok());
}

#[tokio::test]
async fn raw_streams_are_undelimited() {
    let covers = send("GET", "/v1/covers:export?count=3", &[("accept", "text/html")], "").await.expect("a reply");
    assert_eq!(
        (covers.headers()["content-type"].as_bytes(), &covers.body()[..]),
        (&b"image/x-0"[..], &b"<0><1><2>"[..])
    );
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_is_opened_and_kept_alive() {
    let reply = open("GET", &format!("{WATCH}?count=1&hang=true"), &[], "").await.expect("a reply");
    let mut body = reply.into_body();
    let mut frame = async || body.frame().await.expect("a frame").expect("no failure").into_data().expect("data");
    assert!(frame().await.starts_with(b"id: b0\n"));
    assert_eq!(&frame().await[..], b":\n\n");
    assert_eq!(&frame().await[..], b":\n\n");
    assert!(open("GET", &format!("{WATCH}?hang=true"), &[], "").await.is_ok());
}
