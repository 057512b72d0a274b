//! Requests through generated code to a service and back. The code included here is the golden file of
//! `transcode-build`, so what it generates is compiled and run.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

mod bodies;
mod library;
mod patch;
mod streams;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use library::{Caller, Library, rest};
use transcode::{Error, Failure, ReplyBody, Resolved, Router, StreamFormat};

fn router() -> Router {
    let service = rest::LibraryServiceRest(Arc::new(Library));
    Router::builder()
        .service(service)
        .max_body(100)
        .ignore_parameter("key")
        .stream("/library.v1.LibraryService/WatchBooks", StreamFormat::Events, Some("id"))
        .build()
        .expect("the routes fit")
}

async fn send(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Result<Response<Bytes>, Error> {
    let (parts, body) = open(method, target, headers, body).await?.into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    Ok(Response::from_parts(parts, body))
}

async fn open(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Result<Response<ReplyBody>, Error> {
    let router = router();
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.extension(Caller("host")).body(Full::new(Bytes::from(body.to_owned()))).expect("a request");
    let Resolved::Found(found) = router.resolve(request.method(), request.uri().path()) else {
        panic!("{method} {target} has no route");
    };
    router.call(found, request).await
}

async fn json(method: &str, target: &str, body: &str) -> String {
    let response = send(method, target, &[], body).await.expect("a reply");
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    String::from_utf8(response.into_body().to_vec()).expect("UTF-8")
}

const REST_OF_BOOK: &str = r#""state":"STATE_UNSPECIFIED","copies":"0","authors":[],"labels":{}}"#;

#[tokio::test]
async fn requests_reach_their_method() {
    assert_eq!(
        json("GET", "/v1/shelves/7/books/b%2F1", "").await,
        format!(r#"{{"id":"shelves/7/books/b%2F1","title":"for host, ",{REST_OF_BOOK}"#),
    );
    assert_eq!(json("GET", "/v1/files/a/b", "").await, format!(r#"{{"id":"a/b","title":"for host, ",{REST_OF_BOOK}"#),);
    assert_eq!(
        json("POST", "/v1/books/b%3A1:archive", r#"{"reason":"old"}"#).await,
        format!(r#"{{"id":"b:1","title":"old",{REST_OF_BOOK}"#),
    );
    assert_eq!(json("GET", "/v1/shelves/3/books", "").await, r#"{"books":[],"next_page_token":""}"#);
    let listed = json("GET", "/v1/shelves/3/books?states=ON_LOAN&states=2&page_size=1", "").await;
    assert!(listed.contains(r#""state":"ON_LOAN""#) && listed.contains(r#""state":"ARCHIVED""#), "{listed}");
    assert_eq!(json("PURGE", "/v1/books", "").await, "{}");
}

#[tokio::test]
async fn a_reply_carries_status_and_headers() {
    let body = r#"{"title":"t","copies":9007199254740993}"#;
    let reply = send("POST", "/v1/shelves/1/books", &[], body).await.expect("a reply");
    assert_eq!(reply.status(), StatusCode::CREATED);
    assert_eq!(reply.headers()["location"], "/v1/books/b1");
    assert_eq!(reply.headers().get_all("set-cookie").iter().count(), 2);
    assert!(!reply.headers().contains_key("grpc-thing"));
    assert!(
        reply.body().starts_with(
            br#"{"id":"","title":"t in shelves/1","state":"STATE_UNSPECIFIED","copies":"9007199254740993""#
        )
    );

    let reply = send("DELETE", "/v1/books/b?etag=v1", &[], "").await.expect("a reply");
    assert_eq!((reply.status(), reply.body().len()), (StatusCode::NO_CONTENT, 0));
    assert!(reply.headers().is_empty());
    assert_eq!(reply.extensions().get::<Caller>(), Some(&Caller("service")));
    let reply = send("DELETE", "/v1/books/b?etag=v1&validate_only=true", &[], "").await.expect("a reply");
    assert_eq!((reply.status(), &reply.body()[..]), (StatusCode::OK, &b"{}"[..]));
    assert_eq!(reply.headers()["content-type"], "application/json; charset=utf-8");
}

#[tokio::test]
async fn metadata_is_an_allow_list() {
    let headers = [("x-request-id", "a"), ("x-request-id", "b"), ("grpc-timeout", "1S")];
    let reply = send("GET", "/v1/files/a", &headers, "").await.expect("a reply");
    let body = String::from_utf8(reply.into_body().to_vec()).expect("UTF-8");
    assert!(body.contains("for host, a+b"), "{body}");
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let whole = send("GET", "/v1/files/a", &[], "").await.expect("a reply");
    let head = send("HEAD", "/v1/files/a", &[], "").await.expect("a reply");
    assert!(head.body().is_empty());
    assert_eq!(head.headers()["content-length"], whole.body().len().to_string());
    assert_eq!(head.headers()["content-type"], whole.headers()["content-type"]);
}

#[tokio::test]
async fn refusals_are_failures_and_errors_are_statuses() {
    let failure = async |method: &str, target: &str, headers: &[(&str, &str)], body: &str| match send(
        method, target, headers, body,
    )
    .await
    {
        Err(Error::Failure(failure)) => failure,
        other => panic!("{method} {target}: {other:?}"),
    };
    let archive = "/v1/books/b:archive";
    assert!(matches!(failure("POST", archive, &[], "{").await, Failure::Malformed { .. }));
    assert!(matches!(failure("POST", archive, &[], r#"{"x":1}"#).await, Failure::Invalid(all) if all.len() == 1));
    assert!(matches!(failure("POST", archive, &[], &" ".repeat(101)).await, Failure::PayloadTooLarge { limit: 100 }));
    let plain = [("content-type", "text/plain")];
    assert!(matches!(failure("POST", archive, &plain, "{}").await, Failure::UnsupportedMediaType { .. }));
    let gzip = [("content-encoding", "gzip")];
    assert!(matches!(failure("POST", archive, &gzip, "{}").await, Failure::UnsupportedMediaType { .. }));
    assert!(matches!(failure("GET", "/v1/files/a", &plain, "x").await, Failure::Invalid(_)));
    assert!(matches!(failure("GET", "/v1/files/%zz", &[], "").await, Failure::Malformed { .. }));

    let status = send("GET", "/v1/files/none", &[], "").await;
    assert!(status.is_ok());
    match send("GET", "/v1/files/a/none", &[], "").await {
        Err(Error::Status(status)) => assert_eq!(status.code(), tonic::Code::NotFound),
        other => panic!("{other:?}"),
    }
    match send("POST", archive, &[], r#"{"reason":"broken"}"#).await {
        Err(Error::Status(status)) => assert_eq!(status.code(), tonic::Code::Internal),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_travels_in_extensions_can_travel() {
    fn travels<T: Clone + Send + Sync + 'static>(_: &T) {}
    fn sends<T: Send>(_: T) {}
    let router = router();
    travels(&router);
    let Resolved::Found(found) = router.resolve(&Method::GET, "/v1/files/a") else { panic!("a route") };
    travels(&found);
    assert_eq!(found.route.rpc, "/library.v1.LibraryService/GetBook");
    sends(router.call(found, Request::new(Full::new(Bytes::new()))));
    assert_eq!(router.routes().count(), 20);
}

#[test]
fn routes_that_answer_the_same_are_refused() {
    let library = || rest::LibraryServiceRest(Arc::new(Library));
    let error = Router::builder().service(library()).service(library()).build().expect_err("twice");
    assert!(error.to_string().contains("answer the same requests"), "{error}");
}

#[test]
fn messages_are_written_outside_of_calls() {
    let book = library::Book { id: "b".to_owned(), ..library::Book::default() };
    let json = transcode::json::write(&book).expect("JSON");
    assert_eq!(json, format!(r#"{{"id":"b","title":"",{REST_OF_BOOK}"#).into_bytes());
    assert_eq!(transcode::json::read::<library::Book>(&json, 10).expect("the same"), book);
}
