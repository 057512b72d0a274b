//! The query string: cut into pairs, and bound to the fields that neither path nor body holds.
//! What is not understood is a violation: a parameter that is dropped silently is a filter that is not applied.

use std::borrow::Cow;
use std::collections::HashMap;

use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage as _, Value};

use crate::failure::{Failure, Findings, code, shown};
use crate::json::reader::find_field;
use crate::json::scalar::Refusal;
use crate::json::wkt::WellKnown;
use crate::percent::{self, Mode};
use crate::route::{Body, Route};
use crate::text;

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
pub(crate) fn bind(route: &Route, pairs: &[Pair<'_>], message: &mut DynamicMessage, violations: &mut Findings) {
    if pairs.len() > MAX_PAIRS {
        let message = format!("there may be at most {MAX_PAIRS} query parameters");
        violations.add("", code::TOO_MANY_PARAMETERS, message);
        return;
    }
    let mut seen = HashMap::new();
    for (name, value) in pairs {
        if let Err(refusal) = bind_pair(route, name, value, message, &mut seen) {
            violations.add(shown(name), refusal.code, refusal.message);
        }
    }
}

fn bind_pair<'p>(
    route: &Route,
    name: &'p str,
    value: &str,
    message: &mut DynamicMessage,
    seen: &mut HashMap<String, &'p str>,
) -> Result<(), Refusal> {
    if route.body == Body::All {
        return Err(unknown("this method has no query parameters, the body holds everything"));
    }
    let fields = resolve(&message.descriptor(), name)?;
    let path = fields.iter().map(FieldDescriptor::name).collect::<Vec<_>>().join(".");
    let (Some(first), Some((leaf, parents))) = (fields.first(), fields.split_last()) else {
        return Err(unknown("there is no such parameter"));
    };
    refuse_bound(route, first, &path)?;
    if leaf.is_map() || !text::has_text(&leaf.kind()) {
        return Err(unknown("an object cannot be a query parameter, only its fields can"));
    }
    if let Some(earlier) = seen.insert(path, name).filter(|_| !leaf.is_list()) {
        let twice =
            if earlier == name { "is given twice".to_owned() } else { format!("is given as {} too", shown(earlier)) };
        return Err(Refusal::new(code::CONFLICTING_VALUES, twice));
    }
    let value = text::value(&leaf.kind(), value)?;
    let holder = crate::bind::descend(message, parents)?;
    crate::bind::refuse_rival(holder, leaf)?;
    match holder.get_field_mut(leaf) {
        Value::List(values) => values.push(value),
        slot => *slot = value,
    }
    Ok(())
}

/// Path, body and query are disjoint: what the path or the body holds is no parameter
/// (`google/api/http.proto`; a query that overrides the path defeats checks made on the path).
fn refuse_bound(route: &Route, first: &FieldDescriptor, path: &str) -> Result<(), Refusal> {
    if route.variables.iter().any(|variable| variable.field == path) {
        return Err(unknown("is part of the path and cannot be a query parameter"));
    }
    if matches!(route.body, Body::Field(name) if name == first.name()) {
        return Err(unknown("is part of the body and cannot be a query parameter"));
    }
    Ok(())
}

/// The fields from the request message to the parameter, each by either spelling.
fn resolve(descriptor: &MessageDescriptor, name: &str) -> Result<Vec<FieldDescriptor>, Refusal> {
    let mut fields: Vec<FieldDescriptor> = Vec::new();
    let mut within = Some(descriptor.clone());
    for part in name.split('.') {
        if fields.len() == MAX_PATH {
            return Err(unknown("the name has too many parts"));
        }
        let Some(descriptor) = within else {
            return Err(unknown("only the fields of a single object can be reached this way"));
        };
        let field = find_field(&descriptor, part).ok_or_else(|| unknown("there is no such parameter"))?;
        let kind = field.kind();
        let inner = kind.as_message().filter(|inner| !field.is_list() && WellKnown::of(inner).is_none());
        within = inner.cloned();
        fields.push(field);
    }
    Ok(fields)
}

fn unknown(message: &str) -> Refusal {
    Refusal::new(code::UNKNOWN_PARAMETER, message)
}
