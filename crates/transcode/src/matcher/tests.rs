//! Routes by table: precedence, verbs, methods, and what is captured.

use super::*;
use crate::route::{Body, Variable};

/// A route from a template without variables; every wildcard is captured into a variable of its own.
fn route(http_method: &'static str, template: &'static str) -> &'static Route {
    let (path, verb) = match template.rsplit_once(':') {
        Some((path, verb)) => (path, Some(verb)),
        None => (template, None),
    };
    let segment = |text| match text {
        "*" => Segment::Any,
        "**" => Segment::Rest,
        text => Segment::Literal(text),
    };
    let segments: Vec<Segment> = path.split('/').skip(1).map(segment).collect();
    let wild = segments.iter().enumerate().filter(|(_, segment)| !matches!(segment, Segment::Literal(_)));
    let variables = wild
        .map(|(at, segment)| Variable { field: "v", start: at, end: at + 1, multi: *segment == Segment::Rest })
        .collect::<Vec<_>>();
    Box::leak(Box::new(Route {
        rpc: "/test.Test/Test",
        method: 0,
        http_method,
        template,
        segments: Vec::leak(segments),
        verb,
        variables: Vec::leak(variables),
        body: Body::None,
        input: "",
        response_body: None,
        raw_request: false,
        raw_reply: false,
        stream: false,
        mask: None,
        output: "",
    }))
}

fn matcher(routes: &[(&'static str, &'static str)]) -> Matcher {
    let mut matcher = Matcher::default();
    for (method, template) in routes {
        matcher.add(route(method, template), 0).expect("no conflict");
    }
    matcher
}

/// The template and the captures, or `404`, `405` and `204` with what is allowed.
fn resolve(matcher: &Matcher, method: &str, path: &str) -> String {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    match matcher.resolve(&method, path) {
        Resolved::Found(found) => {
            let head = if found.head { " head" } else { "" };
            format!("{} [{}]{head}", found.route.template, found.captures.join(" "))
        }
        Resolved::NotFound => "404".to_owned(),
        Resolved::MethodNotAllowed { allow } => format!("405 {allow}"),
        Resolved::Options { allow } => format!("204 {allow}"),
    }
}

fn check(routes: &[(&'static str, &'static str)], cases: &[(&str, &str, &str)]) {
    let matcher = matcher(routes);
    for (method, path, want) in cases {
        assert_eq!(resolve(&matcher, method, path), *want, "{method} {path}");
    }
}

#[test]
fn the_most_specific_route_answers() {
    check(
        &[
            ("GET", "/x/*"),
            ("POST", "/x/featured"),
            ("GET", "/x/latest"),
            ("GET", "/x/*/a/b"),
            ("GET", "/x/y/*/c"),
            ("GET", "/x/**"),
            ("GET", "/*/y"),
        ],
        &[
            ("GET", "/x/latest", "/x/latest []"),
            ("GET", "/x/1", "/x/* [1]"),
            // A literal under another method is no obstacle.
            ("GET", "/x/featured", "/x/* [featured]"),
            ("POST", "/x/featured", "/x/featured []"),
            // Backtracking: /x/y/* fits three segments, but only /x/*/a/b fits to the end.
            ("GET", "/x/y/a/b", "/x/*/a/b [y]"),
            ("GET", "/x/y/a/c", "/x/y/*/c [a]"),
            ("GET", "/x/y/a/d", "/x/** [y/a/d]"),
            ("GET", "/z/y", "/*/y [z]"),
            ("GET", "/x/y", "/x/* [y]"),
            ("GET", "/z/z", "404"),
        ],
    );
}

#[test]
fn segments_are_raw_and_never_empty() {
    check(
        &[("GET", "/v1/*/a"), ("GET", "/v1/files/**"), ("GET", "/v1/a%20b"), ("GET", "/v1/*/*")],
        &[
            ("GET", "/v1//a", "404"),
            ("GET", "/v1/x/a/", "404"),
            ("GET", "/v1/files", "/v1/files/** []"),
            ("GET", "/v1/files/", "404"),
            ("GET", "/v1/files/a//b", "/v1/files/** [a//b]"),
            ("GET", "/v1/x%2Fy/a", "/v1/*/a [x%2Fy]"),
            ("GET", "/v1/x/%zz", "/v1/*/* [x %zz]"),
            ("GET", "/v1/../a", "/v1/*/a [..]"),
            ("GET", "/v1/a%20b", "/v1/a%20b []"),
            ("GET", "/v1/a b", "404"),
            ("GET", "/V1/x/a", "404"),
            ("GET", "v1/x/a", "404"),
            ("GET", "", "404"),
            ("GET", "/", "404"),
            ("GET", "*", "404"),
            ("OPTIONS", "*", "404"),
        ],
    );
}

#[test]
fn a_rest_takes_everything_also_nothing() {
    check(
        &[("GET", "/**"), ("GET", "/a/**:scan")],
        &[
            ("GET", "/", "/** []"),
            ("GET", "/x/y", "/** [x/y]"),
            ("GET", "/a:scan", "/a/**:scan []"),
            ("GET", "/a/b/c:scan", "/a/**:scan [b/c]"),
            ("GET", "/b:scan", "/** [b:scan]"),
        ],
    );
}

#[test]
fn a_verb_counts_where_it_is_registered() {
    check(
        &[
            ("GET", "/v1/orders/*"),
            ("POST", "/v1/orders/*:place"),
            ("GET", "/v1/orders:export"),
            ("POST", "/v1/orders"),
            ("GET", "/v1/items/*"),
        ],
        &[
            ("POST", "/v1/orders/o:place", "/v1/orders/*:place [o]"),
            ("GET", "/v1/orders/o:place", "405 POST, OPTIONS"),
            ("POST", "/v1/orders/a:b:place", "/v1/orders/*:place [a:b]"),
            // Not registered: the colon is data.
            ("GET", "/v1/orders/a:b", "/v1/orders/* [a:b]"),
            ("GET", "/v1/items/a:place", "/v1/items/* [a:place]"),
            ("GET", "/v1/orders/a:", "/v1/orders/* [a:]"),
            ("GET", "/v1/orders/:place", "/v1/orders/* [:place]"),
            ("GET", "/v1/orders/o%3Aplace", "/v1/orders/* [o%3Aplace]"),
            ("POST", "/v1/orders/o%3Aplace", "405 GET, HEAD, OPTIONS"),
            ("GET", "/v1/orders:export", "/v1/orders:export []"),
            ("GET", "/v1/orders:other", "404"),
            ("POST", "/v1/orders/o:PLACE", "405 GET, HEAD, OPTIONS"),
            ("POST", "/v1/orders/o:place/x", "404"),
        ],
    );
}

#[test]
fn methods_are_told_apart() {
    check(
        &[
            ("GET", "/a"),
            ("PATCH", "/a"),
            ("DELETE", "/a"),
            ("PURGE", "/a"),
            ("HEAD", "/h"),
            ("GET", "/h"),
            ("*", "/any"),
            ("POST", "/any"),
            ("OPTIONS", "/own"),
            ("POST", "/*"),
        ],
        &[
            ("HEAD", "/a", "/a [] head"),
            ("HEAD", "/h", "/h []"),
            ("POST", "/a", "/* [a]"),
            ("PUT", "/a", "405 GET, HEAD, POST, PATCH, DELETE, PURGE, OPTIONS"),
            ("OPTIONS", "/a", "204 GET, HEAD, POST, PATCH, DELETE, PURGE, OPTIONS"),
            ("PURGE", "/a", "/a []"),
            ("get", "/a", "405 GET, HEAD, POST, PATCH, DELETE, PURGE, OPTIONS"),
            ("FROB", "/any", "/any []"),
            ("HEAD", "/any", "/any []"),
            ("OPTIONS", "/any", "204 GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
            ("OPTIONS", "/own", "/own []"),
            ("GET", "/own", "405 POST, OPTIONS"),
            ("OPTIONS", "/nope/nope", "404"),
        ],
    );
}

#[test]
fn a_head_request_is_not_answered_by_a_worse_path() {
    check(&[("HEAD", "/*"), ("GET", "/a")], &[("HEAD", "/a", "/a [] head"), ("HEAD", "/b", "/* [b]")]);
}

#[test]
fn equal_routes_are_conflicts() {
    let mut matcher = matcher(&[("GET", "/a/*"), ("GET", "/a/*:v"), ("POST", "/a/*"), ("GET", "/a/**")]);
    for (method, template) in [("GET", "/a/*"), ("GET", "/a/*:v"), ("GET", "/a/**")] {
        assert!(matcher.add(route(method, template), 1).is_err(), "{method} {template}");
    }
    assert!(matcher.add(route("GET", "/a/**:v"), 1).is_ok());
}

#[test]
fn a_variable_of_several_segments_is_one_text() {
    let mut shelf = route("GET", "/v1/shelves/*/books/**");
    let variables = vec![
        Variable { field: "name", start: 1, end: 5, multi: true },
        Variable { field: "shelf", start: 2, end: 3, multi: false },
    ];
    shelf = Box::leak(Box::new(Route { variables: Vec::leak(variables), ..copy(shelf) }));
    let mut matcher = Matcher::default();
    matcher.add(shelf, 0).expect("no conflict");
    let want = "/v1/shelves/*/books/** [shelves/1/books/a/b 1]";
    assert_eq!(resolve(&matcher, "GET", "/v1/shelves/1/books/a/b"), want);
    assert_eq!(resolve(&matcher, "GET", "/v1/shelves/1/books"), "/v1/shelves/*/books/** [shelves/1/books 1]");
}

fn copy(route: &Route) -> Route {
    Route { variables: &[], ..*route }
}

/// The trie bounds the work: a path cannot make it try the same route twice.
#[test]
fn long_paths_are_cheap() {
    let matcher = matcher(&[("GET", "/a/*/a/*/a/*/end"), ("GET", "/*/*/*/*/*/*/stop"), ("GET", "/**:v")]);
    let path = "/a".repeat(100_000);
    assert_eq!(resolve(&matcher, "GET", &path), "404");
}
