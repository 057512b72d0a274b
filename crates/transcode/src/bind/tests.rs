//! Path, query and body together, by table.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{Input, bind};
use crate::call::{Limits, plain_error};
use crate::failure::Failure;
use crate::json::{self, Fields, ProtoJson};
use crate::route::{Body, Route, Segment, Variable};
use crate::testing::Numbers;
use crate::testing::library::{ArchiveBookRequest, CreateBookRequest, GetBookRequest, Kinds, ListBooksRequest};

/// A route over `input` with these variables; only what binding looks at is filled in.
fn route(input: &'static str, variables: &'static [Variable], body: Body) -> Route {
    const ANY: &[Segment] = &[Segment::Any];
    Route {
        rpc: "/test.Test/Test",
        method: 0,
        http_method: "POST",
        template: "",
        segments: ANY,
        verb: None,
        variables,
        body,
        response_body: None,
        raw_request: false,
        raw_reply: false,
        stream: false,
        mask: None,
        input,
        output: "",
    }
}

const fn variable(field: &'static str) -> Variable {
    Variable { field, start: 0, end: 1, multi: false }
}

fn limits() -> Limits {
    let (ignored, style, streams) = (Vec::new(), json::Style::default(), HashMap::new());
    Limits { max_depth: 32, ignored, style, streams, render: Arc::new(plain_error) }
}

/// The message that a route takes, as JSON.
fn call(route: &Route, captures: &[&str], query: &str, body: &str) -> Result<String, Failure> {
    fn of<M: ProtoJson + Fields>(route: &Route, input: Input<'_>) -> Result<String, Failure> {
        let message: M = bind(route, input, &limits())?.message;
        Ok(String::from_utf8(json::write(&message).expect("has JSON")).expect("UTF-8"))
    }
    let captures: Vec<String> = captures.iter().map(ToString::to_string).collect();
    let body = Bytes::copy_from_slice(body.as_bytes());
    let input = Input { captures: &captures, query: Some(query), body: &body, content_type: "" };
    match route.input {
        "ArchiveBookRequest" => of::<ArchiveBookRequest>(route, input),
        "CreateBookRequest" => of::<CreateBookRequest>(route, input),
        "GetBookRequest" => of::<GetBookRequest>(route, input),
        "ListBooksRequest" => of::<ListBooksRequest>(route, input),
        _ => of::<Kinds>(route, input),
    }
}

/// The message as JSON, or what is wrong with the request.
fn outcome(route: &Route, captures: &[&str], query: &str, body: &str) -> String {
    match call(route, captures, query, body) {
        Ok(json) => json,
        Err(Failure::Malformed { message }) => format!("malformed: {message}"),
        Err(Failure::Invalid(violations)) => {
            violations.iter().map(|one| format!("{} {}", one.field, one.code)).collect::<Vec<_>>().join(", ")
        }
        Err(other) => panic!("{other:?}"),
    }
}

const LIST: &[Variable] = &[variable("shelf_id")];

#[test]
fn a_query_sets_fields() {
    let list = route("ListBooksRequest", LIST, Body::None);
    let cases = [
        ("", r#"{"shelf_id":7,"states":[],"page_size":0}"#),
        ("&&", r#"{"shelf_id":7,"states":[],"page_size":0}"#),
        ("pageSize=5", r#"{"shelf_id":7,"states":[],"page_size":5}"#),
        ("states=ON_LOAN&states=2&states=99", r#"{"shelf_id":7,"states":["ON_LOAN","ARCHIVED",99],"page_size":0}"#),
        ("draft=false", r#"{"shelf_id":7,"states":[],"page_size":0,"draft":false}"#),
        (
            "printed.startTime=2024-01-31T12:00:00%2B01:00&printed.length=1.5s",
            r#"{"shelf_id":7,"states":[],"printed":{"start_time":"2024-01-31T11:00:00Z","length":"1.500s"},"page_size":0}"#,
        ),
        ("read_mask=title,printTime", r#"{"shelf_id":7,"states":[],"page_size":0,"read_mask":"title,printTime"}"#),
    ];
    for (query, want) in cases {
        assert_eq!(outcome(&list, &["7"], query, ""), want, "{query}");
    }
}

#[test]
fn a_query_is_refused_by_name() {
    let list = route("ListBooksRequest", LIST, Body::None);
    let cases = [
        ("nope=1", "nope unknown_parameter"),
        ("=1", " unknown_parameter"),
        ("page_size", "page_size invalid_value"),
        ("page_size=", "page_size invalid_value"),
        ("page_size=1&page_size=1", "page_size conflicting_values"),
        ("page_size=1&pageSize=2", "pageSize conflicting_values"),
        ("page_size=99999999999", "page_size out_of_range"),
        ("states=", "states unknown_enum_value"),
        ("states=ON_LOAN,ARCHIVED", "states unknown_enum_value"),
        ("states=on_loan", "states unknown_enum_value"),
        ("draft=1", "draft invalid_value"),
        ("shelf_id=8", "shelf_id unknown_parameter"),
        ("shelfId=7", "shelfId unknown_parameter"),
        ("printed=x", "printed unknown_parameter"),
        ("printed.nope=x", "printed.nope unknown_parameter"),
        ("printed.start_time.seconds=1", "printed.start_time.seconds unknown_parameter"),
        ("page_size.x=1", "page_size.x unknown_parameter"),
        ("printed..length=1s", "printed..length unknown_parameter"),
        (".=1", ". unknown_parameter"),
        ("printed.length=1h", "printed.length invalid_value"),
        ("a=1&page_size=x&b=2", "a unknown_parameter, page_size invalid_value, b unknown_parameter"),
        ("page_size=%zz", "malformed: The query cannot be decoded: bad percent escape in \"%zz\"."),
        ("%ff=1&nope=1", "malformed: The query cannot be decoded: percent escapes are not UTF-8."),
    ];
    for (query, want) in cases {
        assert_eq!(outcome(&list, &["7"], query, ""), want, "{query}");
    }
}

#[test]
fn a_query_reaches_what_text_can_say() {
    let kinds = route("Kinds", &[], Body::None);
    let good = [
        "wrapped_int64=0",
        "wrappedString=",
        "some_bytes=-_8",
        "times=1970-01-01T00:00:00Z&times=1970-01-01T00:00:01Z",
        "part.dims.width=1&part.name=n",
        "choice_part.name=n&choice_part.dims.width=1",
        "again.again.again.maybe=0",
        "a_double=NaN&a_float=-Infinity",
        "a_string=a+b%2B&%40other=x",
        "null=NULL_VALUE",
    ];
    for query in good {
        assert!(call(&kinds, &[], query, "").is_ok(), "{query}: {}", outcome(&kinds, &[], query, ""));
    }
    let bad = [
        ("part_by_name.a=1", "part_by_name.a unknown_parameter"),
        ("part_by_name.a.name=1", "part_by_name.a.name unknown_parameter"),
        ("part_by_name=1", "part_by_name unknown_parameter"),
        ("parts.name=1", "parts.name unknown_parameter"),
        ("parts=1", "parts unknown_parameter"),
        ("object=%7B%7D", "object unknown_parameter"),
        ("object.fields=1", "object.fields unknown_parameter"),
        ("anything=1", "anything unknown_parameter"),
        ("values=1", "values unknown_parameter"),
        ("empty=", "empty unknown_parameter"),
        ("text=a&number=1", "number conflicting_values"),
        ("number=1&text=a", "text conflicting_values"),
        ("text=a&choice_part.name=x", "choice_part.name conflicting_values"),
        ("wrapped_int64.value=1", "wrapped_int64.value unknown_parameter"),
    ];
    for (query, want) in bad {
        assert_eq!(outcome(&kinds, &[], query, ""), want, "{query}");
    }
}

#[test]
fn a_query_is_bounded() {
    let kinds = route("Kinds", &[], Body::None);
    let pairs = |count| vec!["numbers=1"; count].join("&");
    assert!(call(&kinds, &[], &pairs(128), "").is_ok());
    assert_eq!(outcome(&kinds, &[], &pairs(129), ""), " too_many_parameters");
    assert_eq!(outcome(&kinds, &[], &pairs(100_000), ""), " too_many_parameters");
    let deep = |levels| format!("{}maybe=1", "again.".repeat(levels));
    assert!(call(&kinds, &[], &deep(15), "").is_ok());
    assert!(outcome(&kinds, &[], &deep(16), "").ends_with("… unknown_parameter"));
    assert!(outcome(&kinds, &[], &deep(100_000), "").ends_with("… unknown_parameter"));
}

#[test]
fn a_path_is_decoded_and_typed() {
    let list = route("ListBooksRequest", LIST, Body::None);
    assert_eq!(outcome(&list, &["%37"], "", ""), r#"{"shelf_id":7,"states":[],"page_size":0}"#);
    assert_eq!(
        outcome(&list, &["x"], "nope=1", "{"),
        "shelf_id invalid_value, nope unknown_parameter, body unexpected_body"
    );
    assert_eq!(
        outcome(&list, &["%zz"], "nope=1", ""),
        "malformed: The path cannot be decoded: bad percent escape in \"%zz\"."
    );
    assert_eq!(
        outcome(&list, &["%FF"], "", ""),
        "malformed: The path cannot be decoded: percent escapes are not UTF-8."
    );
    assert_eq!(outcome(&list, &["1%2F2"], "", ""), "shelf_id invalid_value");
    let capture = "a%2Fb%20+%3A";
    assert_eq!(
        outcome(&route("GetBookRequest", const { &[variable("name")] }, Body::None), &[capture], "", ""),
        r#"{"name":"a/b +:"}"#
    );
    assert_eq!(
        outcome(
            &route("GetBookRequest", const { &[Variable { multi: true, ..variable("name") }] }, Body::None),
            &[capture],
            "",
            ""
        ),
        r#"{"name":"a%2Fb +:"}"#
    );
}

#[test]
fn a_whole_body_leaves_no_query() {
    let archive = route("ArchiveBookRequest", const { &[variable("book_id")] }, Body::All);
    let cases = [
        ("", "", r#"{"book_id":"b1","reason":""}"#),
        ("", "{}", r#"{"book_id":"b1","reason":""}"#),
        ("", r#"{"reason":"r"}"#, r#"{"book_id":"b1","reason":"r"}"#),
        ("", r#"{"bookId":"b1"}"#, r#"{"book_id":"b1","reason":""}"#),
        ("", r#"{"book_id":""}"#, r#"{"book_id":"b1","reason":""}"#),
        ("", r#"{"book_id":"b2"}"#, "book_id conflicting_values"),
        ("", "null", " wrong_type"),
        ("", "[]", " wrong_type"),
        ("reason=r", "", "reason unknown_parameter"),
        ("x=1", r#"{"y":1,"book_id":"b2"}"#, "book_id conflicting_values, x unknown_parameter, y unknown_field"),
        (
            "x=1",
            r#"{"y":1"#,
            "malformed: The body is not JSON: expected ',' or '}', found the end of the text at line 1 column 7.",
        ),
        ("", " ", "malformed: The body is not JSON: expected a value, found the end of the text at line 1 column 2."),
    ];
    for (query, body, want) in cases {
        assert_eq!(outcome(&archive, &["b1"], query, body), want, "{query} {body}");
    }
    let captures = ["b1".to_owned()];
    let body = Bytes::from_static(b"{\"reason\":\"\xff\"}");
    let input = Input { captures: &captures, query: None, body: &body, content_type: "" };
    let read = bind::<ArchiveBookRequest>(&archive, input, &limits());
    assert!(matches!(read, Err(Failure::Malformed { message }) if message == "The body is not UTF-8 from byte 12 on."));
}

#[test]
fn a_body_may_be_one_field() {
    let create = route("CreateBookRequest", const { &[variable("parent")] }, Body::Field("book"));
    let replace = route("CreateBookRequest", const { &[variable("book.id")] }, Body::Field("book"));
    let book = r#"{"id":"b","title":"","state":"STATE_UNSPECIFIED","copies":"0","authors":[],"labels":{}}"#;
    let cases = [
        (&create, "", "", r#"{"parent":"b","validate_only":false}"#.to_owned()),
        (
            &create,
            "validate_only=true",
            r#"{"id":"b"}"#,
            format!(r#"{{"parent":"b","book":{book},"validate_only":true}}"#),
        ),
        (
            &create,
            "",
            r#"{"nope":1,"labels":{"a":1}}"#,
            r#"book.nope unknown_field, book.labels["a"] wrong_type"#.to_owned(),
        ),
        (&create, "book.title=t", "{}", "book.title unknown_parameter".to_owned()),
        (&create, "", "null", "book wrong_type".to_owned()),
        (&create, "", "1", "book wrong_type".to_owned()),
        (&replace, "", "{}", format!(r#"{{"parent":"","book":{book},"validate_only":false}}"#)),
        (&replace, "", r#"{"id":"b"}"#, format!(r#"{{"parent":"","book":{book},"validate_only":false}}"#)),
        (&replace, "", r#"{"id":"c"}"#, "book.id conflicting_values".to_owned()),
        (&replace, "book.id=b", "{}", "book.id unknown_parameter".to_owned()),
    ];
    for (route, query, body, want) in cases {
        assert_eq!(outcome(route, &["b"], query, body), want, "{query} {body}");
    }
    let numbers = route("Kinds", &[], Body::Field("numbers"));
    assert!(outcome(&numbers, &[], "", "[1,2]").contains(r#""numbers":[1,2]"#));
    assert_eq!(outcome(&numbers, &[], "", "[1,null]"), "numbers[1] wrong_type");
    assert_eq!(outcome(&numbers, &[], "", "{}"), "numbers wrong_type");
    let map = route("Kinds", &[], Body::Field("alias_by_number"));
    assert!(outcome(&map, &[], "", r#"{"5":"FIRST"}"#).contains(r#""alias_by_number":{"5":"FIRST"}"#));
}

#[test]
fn a_path_does_not_unset_a_member_of_a_oneof() {
    let kinds = route("Kinds", const { &[variable("number")] }, Body::All);
    assert_eq!(outcome(&kinds, &["1"], "", r#"{"text":"a"}"#), "number conflicting_values");
    assert!(outcome(&kinds, &["1"], "", r#"{"number":1}"#).contains(r#""number":1"#));
    let nested = route("Kinds", const { &[variable("choice_part.name")] }, Body::All);
    assert_eq!(outcome(&nested, &["a"], "", r#"{"text":"a"}"#), "choice_part.name conflicting_values");
}

#[test]
fn random_queries_never_panic() {
    const PIECES: [&str; 16] =
        ["part", "again", ".", "=", "&", "%", "%2", "%41", "+", "name", "numbers", "1", "text", "é", "times", "maybe"];
    let kinds = route("Kinds", &[], Body::None);
    let mut numbers = Numbers(11);
    for _ in 0..20_000 {
        let query: String = (0..numbers.below(12)).map(|_| PIECES[numbers.below(PIECES.len())]).collect();
        drop(call(&kinds, &[], &query, ""));
    }
}
