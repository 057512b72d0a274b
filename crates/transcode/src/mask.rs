//! The update mask of a `PATCH`: which fields the body gives, and whether an explicit mask names fields that there are.

use std::collections::BTreeSet;

use crate::failure::{Findings, code, shown};
use crate::json::{Fields, Schema, Shape, members};
use crate::route::{Body, Route};

/// The paths that the body of a `PATCH` gives a value or `null`, in proto names, sorted. In the extensions of the
/// request, so that a service can refuse what an explicit mask does not name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PresentFields(pub Vec<String>);

/// Derives the mask where none was given, and checks it where one was. `body` is JSON that was read already.
pub(crate) fn apply(
    route: &Route,
    schema: &'static Schema,
    body: &str,
    message: &mut dyn Fields,
    violations: &mut Findings,
) -> Option<PresentFields> {
    let (Some(name), Body::Field(resource)) = (route.mask, route.body) else { return None };
    let (field, _) = schema.named(name)?;
    let Shape::Message(inner) = schema.named(resource)?.1.shape else { return None };
    let present = present(inner(), resource, route, body);
    let mask = message.mask(field)?;
    match mask {
        Some(mask) if !mask.paths.is_empty() => check(inner(), name, &mask.paths, violations),
        _ => *mask = Some(prost_types::FieldMask { paths: present.0.clone() }),
    }
    Some(present)
}

/// Leaf paths; lists, maps and well-known types are leaves. What the path of the request holds is not part of it.
fn present(schema: &'static Schema, resource: &str, route: &Route, body: &str) -> PresentFields {
    let mut paths = BTreeSet::new();
    if !body.is_empty() {
        collect(schema, body, "", &mut paths);
    }
    let in_path = |path: &String| {
        let of_resource = |variable: &crate::Variable| variable.field.strip_prefix(resource)?.strip_prefix('.');
        route.variables.iter().filter_map(of_resource).any(|bound| bound == path)
    };
    PresentFields(paths.into_iter().filter(|path| !in_path(path)).collect())
}

fn collect(schema: &'static Schema, object: &str, prefix: &str, into: &mut BTreeSet<String>) {
    for (key, value) in members(object) {
        let Some(field) = schema.index(&key).and_then(|index| schema.field(index)) else { continue };
        let path = format!("{prefix}{}", field.name);
        match field.shape {
            // An empty object sets the message itself.
            Shape::Message(inner) if value.starts_with('{') && !members(value).is_empty() => {
                collect(inner(), value, &format!("{path}."), into);
            }
            _ => {
                into.insert(path);
            }
        }
    }
}

fn check(schema: &'static Schema, name: &str, paths: &[String], violations: &mut Findings) {
    if let [all] = paths
        && all == "*"
    {
        return;
    }
    for path in paths {
        if !exists(schema, path) {
            let message = format!("\"{}\" is no field of {}", shown(path), schema.name);
            violations.add(name, code::UNKNOWN_FIELD, message);
        }
    }
}

fn exists(schema: &'static Schema, path: &str) -> bool {
    let mut within = Some(schema);
    path.split('.').all(|name| {
        let Some(field) = within.and_then(|schema| schema.index(name).and_then(|index| schema.field(index))) else {
            return false;
        };
        within = match field.shape {
            Shape::Message(inner) => Some(inner()),
            Shape::Text | Shape::Texts | Shape::Whole => None,
        };
        true
    })
}
