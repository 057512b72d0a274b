//! What path and query hold: the path of a template as OpenAPI writes it, and every field that neither path nor body has.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::schemas::{Schemas, described, fields};
use super::{Direction, Host, Json, Object, constraints, kinds};
use crate::object;
use crate::plan::{Body, Route};
use crate::template::{Segment, Variable};

/// The path, and the parameters in it.
pub(super) fn path(route: &Route, schemas: &mut Schemas, host: &dyn Host) -> (String, Vec<Json>) {
    let (mut path, mut parameters) = (String::new(), Vec::new());
    for (place, segment) in route.template.segments.iter().enumerate() {
        path.push('/');
        let text = match segment {
            Segment::Literal(text) => {
                path.push_str(text);
                continue;
            }
            Segment::Any => "*",
            Segment::Rest => "**",
        };
        let variable = route.template.variables.iter().find(|one| (one.start..one.end).contains(&place));
        let name = match variable {
            Some(variable) if wildcards(route, variable) == 1 => variable.field.clone(),
            Some(variable) => format!("{}_{}", variable.field, place - variable.start),
            None => format!("segment_{place}"),
        };
        path.extend(["{", &name, "}"]);
        let leaf = variable.and_then(|variable| leaf(&route.method.input(), &variable.field));
        let mut parameter = object! { "name": name, "in": "path", "required": true };
        if let Some(leaf) = leaf.filter(|_| variable.is_some_and(|variable| !variable.multi)) {
            complete(&mut parameter, &leaf, schemas, host);
        } else {
            parameter.set("description", format!("What stands for `{text}` in `{}`.", route.text));
            parameter.set("schema", object! { "type": "string", "minLength": 1 });
        }
        parameters.push(parameter.into());
    }
    if let Some(verb) = &route.template.verb {
        path.push(':');
        path.push_str(verb);
    }
    (path, parameters)
}

/// The parameters of the query.
pub(super) fn query(route: &Route, schemas: &mut Schemas, host: &dyn Host) -> Vec<Json> {
    let mut found = Vec::new();
    if route.body != Body::All {
        collect(route, &[route.method.input()], "", schemas, host, &mut found);
    }
    found
}

/// The parameters of the last message of `path`. One that contains itself is told once: its fields may be nested deeper,
/// but a document that said so would have no end.
fn collect(
    route: &Route,
    path: &[MessageDescriptor],
    prefix: &str,
    schemas: &mut Schemas,
    host: &dyn Host,
    found: &mut Vec<Json>,
) {
    for field in path.last().map(fields).unwrap_or_default() {
        let name = format!("{prefix}{}", field.name());
        let in_path = route.template.variables.iter().any(|variable| variable.field == name);
        if in_path || (prefix.is_empty() && route.body == Body::Field(name.clone())) || field.is_map() {
            continue;
        }
        if kinds::has_text(&field.kind()) {
            let required = prefix.is_empty() && constraints::is_required(&field, &constraints::of(&field));
            let mut parameter = object! { "name": name, "in": "query", "required": required };
            complete(&mut parameter, &field, schemas, host);
            found.push(parameter.into());
        } else if let (Kind::Message(inner), false) = (field.kind(), field.is_list())
            && kinds::well_known(&inner, Direction::In).is_none()
            && !path.contains(&inner)
        {
            let path = [path, &[inner]].concat();
            collect(route, &path, &format!("{name}."), schemas, host, found);
        }
    }
}

/// Adds description, schema and example. Everything is text here, so that a number has one spelling.
fn complete(parameter: &mut Object, field: &FieldDescriptor, schemas: &mut Schemas, host: &dyn Host) {
    let schema = schemas.field(field, &constraints::of(field), Direction::Text, &[]);
    let described = described(Object::new(), field);
    let is_path = parameter.get("in").and_then(Json::as_text) == Some("path");
    parameter.extend(described);
    parameter.set("schema", if is_path { not_empty(schema) } else { schema });
    if let Some(example) = host.parameter_example(field) {
        parameter.set("example", example);
    }
}

/// No part of a path is empty.
fn not_empty(mut schema: Object) -> Object {
    let bare = schema.get("pattern").is_none() && schema.get("enum").is_none() && schema.get("minLength").is_none();
    if bare && schema.get("type").and_then(Json::as_text) == Some("string") {
        schema.set("minLength", 1);
    }
    schema
}

fn wildcards(route: &Route, variable: &Variable) -> usize {
    let segments = &route.template.segments[variable.start..variable.end];
    segments.iter().filter(|segment| !matches!(segment, Segment::Literal(_))).count()
}

fn leaf(message: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let field = message.get_field_by_name(first)?;
    match rest {
        Some(rest) => leaf(field.kind().as_message()?, rest),
        None => Some(field),
    }
}
