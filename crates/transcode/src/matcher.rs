//! Finds the route of a request: a trie over raw path segments, most specific first, with full backtracking.
//! Pure; what is captured stays percent-encoded, and what the fields mean is not known here.

use std::collections::HashMap;
use std::sync::Arc;

use http::Method;

use crate::route::{Route, Segment};

/// What a method and a path stand for.
#[derive(Debug, Clone)]
pub enum Resolved {
    /// This route.
    Found(Match),
    /// No template has this shape.
    NotFound,
    /// The path exists, under other methods; RFC 9110 section 15.5.6 wants them told.
    MethodNotAllowed {
        /// Value of the `Allow` header.
        allow: String,
    },
    /// An `OPTIONS` request for an existing path: 204 with `Allow`.
    Options {
        /// Value of the `Allow` header.
        allow: String,
    },
}

/// A route and what it captured. Cheap to clone; travels in request extensions.
#[derive(Debug, Clone)]
pub struct Match {
    /// The binding that answers.
    pub route: &'static Route,
    /// A `HEAD` request, answered as `GET` without its body.
    pub head: bool,
    pub(crate) service: usize,
    /// One raw text per variable of the route, in order.
    pub(crate) captures: Arc<[String]>,
}

/// Two routes that nothing tells apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conflict(pub(crate) &'static Route, pub(crate) &'static Route);

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<&'static str, Node>,
    any: Option<Box<Node>>,
    rest: Vec<Leaf>,
    leaves: Vec<Leaf>,
}

#[derive(Debug, Clone, Copy)]
struct Leaf {
    route: &'static Route,
    service: usize,
}

/// All routes of all services.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    root: Node,
}

impl Matcher {
    /// Adds a route of the service with that index.
    pub(crate) fn add(&mut self, route: &'static Route, service: usize) -> Result<(), Conflict> {
        let mut node = &mut self.root;
        let mut leaves = None;
        for segment in route.segments {
            match segment {
                Segment::Literal(text) => node = node.literals.entry(text).or_default(),
                Segment::Any => node = node.any.get_or_insert_default(),
                Segment::Rest => {
                    leaves = Some(&mut node.rest);
                    break;
                }
            }
        }
        let leaves = match leaves {
            Some(leaves) => leaves,
            None => &mut node.leaves,
        };
        let same = |leaf: &&Leaf| leaf.route.verb == route.verb && leaf.route.http_method == route.http_method;
        if let Some(twin) = leaves.iter().find(same) {
            return Err(Conflict(twin.route, route));
        }
        leaves.push(Leaf { route, service });
        Ok(())
    }

    /// Which route answers `method` on the raw request path `path`?
    pub(crate) fn resolve(&self, method: &Method, path: &str) -> Resolved {
        let Some(segments) = split(path) else { return Resolved::NotFound };
        if let Some((head, verb)) = split_verb(&segments) {
            // A verb counts only where some template of this shape registers it; else the colon is data.
            match self.lookup(method, &head, Some(verb)) {
                Resolved::NotFound => {}
                resolved => return resolved,
            }
        }
        self.lookup(method, &segments, None)
    }

    fn lookup(&self, method: &Method, segments: &[&str], verb: Option<&str>) -> Resolved {
        if let Some(leaf) = best_leaf(&self.root, segments, method, verb) {
            return Resolved::Found(Match {
                route: leaf.route,
                head: method == Method::HEAD && leaf.route.http_method == "GET",
                service: leaf.service,
                captures: captures(leaf.route, segments),
            });
        }
        let mut methods = Vec::new();
        collect_methods(&self.root, segments, verb, &mut methods);
        if methods.is_empty() {
            return Resolved::NotFound;
        }
        let allow = allow(&methods);
        if method == Method::OPTIONS { Resolved::Options { allow } } else { Resolved::MethodNotAllowed { allow } }
    }
}

/// The segments of a path; none for `/`. A trailing slash names nothing.
fn split(path: &str) -> Option<Vec<&str>> {
    let rest = path.strip_prefix('/')?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    let segments: Vec<&str> = rest.split('/').collect();
    if segments.last().is_some_and(|last| last.is_empty()) { None } else { Some(segments) }
}

/// Cuts the text after the last colon off the last segment. `%3A` is never a separator.
fn split_verb<'p>(segments: &[&'p str]) -> Option<(Vec<&'p str>, &'p str)> {
    let (last, before) = segments.split_last()?;
    let (head, verb) = last.rsplit_once(':')?;
    if head.is_empty() || verb.is_empty() {
        return None;
    }
    let mut segments = before.to_vec();
    segments.push(head);
    Some((segments, verb))
}

/// Literal before `*` before `**` at every position, among the routes that answer this method. Every node is
/// visited at most once, so the work is bounded by the size of the table.
fn best_leaf<'n>(node: &'n Node, segments: &[&str], method: &Method, verb: Option<&str>) -> Option<&'n Leaf> {
    let below = match segments.split_first() {
        None => pick(&node.leaves, method, verb),
        Some((first, rest)) => {
            let literal = node.literals.get(*first).and_then(|next| best_leaf(next, rest, method, verb));
            literal.or_else(|| {
                let next = node.any.as_deref().filter(|_| !first.is_empty())?;
                best_leaf(next, rest, method, verb)
            })
        }
    };
    below.or_else(|| pick(&node.rest, method, verb))
}

fn pick<'n>(leaves: &'n [Leaf], method: &Method, verb: Option<&str>) -> Option<&'n Leaf> {
    let find = |name: &str| leaves.iter().find(|leaf| leaf.route.verb == verb && leaf.route.http_method == name);
    let exact = find(method.as_str());
    let derived = || if method == Method::HEAD { find("GET") } else { None };
    let any = || if method == Method::OPTIONS { None } else { find("*") };
    exact.or_else(derived).or_else(any)
}

fn collect_methods(node: &Node, segments: &[&str], verb: Option<&str>, into: &mut Vec<&'static str>) {
    let leaves = match segments.split_first() {
        None => node.leaves.as_slice(),
        Some((first, rest)) => {
            if let Some(next) = node.literals.get(*first) {
                collect_methods(next, rest, verb, into);
            }
            if let Some(next) = node.any.as_deref().filter(|_| !first.is_empty()) {
                collect_methods(next, rest, verb, into);
            }
            &[]
        }
    };
    let found = leaves.iter().chain(&node.rest).filter(|leaf| leaf.route.verb == verb);
    into.extend(found.map(|leaf| leaf.route.http_method));
}

/// The `Allow` header: known methods in a fixed order, then others by name. `HEAD` comes with `GET`.
fn allow(methods: &[&'static str]) -> String {
    const ORDER: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    let has =
        |name: &str| methods.contains(&"*") || methods.contains(&name) || name == "HEAD" && methods.contains(&"GET");
    let mut names: Vec<&str> = ORDER.into_iter().filter(|name| has(name)).collect();
    let mut others: Vec<&str> =
        methods.iter().copied().filter(|name| !ORDER.contains(name) && !["*", "OPTIONS"].contains(name)).collect();
    others.sort_unstable();
    others.dedup();
    names.extend(others);
    names.push("OPTIONS");
    names.join(", ")
}

/// The raw text of every variable.
fn captures(route: &Route, segments: &[&str]) -> Arc<[String]> {
    let capture = |variable: &crate::Variable| {
        let open = route.segments.get(variable.end.wrapping_sub(1)) == Some(&Segment::Rest);
        let end = if open { segments.len() } else { variable.end };
        segments.get(variable.start..end).unwrap_or_default().join("/")
    };
    route.variables.iter().map(capture).collect()
}

#[cfg(test)]
mod tests;
