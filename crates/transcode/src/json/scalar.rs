//! JSON scalars to field values, by the field's kind. Messages never show a name of the implementation language.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use prost_reflect::{EnumDescriptor, Kind, Syntax, Value};

use super::parser::Scalar;
use crate::failure::{code, shown};
use crate::number::{self, IntegerError};

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn wrong_type(wanted: &str, found: &str) -> Self {
        Self::new(code::WRONG_TYPE, format!("must be {wanted}, not {found}"))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(code::INVALID_VALUE, message)
    }
}

/// How a kind is called in messages.
pub(crate) fn named(kind: &Kind) -> &'static str {
    match kind {
        Kind::Double | Kind::Float => "a number",
        Kind::Bool => "true or false",
        Kind::String => "a string",
        Kind::Bytes => "a base64 string",
        Kind::Enum(_) => "the name of a value",
        Kind::Message(_) => "an object",
        _ => "a whole number",
    }
}

/// Reads a value of a kind that is no message.
pub(crate) fn read(kind: &Kind, scalar: &Scalar<'_>) -> Result<Value, Refusal> {
    match (kind, scalar) {
        (Kind::Bool, Scalar::Bool(value)) => Ok(Value::Bool(*value)),
        (Kind::Bool, _) => Err(mismatch(kind, scalar)),
        (_, Scalar::Number(text)) => number_value(kind, text).unwrap_or_else(|| Err(mismatch(kind, scalar))),
        (_, Scalar::String(text)) => text_value(kind, text),
        _ => Err(mismatch(kind, scalar)),
    }
}

fn mismatch(kind: &Kind, scalar: &Scalar<'_>) -> Refusal {
    Refusal::wrong_type(named(kind), scalar.kind().named())
}

/// A bare number; `None` when the kind takes none.
fn number_value(kind: &Kind, text: &str) -> Option<Result<Value, Refusal>> {
    Some(match kind {
        Kind::Double => float64(text),
        Kind::Float => float32(text),
        Kind::Enum(descriptor) => enum_number(descriptor, text, code::WRONG_TYPE),
        Kind::Bool | Kind::String | Kind::Bytes | Kind::Message(_) => return None,
        _ => integer(kind, text, code::WRONG_TYPE),
    })
}

/// A string; numbers may be quoted (the `ProtoJSON` specification, "Numbers").
fn text_value(kind: &Kind, text: &str) -> Result<Value, Refusal> {
    match kind {
        Kind::String => Ok(Value::String(text.to_owned())),
        Kind::Bytes => bytes(text),
        Kind::Double => float64(text),
        Kind::Float => float32(text),
        Kind::Enum(descriptor) => enum_value(descriptor, text),
        _ => integer(kind, text, code::INVALID_VALUE),
    }
}

/// Reads number text as an integer of that kind; `not_whole` is the code for what is no integer at all.
fn integer(kind: &Kind, text: &str, not_whole: &'static str) -> Result<Value, Refusal> {
    match number::integer(text) {
        Ok(value) => integer_value(kind, value),
        Err(IntegerError::OutOfRange) => Err(out_of_range(kind)),
        Err(IntegerError::Fraction | IntegerError::NotANumber) => {
            Err(Refusal::new(not_whole, format!("must be a whole number, not \"{}\"", shown(text))))
        }
    }
}

/// Fits an integer into its kind.
pub(crate) fn integer_value(kind: &Kind, value: i128) -> Result<Value, Refusal> {
    let fitted = match kind {
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => i32::try_from(value).map(Value::I32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => i64::try_from(value).map(Value::I64),
        Kind::Uint32 | Kind::Fixed32 => u32::try_from(value).map(Value::U32),
        _ => u64::try_from(value).map(Value::U64),
    };
    fitted.map_err(|_| out_of_range(kind))
}

pub(crate) fn out_of_range(kind: &Kind) -> Refusal {
    let range = match kind {
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => format!("{} to {}", i32::MIN, i32::MAX),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => format!("{} to {}", i64::MIN, i64::MAX),
        Kind::Uint32 | Kind::Fixed32 => format!("0 to {}", u32::MAX),
        _ => format!("0 to {}", u64::MAX),
    };
    Refusal::new(code::OUT_OF_RANGE, format!("must be in the range {range}"))
}

/// A double, from a number or its text.
pub(crate) fn float64(text: &str) -> Result<Value, Refusal> {
    let special = match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    };
    let value = match special {
        Some(value) => return Ok(Value::F64(value)),
        None => float_text(text)?.parse::<f64>(),
    };
    let finite = value.ok().filter(|value| value.is_finite());
    finite.map(Value::F64).ok_or_else(|| Refusal::new(code::OUT_OF_RANGE, "is too large for a double"))
}

/// A float, from a number or its text; rounded once, not by way of a double.
pub(crate) fn float32(text: &str) -> Result<Value, Refusal> {
    let special = match text {
        "NaN" => Some(f32::NAN),
        "Infinity" => Some(f32::INFINITY),
        "-Infinity" => Some(f32::NEG_INFINITY),
        _ => None,
    };
    let value = match special {
        Some(value) => return Ok(Value::F32(value)),
        None => float_text(text)?.parse::<f32>(),
    };
    let finite = value.ok().filter(|value| value.is_finite());
    finite.map(Value::F32).ok_or_else(|| Refusal::new(code::OUT_OF_RANGE, "is too large for a float"))
}

fn float_text(text: &str) -> Result<&str, Refusal> {
    if number::is_json_number(text) {
        Ok(text)
    } else {
        Err(Refusal::invalid(format!("must be a number, not \"{}\"", shown(text))))
    }
}

/// An enum value by its name.
pub(crate) fn enum_value(descriptor: &EnumDescriptor, name: &str) -> Result<Value, Refusal> {
    match descriptor.get_value_by_name(name) {
        Some(value) => Ok(Value::EnumNumber(value.number())),
        None => Err(unknown_enum_value(descriptor, name)),
    }
}

/// An enum value by its number; open enums keep numbers they do not know.
pub(crate) fn enum_number(descriptor: &EnumDescriptor, text: &str, not_whole: &'static str) -> Result<Value, Refusal> {
    let Value::I32(number) = integer(&Kind::Int32, text, not_whole)? else {
        return Err(unknown_enum_value(descriptor, text));
    };
    let closed = descriptor.parent_file().syntax() == Syntax::Proto2;
    if closed && descriptor.get_value(number).is_none() {
        return Err(unknown_enum_value(descriptor, text));
    }
    Ok(Value::EnumNumber(number))
}

fn unknown_enum_value(descriptor: &EnumDescriptor, given: &str) -> Refusal {
    const LISTED: usize = 20;
    let mut names: Vec<String> = descriptor.values().take(LISTED).map(|value| value.name().to_owned()).collect();
    if descriptor.values().len() > LISTED {
        names.push("…".to_owned());
    }
    let message = format!("\"{}\" is none of {}", shown(given), names.join(", "));
    Refusal::new(code::UNKNOWN_ENUM_VALUE, message)
}

/// Base64 in the standard or the URL-safe alphabet, padded or not (the `ProtoJSON` specification, `bytes`).
pub(crate) fn bytes(text: &str) -> Result<Value, Refusal> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let decoded = GeneralPurpose::new(alphabet, LENIENT).decode(text);
    decoded.map(|bytes| Value::Bytes(bytes.into())).map_err(|_| Refusal::invalid("must be base64"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(kind: &Kind, text: &'static str) -> Result<Value, &'static str> {
        read(kind, &Scalar::Number(text)).map_err(|refusal| refusal.code)
    }

    fn string(kind: &Kind, text: &'static str) -> Result<Value, &'static str> {
        read(kind, &Scalar::String(text.into())).map_err(|refusal| refusal.code)
    }

    #[test]
    fn integers_are_exact_or_refused() {
        assert_eq!(number(&Kind::Int32, "1.0"), Ok(Value::I32(1)));
        assert_eq!(string(&Kind::Int32, "1e3"), Ok(Value::I32(1000)));
        assert_eq!(number(&Kind::Int64, "9007199254740993"), Ok(Value::I64(9_007_199_254_740_993)));
        assert_eq!(string(&Kind::Uint64, "18446744073709551615"), Ok(Value::U64(u64::MAX)));
        assert_eq!(number(&Kind::Int32, "2147483648"), Err(code::OUT_OF_RANGE));
        assert_eq!(number(&Kind::Uint32, "-1"), Err(code::OUT_OF_RANGE));
        assert_eq!(number(&Kind::Uint64, "1e400"), Err(code::OUT_OF_RANGE));
        assert_eq!(number(&Kind::Int32, "0.5"), Err(code::WRONG_TYPE));
        assert_eq!(string(&Kind::Int32, "0.5"), Err(code::INVALID_VALUE));
        assert_eq!(string(&Kind::Int32, " 1"), Err(code::INVALID_VALUE));
        assert_eq!(string(&Kind::Int32, ""), Err(code::INVALID_VALUE));
        assert_eq!(read(&Kind::Int32, &Scalar::Bool(true)).map_err(|refusal| refusal.code), Err(code::WRONG_TYPE));
    }

    #[test]
    fn floats_are_rounded_once() {
        assert_eq!(
            number(&Kind::Double, "123456789012345.678"),
            "123456789012345.678".parse().map(Value::F64).map_err(|_| "")
        );
        assert_eq!(string(&Kind::Double, "-Infinity"), Ok(Value::F64(f64::NEG_INFINITY)));
        assert_eq!(string(&Kind::Double, "1.5e2"), Ok(Value::F64(150.0)));
        assert_eq!(number(&Kind::Float, "3.4028235e38"), Ok(Value::F32(f32::MAX)));
        assert_eq!(number(&Kind::Float, "3.5e38"), Err(code::OUT_OF_RANGE));
        assert_eq!(number(&Kind::Double, "1e999"), Err(code::OUT_OF_RANGE));
        for text in ["inf", "nan", "infinity", "", " 1", "0x1", "1f"] {
            assert_eq!(string(&Kind::Double, text), Err(code::INVALID_VALUE), "{text}");
        }
    }

    #[test]
    fn booleans_and_strings_are_not_guessed() {
        assert_eq!(string(&Kind::Bool, "true"), Err(code::WRONG_TYPE));
        assert_eq!(number(&Kind::Bool, "1"), Err(code::WRONG_TYPE));
        assert_eq!(number(&Kind::String, "1"), Err(code::WRONG_TYPE));
        assert_eq!(string(&Kind::String, ""), Ok(Value::String(String::new())));
    }

    #[test]
    fn bytes_take_both_alphabets() {
        for text in ["-_8=", "-_8", "+/8=", "+/8"] {
            assert_eq!(string(&Kind::Bytes, text), Ok(Value::Bytes(vec![0xfb, 0xff].into())), "{text}");
        }
        for text in ["-/8=", "a", "====", "a b=", "*"] {
            assert_eq!(string(&Kind::Bytes, text), Err(code::INVALID_VALUE), "{text}");
        }
    }
}
