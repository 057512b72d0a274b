//! The JSON of scalars and of the types that have a JSON form of their own (ProtoJSON).

use prost_reflect::{Kind, MessageDescriptor};

use super::{Direction, Json, Object, range};
use crate::object;

/// Longest time: 10,000 years, in seconds with up to nine decimals.
const DURATION: &str = r"^-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,9})?s$";

/// The schema of a scalar; nothing for enums and messages.
pub(super) fn scalar(kind: &Kind, direction: Direction) -> Option<Object> {
    Some(match kind {
        Kind::String => object! { "type": "string" },
        Kind::Bool => object! { "type": "boolean" },
        Kind::Bytes => object! { "type": "string", "contentEncoding": "base64" },
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            object! { "type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX }
        }
        Kind::Uint32 | Kind::Fixed32 => object! { "type": "integer", "minimum": 0, "maximum": i64::from(u32::MAX) },
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => long(i64::MIN.into(), i64::MAX.into(), "int64", direction),
        Kind::Uint64 | Kind::Fixed64 => long(0, u64::MAX.into(), "uint64", direction),
        Kind::Float | Kind::Double => object! { "anyOf": vec![
            object! { "type": "number", "format": if matches!(kind, Kind::Float) { "float" } else { "double" } },
            object! { "type": "string", "enum": vec!["NaN", "Infinity", "-Infinity"] },
        ] },
        Kind::Enum(descriptor) if descriptor.full_name() == "google.protobuf.NullValue" => object! { "type": "null" },
        Kind::Enum(_) | Kind::Message(_) => return None,
    })
}

/// Written as a string, so that every reader keeps every digit; a bare number is read as well.
fn long(low: i128, high: i128, format: &str, direction: Direction) -> Object {
    let types = if direction == Direction::In { Json::from(vec!["string", "integer"]) } else { "string".into() };
    object! { "type": types, "format": format, "pattern": range::pattern(low, high) }
}

/// The schema of a type that has a JSON form of its own.
pub(super) fn well_known(message: &MessageDescriptor, direction: Direction) -> Option<Object> {
    Some(match message.full_name().strip_prefix("google.protobuf.")? {
        "Timestamp" => object! { "type": "string", "format": "date-time" },
        "Duration" => object! { "type": "string", "pattern": DURATION },
        "FieldMask" => object! { "type": "string" },
        "Struct" => object! { "type": "object", "additionalProperties": true },
        "ListValue" => object! { "type": "array", "items": Object::new() },
        "Value" => Object::new(),
        "Empty" => object! { "type": "object", "additionalProperties": direction == Direction::Out },
        "Any" => object! {
            "type": "object",
            "properties": object! { "@type": object! { "type": "string" } },
            "additionalProperties": true,
        },
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value" | "BoolValue"
        | "StringValue" | "BytesValue" => scalar(&message.get_field(1)?.kind(), direction)?,
        _ => return None,
    })
}

/// Whether a path or a query can hold it.
pub(super) fn has_text(kind: &Kind) -> bool {
    let Kind::Message(message) = kind else { return true };
    let name = message.full_name().strip_prefix("google.protobuf.").unwrap_or_default();
    ["Timestamp", "Duration", "FieldMask"].contains(&name)
        || (name.ends_with("Value") && !["Value", "ListValue"].contains(&name))
}
