//! Path, query and body into one request message. The three classes are disjoint (`google/api/http.proto`);
//! a field that path and body both give must be the same in both.

use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, ReflectMessage as _, Value};

use crate::failure::{Failure, Findings, code};
use crate::json::reader::{self, oneof_rival};
use crate::json::scalar::Refusal;
use crate::percent::{self, Mode};
use crate::query;
use crate::route::{Body, Route};
use crate::text;

/// What a request brings, still as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'r> {
    /// One raw text per variable of the route.
    pub(crate) captures: &'r [String],
    pub(crate) query: Option<&'r str>,
    pub(crate) body: &'r [u8],
}

/// Builds the request message. Bad syntax anywhere comes before violations; these are told all at once, in the
/// order path, query, body.
pub(crate) fn bind(
    route: &Route,
    descriptor: &MessageDescriptor,
    input: Input<'_>,
    max_depth: usize,
) -> Result<DynamicMessage, Failure> {
    let mut message = DynamicMessage::new(descriptor.clone());
    let captures = decode_captures(route, input.captures)?;
    let pairs = query::pairs(input.query.unwrap_or_default())?;

    let mut in_body = Findings::default();
    bind_body(route, &mut message, input.body, max_depth, &mut in_body)?;
    let mut violations = Findings::default();
    for (variable, text) in route.variables.iter().zip(&captures) {
        if let Err(refusal) = bind_variable(&mut message, variable.field, text) {
            violations.add(variable.field, refusal.code, refusal.message);
        }
    }
    query::bind(route, &pairs, &mut message, &mut violations);
    violations.append(in_body);
    violations.into_result().map(|()| message)
}

fn decode_captures(route: &Route, captures: &[String]) -> Result<Vec<String>, Failure> {
    let decode = |(variable, raw): (&crate::Variable, &String)| {
        let mode = if variable.multi { Mode::Segments } else { Mode::Segment };
        let decoded = percent::decode(raw, mode);
        decoded.map(String::from).map_err(|error| Failure::malformed(format!("The path cannot be decoded: {error}.")))
    };
    route.variables.iter().zip(captures).map(decode).collect()
}

fn bind_body(
    route: &Route,
    message: &mut DynamicMessage,
    body: &[u8],
    max_depth: usize,
    violations: &mut Findings,
) -> Result<(), Failure> {
    if body.is_empty() {
        return Ok(());
    }
    if route.body == Body::None {
        violations.add("body", code::UNEXPECTED_BODY, "this method takes no body");
        return Ok(());
    }
    let text = std::str::from_utf8(body).map_err(|error| {
        Failure::malformed(format!("The body is not UTF-8 from byte {} on.", error.valid_up_to() + 1))
    })?;
    match route.body {
        Body::None => Ok(()),
        Body::All => reader::read_message(text, max_depth, message, violations),
        Body::Field(name) => match message.descriptor().get_field_by_name(name) {
            Some(field) => reader::read_field(text, max_depth, message, &field, violations),
            None => Ok(()),
        },
    }
}

/// The zero value of a field without presence counts as not given, as everywhere in protobuf.
fn bind_variable(message: &mut DynamicMessage, path: &str, text: &str) -> Result<(), Refusal> {
    let fields = fields_of(&message.descriptor(), path);
    let Some((leaf, parents)) = fields.split_last() else { return Ok(()) };
    let value = text::value(&leaf.kind(), text)?;
    let holder = descend(message, parents)?;
    refuse_rival(holder, leaf)?;
    if holder.has_field(leaf) && *holder.get_field(leaf) != value {
        return Err(Refusal::new(code::CONFLICTING_VALUES, "is not the same in the path and in the body"));
    }
    *holder.get_field_mut(leaf) = value;
    Ok(())
}

/// The fields of a path in proto names; empty when there is no such path.
pub(crate) fn fields_of(descriptor: &MessageDescriptor, path: &str) -> Vec<FieldDescriptor> {
    let mut within = Some(descriptor.clone());
    let mut fields = Vec::new();
    for name in path.split('.') {
        let Some(field) = within.and_then(|message| message.get_field_by_name(name)) else { return Vec::new() };
        within = field.kind().as_message().cloned();
        fields.push(field);
    }
    fields
}

/// The message that holds the last field of a path; messages on the way are set.
pub(crate) fn descend<'m>(
    message: &'m mut DynamicMessage,
    parents: &[FieldDescriptor],
) -> Result<&'m mut DynamicMessage, Refusal> {
    let mut holder = message;
    for field in parents {
        refuse_rival(holder, field)?;
        let Value::Message(next) = holder.get_field_mut(field) else {
            return Err(Refusal::invalid("leads through a field that is no object"));
        };
        holder = next;
    }
    Ok(holder)
}

/// Setting one member of a oneof would silently unset another.
pub(crate) fn refuse_rival(message: &DynamicMessage, field: &FieldDescriptor) -> Result<(), Refusal> {
    match oneof_rival(message, field) {
        None => Ok(()),
        Some(other) => {
            let text = format!("{} cannot be given together with {other}", field.name());
            Err(Refusal::new(code::CONFLICTING_VALUES, text))
        }
    }
}

#[cfg(test)]
mod tests;
