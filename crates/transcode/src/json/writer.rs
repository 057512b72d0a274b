//! A message to `ProtoJSON`: proto names, zero values of fields without presence and empty lists written, unset
//! messages and optional fields left out, never `null`. Map keys are sorted, so that equal messages give equal text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MapKey, ReflectMessage as _, Value};

use super::wkt::{self, WellKnown};

/// A value that has no JSON: a time outside of the calendar, a mask that does not come back the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unprintable(pub(crate) String);

/// Appends the JSON of a message.
pub(crate) fn write_message(out: &mut String, message: &DynamicMessage) -> Result<(), Unprintable> {
    let descriptor = message.descriptor();
    if let Some(known) = WellKnown::of(&descriptor) {
        return write_well_known(out, known, message);
    }
    out.push('{');
    let mut separator = "";
    for field in descriptor.fields() {
        let implicit = !field.supports_presence();
        if implicit || message.has_field(&field) {
            out.push_str(separator);
            separator = ",";
            write_string(out, field.name());
            out.push(':');
            write_field(out, &field, &message.get_field(&field))?;
        }
    }
    out.push('}');
    Ok(())
}

fn write_field(out: &mut String, field: &FieldDescriptor, value: &Value) -> Result<(), Unprintable> {
    let kind = field.kind();
    match value {
        Value::List(values) => write_list(out, &kind, values),
        Value::Map(entries) => {
            let value_kind = kind.as_message().map(|entry| entry.map_entry_value_field().kind());
            write_map(out, &value_kind.unwrap_or(kind), entries.iter().collect())
        }
        single => write_value(out, &kind, single),
    }
}

fn write_list(out: &mut String, kind: &Kind, values: &[Value]) -> Result<(), Unprintable> {
    out.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_value(out, kind, value)?;
    }
    out.push(']');
    Ok(())
}

fn write_map(out: &mut String, kind: &Kind, mut entries: Vec<(&MapKey, &Value)>) -> Result<(), Unprintable> {
    entries.sort_unstable_by(|a, b| a.0.cmp(b.0));
    out.push('{');
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        match key {
            MapKey::Bool(key) => write_quoted(out, key),
            MapKey::I32(key) => write_quoted(out, key),
            MapKey::I64(key) => write_quoted(out, key),
            MapKey::U32(key) => write_quoted(out, key),
            MapKey::U64(key) => write_quoted(out, key),
            MapKey::String(key) => write_string(out, key),
        }
        out.push(':');
        write_value(out, kind, value)?;
    }
    out.push('}');
    Ok(())
}

fn write_value(out: &mut String, kind: &Kind, value: &Value) -> Result<(), Unprintable> {
    match value {
        Value::Bool(value) => write_plain(out, value),
        Value::I32(value) => write_plain(out, value),
        Value::U32(value) => write_plain(out, value),
        // 64 bits are strings: most JSON readers keep only 53 (the ProtoJSON specification).
        Value::I64(value) => write_quoted(out, value),
        Value::U64(value) => write_quoted(out, value),
        Value::F32(value) => write_float(out, f64::from(*value), value),
        Value::F64(value) => write_float(out, *value, value),
        Value::String(text) => write_string(out, text),
        Value::Bytes(bytes) => write_quoted(out, STANDARD.encode(bytes)),
        Value::EnumNumber(number) => write_enum(out, kind.as_enum(), *number),
        Value::Message(message) => return write_message(out, message),
        Value::List(values) => return write_list(out, kind, values),
        Value::Map(entries) => return write_map(out, kind, entries.iter().collect()),
    }
    Ok(())
}

fn write_plain(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

/// Quotes text that needs no escapes.
fn write_quoted(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "\"{value}\"");
}

/// The shortest text that reads back the same; `debug` prints very large and very small values with an exponent.
fn write_float<F: std::fmt::Display + std::fmt::Debug>(out: &mut String, value: f64, exact: F) {
    if value.is_nan() {
        out.push_str("\"NaN\"");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    } else if value.abs() < 1e16 && value.abs() >= 1e-5 || value == 0.0 {
        let _ = write!(out, "{exact}");
    } else {
        let _ = write!(out, "{exact:?}");
    }
}

/// The name, of several the one declared first; the number when there is none.
fn write_enum(out: &mut String, descriptor: Option<&EnumDescriptor>, number: i32) {
    if descriptor.is_some_and(|descriptor| descriptor.full_name() == "google.protobuf.NullValue") {
        out.push_str("null");
        return;
    }
    let declared = descriptor
        .and_then(|descriptor| descriptor.enum_descriptor_proto().value.iter().find(|value| value.number() == number));
    match declared {
        Some(value) => write_string(out, value.name()),
        None => write_plain(out, number),
    }
}

fn write_well_known(out: &mut String, known: WellKnown, message: &DynamicMessage) -> Result<(), Unprintable> {
    let first = message.descriptor().get_field(1);
    match known {
        WellKnown::Timestamp | WellKnown::Duration | WellKnown::FieldMask => match wkt::to_text(known, message) {
            Some(text) => write_string(out, &text),
            None => return Err(unprintable(message)),
        },
        WellKnown::Wrapper | WellKnown::Struct | WellKnown::ListValue => {
            if let Some(field) = first {
                write_field(out, &field, &message.get_field(&field))?;
            }
        }
        WellKnown::Value => {
            let set = message.fields().next();
            let (field, value) = set.ok_or_else(|| unprintable(message))?;
            // JSON has no such numbers, and `Value` has no strings for them (google/protobuf/struct.proto).
            if value.as_f64().is_some_and(|number| !number.is_finite()) {
                return Err(unprintable(message));
            }
            write_field(out, &field, value)?;
        }
        WellKnown::Any => return Err(unprintable(message)),
    }
    Ok(())
}

fn unprintable(message: &DynamicMessage) -> Unprintable {
    Unprintable(format!("a {} whose value has no JSON", message.descriptor().full_name()))
}

/// Quotes and escapes (RFC 8259, 7).
pub(crate) fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
