//! `oneof` rules of a message as JSON Schema: a choice among the ways to set its fields.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::{Json, Object};
use crate::object;
use crate::validation::read;
use crate::validation::rules::Oneof;

/// The rules whose fields all come in the body: its schema knows nothing of other places. `elsewhere` are the fields
/// that come from there, as paths.
fn of(message: &MessageDescriptor, elsewhere: &[String]) -> Vec<Oneof> {
    let is_elsewhere = |name: &String| elsewhere.iter().any(|path| path.split('.').next() == Some(name));
    let rules = read::message(message, &mut Vec::new());
    rules.into_iter().filter(|rule| !rule.fields.iter().any(is_elsewhere)).collect()
}

/// Whether an empty message is refused.
pub(super) fn is_required(message: &MessageDescriptor, elsewhere: &[String]) -> bool {
    of(message, elsewhere).iter().any(|rule| rule.required)
}

/// Adds the rules to the schema of the message.
pub(super) fn apply(message: &MessageDescriptor, elsewhere: &[String], schema: &mut Object) {
    let rules = of(message, elsewhere).into_iter().filter(|rule| rule.required || rule.fields.len() > 1);
    let mut choices: Vec<_> = rules.map(|rule| object! { "oneOf": choices(message, &rule) }).collect();
    match choices.len() {
        0 => {}
        1 => schema.extend(choices.remove(0)),
        _ => schema.set("allOf", choices),
    }
}

/// A schema for each field that may be set. What is read as not set counts as left out: `null`, and a zero without
/// presence.
fn choices(message: &MessageDescriptor, rule: &Oneof) -> Vec<Object> {
    let fields: Vec<_> = rule.fields.iter().filter_map(|name| message.get_field_by_name(name)).collect();
    let mut choices: Vec<_> = fields.iter().map(|field| set(message, field)).collect();
    if !rule.required {
        let left_out = fields.iter().fold(Object::new(), |all, field| {
            let unset = unset(field).map_or(Json::Bool(false), Json::from);
            all.with(field.name(), unset)
        });
        choices.push(object! { "title": title(message, "none"), "properties": left_out });
    }
    choices
}

/// A name that no other choice has: generators of clients make a type of each.
fn title(message: &MessageDescriptor, choice: &str) -> String {
    let name = message.full_name().strip_prefix(message.package_name()).unwrap_or(message.full_name());
    format!("{}.{choice}", name.trim_start_matches('.'))
}

fn set(message: &MessageDescriptor, field: &FieldDescriptor) -> Object {
    let name = field.name();
    let mut choice = object! { "title": title(message, name), "required": vec![name] };
    if let Some(unset) = unset(field) {
        choice.child("properties").set(name, object! { "not": unset });
    }
    choice
}

/// The JSON that leaves a field unset; nothing where only leaving it out does.
fn unset(field: &FieldDescriptor) -> Option<Object> {
    if field.supports_presence() {
        return (!means_null(field)).then(|| object! { "type": "null" });
    }
    let mut values = vec![Json::Null];
    if field.is_list() {
        values.push(Json::List(Vec::new()));
    } else if field.is_map() {
        values.push(Object::new().into());
    } else {
        match field.kind() {
            Kind::String | Kind::Bytes => values.push("".into()),
            Kind::Bool => values.push(false.into()),
            Kind::Enum(descriptor) => {
                let zeros = descriptor.values().filter(|value| value.number() == 0);
                values.extend(zeros.map(|value| Json::from(value.name())));
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
                values.extend([Json::from("0"), 0.into()]);
            }
            _ => values.push(0.into()),
        }
    }
    Some(object! { "enum": values })
}

/// Whether `null` is a value of the field, which has presence.
fn means_null(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(message) => message.full_name() == "google.protobuf.Value",
        Kind::Enum(descriptor) => descriptor.full_name() == "google.protobuf.NullValue",
        _ => false,
    }
}
