//! Bodies that are no JSON object: raw bytes, one field, bindings of every kind.

use http::StatusCode;
use transcode::{Error, Failure};

use crate::{json, send};

#[tokio::test]
async fn raw_bytes_go_both_ways() {
    let cover = send("GET", "/v1/covers/c%2F1", &[], "").await.expect("a reply");
    assert_eq!((cover.headers()["content-type"].as_bytes(), &cover.body()[..]), (&b"image/png"[..], &b"c/1"[..]));

    let headers = [("content-type", "image/jpeg")];
    let put = send("PUT", "/v1/covers/c?quality=7", &headers, "\u{0}\u{1}").await.expect("a reply");
    assert_eq!(
        (put.headers()["content-type"].as_bytes(), &put.body()[..]),
        (&b"text/plain"[..], &b"c 7 2 image/jpeg"[..])
    );
    let none = send("PUT", "/v1/covers/c", &[], "").await.expect("a reply");
    assert_eq!(&none.body()[..], b"c 0 0 ");

    let mirror = send("POST", "/v1/mirror", &[("content-type", "text/csv")], "a,b").await.expect("a reply");
    assert_eq!((mirror.headers()["content-type"].as_bytes(), &mirror.body()[..]), (&b"text/csv"[..], &b"a,b"[..]));
    let head = send("HEAD", "/v1/covers/abc", &[], "").await.expect("a reply");
    assert_eq!((head.headers()["content-length"].as_bytes(), head.body().len()), (&b"3"[..], 0));

    let bad = send("PUT", "/v1/covers/c?image.data=x", &headers, "x").await;
    assert!(matches!(bad, Err(Error::Failure(Failure::Invalid(_)))), "{bad:?}");
    let gzip = send("POST", "/v1/mirror", &[("content-encoding", "gzip")], "x").await;
    assert!(matches!(gzip, Err(Error::Failure(Failure::UnsupportedMediaType { .. }))), "{gzip:?}");
    let large = send("POST", "/v1/mirror", &[], &"x".repeat(101)).await;
    assert!(matches!(large, Err(Error::Failure(Failure::PayloadTooLarge { .. }))), "{large:?}");
}

#[tokio::test]
async fn one_field_may_be_the_answer() {
    assert_eq!(json("GET", "/v1/shelves/2/titles", "").await, r#"["t0","t1"]"#);
    assert_eq!(json("GET", "/v1/shelves/0/titles", "").await, "[]");
}

#[tokio::test]
async fn bindings_of_every_kind() {
    assert!(json("POST", "/v1/kinds", r#"{"choiceNull":null}"#).await.contains(r#""choice_null":null"#));
    assert!(json("GET", "/v1/kinds?self.crate=c&type=t", "").await.contains(r#""self":{"crate":"c"}"#));
    let put = json("PUT", "/v1/kinds/n/7", r#"[{"name":"a"}]"#).await;
    assert!(
        put.contains(r#""part":{"name":"n"}"#) && put.contains(r#""choice_part":{"name":"","dims":{"width":7}}"#),
        "{put}"
    );
    assert!(put.contains(r#""parts":[{"name":"a"}]"#), "{put}");
    assert!(json("GET", "/v1/kinds?key=abc", "").await.starts_with('{'));
    let alive = send("HEAD", "/v1/alive", &[], "").await.expect("a reply");
    assert_eq!(alive.status(), StatusCode::OK);
    assert_eq!(json("BREW", "/v1/whatever", "").await, "{}");
}
