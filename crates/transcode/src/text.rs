//! Plain text, as paths and queries carry it, to field values by the field's kind.
//! Stricter than JSON strings: whole numbers are digits, booleans are `true` and `false`.

use prost_reflect::{Kind, Value};

use crate::failure::{code, shown};
use crate::json::reader::wrap;
use crate::json::scalar::{self, Refusal};
use crate::json::wkt::{self, WellKnown};

/// Can a value of this kind be given as text? Objects, lists of any JSON and `Any` cannot.
pub(crate) fn has_text(kind: &Kind) -> bool {
    let Kind::Message(descriptor) = kind else { return true };
    let known = WellKnown::of(descriptor);
    matches!(known, Some(WellKnown::Timestamp | WellKnown::Duration | WellKnown::FieldMask | WellKnown::Wrapper))
}

/// The value that `text` stands for.
pub(crate) fn value(kind: &Kind, text: &str) -> Result<Value, Refusal> {
    match kind {
        Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Bytes => scalar::bytes(text),
        Kind::Double => scalar::float64(text),
        Kind::Float => scalar::float32(text),
        Kind::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(Refusal::invalid(format!("must be true or false, not \"{}\"", shown(text)))),
        },
        Kind::Enum(descriptor) if is_integer(text) => scalar::enum_number(descriptor, text, code::INVALID_VALUE),
        Kind::Enum(descriptor) => scalar::enum_value(descriptor, text),
        Kind::Message(descriptor) => match WellKnown::of(descriptor) {
            Some(WellKnown::Wrapper) => {
                value(&wkt::wrapped_kind(descriptor), text).map(|inner| wrap(descriptor, inner))
            }
            Some(known) => match wkt::from_text(known, descriptor, text) {
                Some(parsed) => parsed.map(Value::Message),
                None => Err(Refusal::invalid("cannot be given as text")),
            },
            None => Err(Refusal::invalid("cannot be given as text")),
        },
        _ if is_integer(text) => match text.parse() {
            Ok(number) => scalar::integer_value(kind, number),
            Err(_) => Err(scalar::out_of_range(kind)),
        },
        _ => Err(Refusal::invalid(format!("must be a whole number, not \"{}\"", shown(text)))),
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &Kind, text: &str) -> Result<Value, &'static str> {
        value(kind, text).map_err(|refusal| refusal.code)
    }

    #[test]
    fn scalars_from_text() {
        let cases = [
            (Kind::String, "", Value::String(String::new())),
            (Kind::Bool, "true", Value::Bool(true)),
            (Kind::Int32, "-5", Value::I32(-5)),
            (Kind::Int64, "9223372036854775807", Value::I64(i64::MAX)),
            (Kind::Uint64, "007", Value::U64(7)),
            (Kind::Double, "1.5e3", Value::F64(1500.0)),
            (Kind::Float, "Infinity", Value::F32(f32::INFINITY)),
            (Kind::Bytes, "_-8", Value::Bytes(vec![0xff, 0xef].into())),
        ];
        for (kind, text, want) in cases {
            assert_eq!(read(&kind, text), Ok(want), "{text}");
        }
    }

    #[test]
    fn refusals_by_kind() {
        let cases = [
            (Kind::Bool, "True", code::INVALID_VALUE),
            (Kind::Bool, "1", code::INVALID_VALUE),
            (Kind::Bool, "", code::INVALID_VALUE),
            (Kind::Int32, "1.0", code::INVALID_VALUE),
            (Kind::Int32, "+1", code::INVALID_VALUE),
            (Kind::Int32, " 1", code::INVALID_VALUE),
            (Kind::Int32, "-", code::INVALID_VALUE),
            (Kind::Int32, "2147483648", code::OUT_OF_RANGE),
            (Kind::Uint32, "-1", code::OUT_OF_RANGE),
            (Kind::Uint64, "99999999999999999999999999999999999999999999", code::OUT_OF_RANGE),
            (Kind::Double, "inf", code::INVALID_VALUE),
            (Kind::Double, "1e999", code::OUT_OF_RANGE),
            (Kind::Bytes, "!", code::INVALID_VALUE),
        ];
        for (kind, text, want) in cases {
            assert_eq!(read(&kind, text), Err(want), "{text}");
        }
    }
}
