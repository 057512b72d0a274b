//! Path, query and body into one request message. The three classes are disjoint (`google/api/http.proto`);
//! a field that path and body both give must be the same in both.

use bytes::Bytes;

use crate::call::Limits;
use crate::failure::{Failure, Findings, code};
use crate::json::set::Source;
use crate::json::{self, Fields, ProtoJson, Schema, Shape};
use crate::mask::{self, PresentFields};
use crate::percent::{self, Mode};
use crate::query;
use crate::route::{Body, Route};

/// What a request brings, still as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'r> {
    /// One raw text per variable of the route.
    pub(crate) captures: &'r [String],
    pub(crate) query: Option<&'r str>,
    pub(crate) body: &'r Bytes,
    /// The media type of the body, for those that are taken as they come.
    pub(crate) content_type: &'r str,
}

/// A request message, and which fields the body of a `PATCH` gave.
#[derive(Debug)]
pub(crate) struct Bound<M> {
    pub(crate) message: M,
    pub(crate) present: Option<PresentFields>,
}

/// Builds the request message. Bad syntax anywhere comes before violations; these are told all at once, in the
/// order path, query, body.
pub(crate) fn bind<M: ProtoJson + Fields>(
    route: &Route,
    input: Input<'_>,
    limits: &Limits,
) -> Result<Bound<M>, Failure> {
    let mut message = M::default();
    let captures = decode_captures(route, input.captures)?;
    let pairs = query::pairs(input.query.unwrap_or_default())?;

    let mut in_body = Findings::default();
    bind_body(route, &mut message, input, limits.max_depth, &mut in_body)?;
    let mut violations = Findings::default();
    bind_path(route, M::schema(), &captures, &mut message, &mut violations);
    query::bind(route, M::schema(), &pairs, &limits.ignored, &mut message, &mut violations);
    violations.append(in_body);
    let present = match route.mask {
        Some(_) => mask::apply(route, M::schema(), json::utf8(input.body)?, &mut message, &mut violations),
        None => None,
    };
    violations.into_result().map(|()| Bound { message, present })
}

fn decode_captures(route: &Route, captures: &[String]) -> Result<Vec<String>, Failure> {
    let decode = |(variable, raw): (&crate::Variable, &String)| {
        let mode = if variable.multi { Mode::Segments } else { Mode::Segment };
        let decoded = percent::decode(raw, mode);
        decoded.map(String::from).map_err(|error| Failure::malformed(format!("The path cannot be decoded: {error}.")))
    };
    route.variables.iter().zip(captures).map(decode).collect()
}

fn bind_body<M: ProtoJson + Fields>(
    route: &Route,
    message: &mut M,
    Input { body, content_type, .. }: Input<'_>,
    max_depth: usize,
    violations: &mut Findings,
) -> Result<(), Failure> {
    let field = match route.body {
        Body::Field(name) => M::schema().named(name).map(|(index, _)| index),
        Body::None | Body::All => None,
    };
    if route.raw_request {
        if let Some(raw) = message.raw_body(field).filter(|_| !body.is_empty() || !content_type.is_empty()) {
            raw.fill(content_type.to_owned(), body.clone());
        }
        return Ok(());
    }
    if body.is_empty() {
        return Ok(());
    }
    match route.body {
        Body::None => {
            violations.add("body", code::UNEXPECTED_BODY, "this method takes no body");
            Ok(())
        }
        Body::All => json::read_message(json::utf8(body)?, max_depth, message, violations),
        Body::Field(_) => match field {
            Some(field) => json::read_field(json::utf8(body)?, max_depth, message, field, violations),
            None => Ok(()),
        },
    }
}

fn bind_path(
    route: &Route,
    schema: &'static Schema,
    captures: &[String],
    message: &mut dyn Fields,
    violations: &mut Findings,
) {
    for (variable, text) in route.variables.iter().zip(captures) {
        let path = path_of(schema, variable.field);
        if let Err(refusal) = message.set_text(&path, text, Source::Path) {
            violations.add(variable.field, refusal.code, refusal.message);
        }
    }
}

/// The fields of a path in proto names; empty when there is no such path.
pub(crate) fn path_of(schema: &'static Schema, path: &str) -> Vec<u16> {
    let mut within = Some(schema);
    let mut fields = Vec::new();
    for name in path.split('.') {
        let Some((index, field)) = within.and_then(|schema| schema.named(name)) else { return Vec::new() };
        within = match field.shape {
            Shape::Message(below) => Some(below()),
            Shape::Text | Shape::Texts | Shape::Whole => None,
        };
        fields.push(index);
    }
    fields
}

#[cfg(test)]
mod tests;
