//! The query string: cut into pairs, and bound to the fields that neither path nor body holds.
//! What is not understood is a violation: a parameter that is dropped silently is a filter that is not applied.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::failure::{Failure, Findings, code, shown};
use crate::json::set::Source;
use crate::json::{Field, Fields, Refusal, Schema, Shape};
use crate::percent::{self, Mode};
use crate::route::{Body, Route};

/// More pairs than this are not read.
const MAX_PAIRS: usize = 128;
/// Longer paths `a.b.c` are not followed.
const MAX_PATH: usize = 16;

/// One decoded `name=value`.
pub(crate) type Pair<'q> = (Cow<'q, str>, Cow<'q, str>);

/// Cuts and decodes a query string, one pair more than are read at most.
pub(crate) fn pairs(query: &str) -> Result<Vec<Pair<'_>>, Failure> {
    let decode = |part| {
        let decoded = percent::decode(part, Mode::Query);
        decoded.map_err(|error| Failure::malformed(format!("The query cannot be decoded: {error}.")))
    };
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()).take(MAX_PAIRS + 1) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decode(name)?, decode(value)?));
    }
    Ok(pairs)
}

/// Binds all pairs.
pub(crate) fn bind(
    route: &Route,
    schema: &'static Schema,
    pairs: &[Pair<'_>],
    ignored: &[String],
    message: &mut dyn Fields,
    violations: &mut Findings,
) {
    if pairs.len() > MAX_PAIRS {
        let message = format!("there may be at most {MAX_PAIRS} query parameters");
        violations.add("", code::TOO_MANY_PARAMETERS, message);
        return;
    }
    let mut seen = HashMap::new();
    for (name, value) in pairs.iter().filter(|(name, _)| !ignored.iter().any(|other| other == name)) {
        if let Err(refusal) = bind_pair(route, schema, name, value, message, &mut seen) {
            violations.add(shown(name), refusal.code, refusal.message);
        }
    }
}

fn bind_pair<'p>(
    route: &Route,
    schema: &'static Schema,
    name: &'p str,
    value: &str,
    message: &mut dyn Fields,
    seen: &mut HashMap<Vec<u16>, &'p str>,
) -> Result<(), Refusal> {
    if route.body == Body::All {
        return Err(unknown("this method has no query parameters, the body holds everything"));
    }
    let (path, fields) = resolve(schema, name)?;
    refuse_bound(route, &fields)?;
    let leaf = fields.last().map(|field| field.shape);
    let list = match leaf {
        Some(Shape::Text) => false,
        Some(Shape::Texts) => true,
        _ => return Err(unknown("an object cannot be a query parameter, only its fields can")),
    };
    if let Some(earlier) = seen.insert(path.clone(), name).filter(|_| !list) {
        let twice =
            if earlier == name { "is given twice".to_owned() } else { format!("is given as {} too", shown(earlier)) };
        return Err(Refusal::new(code::CONFLICTING_VALUES, twice));
    }
    message.set_text(&path, value, Source::Query)
}

/// Path, body and query are disjoint: what the path or the body holds is no parameter
/// (`google/api/http.proto`; a query that overrides the path defeats checks made on the path).
fn refuse_bound(route: &Route, fields: &[&Field]) -> Result<(), Refusal> {
    let names = |path: &str| path.split('.').eq(fields.iter().map(|field| field.name));
    if route.variables.iter().any(|variable| names(variable.field)) {
        return Err(unknown("is part of the path and cannot be a query parameter"));
    }
    let first = fields.first().map(|field| field.name);
    if matches!(route.body, Body::Field(name) if first == Some(name)) {
        return Err(unknown("is part of the body and cannot be a query parameter"));
    }
    Ok(())
}

/// The fields from the request message to the parameter, each by either spelling.
fn resolve(schema: &'static Schema, name: &str) -> Result<(Vec<u16>, Vec<&'static Field>), Refusal> {
    let (mut path, mut fields) = (Vec::new(), Vec::new());
    let mut within = Some(schema);
    for part in name.split('.') {
        if fields.len() == MAX_PATH {
            return Err(unknown("the name has too many parts"));
        }
        let Some(schema) = within else {
            return Err(unknown("only the fields of a single object can be reached this way"));
        };
        let index = schema.index(part).ok_or_else(|| unknown("there is no such parameter"))?;
        let field = schema.field(index).ok_or_else(|| unknown("there is no such parameter"))?;
        within = match field.shape {
            Shape::Message(below) => Some(below()),
            Shape::Text | Shape::Texts | Shape::Whole => None,
        };
        path.push(index);
        fields.push(field);
    }
    Ok((path, fields))
}

fn unknown(message: &str) -> Refusal {
    Refusal::new(code::UNKNOWN_PARAMETER, message)
}
