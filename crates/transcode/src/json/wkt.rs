//! The well-known types whose JSON is one scalar: times, masks and wrappers; and which types are well known at all.
//! `Struct` and its kin are in `structs`.

use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, Value};

use super::calendar::{self, TimeError};
use super::mask;
use super::scalar::Refusal;
use crate::failure::code;

/// The types with a JSON form of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WellKnown {
    Timestamp,
    Duration,
    FieldMask,
    /// `google/protobuf/wrappers.proto`: the JSON of field 1.
    Wrapper,
    Struct,
    Value,
    ListValue,
    Any,
}

impl WellKnown {
    pub(crate) fn of(descriptor: &MessageDescriptor) -> Option<Self> {
        Some(match descriptor.full_name().strip_prefix("google.protobuf.")? {
            "Timestamp" => Self::Timestamp,
            "Duration" => Self::Duration,
            "FieldMask" => Self::FieldMask,
            "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value"
            | "BoolValue" | "StringValue" | "BytesValue" => Self::Wrapper,
            "Struct" => Self::Struct,
            "Value" => Self::Value,
            "ListValue" => Self::ListValue,
            "Any" => Self::Any,
            _ => return None,
        })
    }
}

/// Sets a field that the type is known to have; a type of another shape leaves the message as it was.
pub(crate) fn put(message: &mut DynamicMessage, number: u32, value: Value) {
    let set = message.try_set_field_by_number(number, value);
    debug_assert!(set.is_ok(), "a well-known type of an unknown shape");
}

/// The kind inside a wrapper.
pub(crate) fn wrapped_kind(descriptor: &MessageDescriptor) -> Kind {
    descriptor.get_field(1).map_or(Kind::String, |field| field.kind())
}

/// A time or a mask from its text; nothing when the type has no text form.
pub(crate) fn from_text(
    known: WellKnown,
    descriptor: &MessageDescriptor,
    text: &str,
) -> Option<Result<DynamicMessage, Refusal>> {
    let parsed = match known {
        WellKnown::Timestamp => calendar::parse_timestamp(text).map_err(|error| match error {
            TimeError::Syntax => Refusal::invalid("must be an RFC 3339 time like 2024-01-31T12:00:00Z"),
            TimeError::OutOfRange => Refusal::new(code::OUT_OF_RANGE, "is no time of the calendar"),
        }),
        WellKnown::Duration => calendar::parse_duration(text).map_err(|error| match error {
            TimeError::Syntax => Refusal::invalid("must be seconds like \"90s\" or \"1.5s\""),
            TimeError::OutOfRange => Refusal::new(code::OUT_OF_RANGE, "is longer than 10,000 years"),
        }),
        WellKnown::FieldMask => return Some(mask_message(descriptor, text)),
        _ => return None,
    };
    Some(parsed.map(|(seconds, nanos)| {
        let mut message = DynamicMessage::new(descriptor.clone());
        put(&mut message, 1, Value::I64(seconds));
        put(&mut message, 2, Value::I32(nanos));
        message
    }))
}

fn mask_message(descriptor: &MessageDescriptor, text: &str) -> Result<DynamicMessage, Refusal> {
    let paths = mask::parse(text).ok_or_else(|| Refusal::invalid("must be field names, separated by commas"))?;
    let mut message = DynamicMessage::new(descriptor.clone());
    put(&mut message, 1, Value::List(paths.into_iter().map(Value::String).collect()));
    Ok(message)
}

/// The JSON text, unquoted, of a time or a mask; nothing when its value has none.
pub(crate) fn to_text(known: WellKnown, message: &DynamicMessage) -> Option<String> {
    if known == WellKnown::FieldMask {
        let paths = message.get_field_by_number(1)?;
        return mask::format(paths.as_list()?.iter().filter_map(Value::as_str));
    }
    let seconds = message.get_field_by_number(1)?.as_i64()?;
    let nanos = message.get_field_by_number(2)?.as_i32()?;
    match known {
        WellKnown::Timestamp => calendar::format_timestamp(seconds, nanos),
        WellKnown::Duration => calendar::format_duration(seconds, nanos),
        _ => None,
    }
}
