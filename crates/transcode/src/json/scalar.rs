//! JSON scalars to field values. Messages never show a name of the implementation language.

use std::borrow::Cow;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::parser::Scalar;
use crate::failure::{code, shown};
use crate::number::{self, IntegerError};

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
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

    /// Setting one member of a oneof would silently unset another.
    pub(crate) fn rival(other: &str) -> Self {
        Self::new(code::CONFLICTING_VALUES, format!("cannot be given together with {other}"))
    }

    /// The field holds what only JSON can say.
    #[must_use]
    pub fn no_text() -> Self {
        Self::invalid("cannot be given as text")
    }
}

/// The values of an enum.
#[derive(Debug)]
pub struct EnumTable {
    /// In the order of the contract; of several names of a number the first is written.
    pub values: &'static [(&'static str, i32)],
    /// Whether other numbers are refused (proto2).
    pub closed: bool,
}

/// An enum that knows its names.
pub trait EnumType {
    /// Its values.
    fn table() -> &'static EnumTable;
}

/// The integers of protobuf.
pub(crate) trait Integer: Sized + FromStr + TryFrom<i128> {
    const RANGE: &'static str;
}

impl Integer for i32 {
    const RANGE: &'static str = "-2147483648 to 2147483647";
}
impl Integer for i64 {
    const RANGE: &'static str = "-9223372036854775808 to 9223372036854775807";
}
impl Integer for u32 {
    const RANGE: &'static str = "0 to 4294967295";
}
impl Integer for u64 {
    const RANGE: &'static str = "0 to 18446744073709551615";
}

pub(crate) const WHOLE_NUMBER: &str = "a whole number";

/// An integer from a number or its text (the `ProtoJSON` specification, "Numbers").
pub(crate) fn integer<I: Integer>(scalar: &Scalar<'_>) -> Result<I, Refusal> {
    let (text, not_whole) = match scalar {
        Scalar::Number(text) => (*text, code::WRONG_TYPE),
        Scalar::String(text) => (text.as_ref(), code::INVALID_VALUE),
        other => return Err(Refusal::wrong_type(WHOLE_NUMBER, other.named())),
    };
    integer_text(text, not_whole)
}

/// Number text as an integer; `not_whole` is the code for what is no integer at all.
fn integer_text<I: Integer>(text: &str, not_whole: &'static str) -> Result<I, Refusal> {
    match number::plain_integer(text).map_or_else(|| number::integer(text), Ok) {
        Ok(value) => I::try_from(value).map_err(|_| out_of_range::<I>()),
        Err(IntegerError::OutOfRange) => Err(out_of_range::<I>()),
        Err(IntegerError::Fraction | IntegerError::NotANumber) => {
            Err(Refusal::new(not_whole, format!("must be a whole number, not \"{}\"", shown(text))))
        }
    }
}

/// An integer from plain text: digits and a sign, nothing else.
pub(crate) fn integer_from_text<I: Integer>(text: &str) -> Result<I, Refusal> {
    if !is_integer(text) {
        return Err(Refusal::invalid(format!("must be a whole number, not \"{}\"", shown(text))));
    }
    text.parse().map_err(|_| out_of_range::<I>())
}

/// An integer as the key of a map: one spelling only, so that two keys are never the same number.
pub(crate) fn integer_key<I: Integer>(text: &str) -> Result<I, Refusal> {
    match text.parse::<i128>() {
        Ok(number) if number.to_string() == text => I::try_from(number).map_err(|_| out_of_range::<I>()),
        _ => Err(Refusal::invalid("the key must be a whole number")),
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn out_of_range<I: Integer>() -> Refusal {
    Refusal::new(code::OUT_OF_RANGE, format!("must be in the range {}", I::RANGE))
}

/// The floating point numbers of protobuf.
pub(crate) trait Float: Copy + FromStr {
    const NAN: Self;
    const INFINITY: Self;
    const NEG_INFINITY: Self;
    const NAME: &'static str;
    fn is_finite(self) -> bool;
}

macro_rules! floats {
    ($($type:ident $name:literal),*) => {$(
        impl Float for $type {
            const NAN: Self = $type::NAN;
            const INFINITY: Self = $type::INFINITY;
            const NEG_INFINITY: Self = $type::NEG_INFINITY;
            const NAME: &'static str = $name;
            fn is_finite(self) -> bool {
                $type::is_finite(self)
            }
        }
    )*};
}

floats!(f32 "float", f64 "double");

/// A float from a number or its text.
pub(crate) fn float<F: Float>(scalar: &Scalar<'_>) -> Result<F, Refusal> {
    match scalar {
        // The parser has checked the grammar.
        Scalar::Number(text) => finite(text),
        Scalar::String(text) => float_from_text(text),
        other => Err(Refusal::wrong_type("a number", other.named())),
    }
}

/// A float from plain text; rounded once, not by way of another type.
pub(crate) fn float_from_text<F: Float>(text: &str) -> Result<F, Refusal> {
    match text {
        "NaN" => Ok(F::NAN),
        "Infinity" => Ok(F::INFINITY),
        "-Infinity" => Ok(F::NEG_INFINITY),
        _ if number::is_json_number(text) => finite(text),
        _ => Err(Refusal::invalid(format!("must be a number, not \"{}\"", shown(text)))),
    }
}

fn finite<F: Float>(text: &str) -> Result<F, Refusal> {
    let value = text.parse::<F>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| Refusal::new(code::OUT_OF_RANGE, format!("is too large for a {}", F::NAME)))
}

/// A boolean; its text is none.
pub(crate) fn boolean(scalar: &Scalar<'_>) -> Result<bool, Refusal> {
    match scalar {
        Scalar::Bool(value) => Ok(*value),
        other => Err(Refusal::wrong_type("true or false", other.named())),
    }
}

/// A boolean from plain text.
pub(crate) fn boolean_from_text(text: &str) -> Result<bool, Refusal> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refusal::invalid(format!("must be true or false, not \"{}\"", shown(text)))),
    }
}

/// The text of a string.
pub(crate) fn string<'t>(scalar: Scalar<'t>, wanted: &str) -> Result<Cow<'t, str>, Refusal> {
    match scalar {
        Scalar::String(text) => Ok(text),
        other => Err(Refusal::wrong_type(wanted, other.named())),
    }
}

/// An enum value by its name or its number.
pub(crate) fn enum_value(table: &EnumTable, scalar: &Scalar<'_>) -> Result<i32, Refusal> {
    match scalar {
        Scalar::String(name) => enum_name(table, name),
        Scalar::Number(text) => enum_number(table, text, integer_text(text, code::WRONG_TYPE)?),
        other => Err(Refusal::wrong_type("the name of a value", other.named())),
    }
}

/// An enum value from plain text.
pub(crate) fn enum_from_text(table: &EnumTable, text: &str) -> Result<i32, Refusal> {
    if is_integer(text) { enum_number(table, text, integer_from_text(text)?) } else { enum_name(table, text) }
}

fn enum_name(table: &EnumTable, name: &str) -> Result<i32, Refusal> {
    let found = table.values.iter().find(|(declared, _)| *declared == name);
    found.map(|(_, number)| *number).ok_or_else(|| unknown_enum_value(table, name))
}

/// Open enums keep numbers they do not know.
fn enum_number(table: &EnumTable, text: &str, number: i32) -> Result<i32, Refusal> {
    if table.closed && !table.values.iter().any(|(_, declared)| *declared == number) {
        return Err(unknown_enum_value(table, text));
    }
    Ok(number)
}

fn unknown_enum_value(table: &EnumTable, given: &str) -> Refusal {
    const LISTED: usize = 20;
    let mut names: Vec<&str> = table.values.iter().take(LISTED).map(|(name, _)| *name).collect();
    if table.values.len() > LISTED {
        names.push("…");
    }
    let message = format!("\"{}\" is none of {}", shown(given), names.join(", "));
    Refusal::new(code::UNKNOWN_ENUM_VALUE, message)
}

/// Base64 in the standard or the URL-safe alphabet, padded or not (the `ProtoJSON` specification, `bytes`).
pub(crate) fn bytes(text: &str) -> Result<Vec<u8>, Refusal> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
    const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
    let engine = if text.contains(['-', '_']) { &URL } else { &PLAIN };
    engine.decode(text).map_err(|_| Refusal::invalid("must be base64"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<V>(read: Result<V, Refusal>) -> Result<V, &'static str> {
        read.map_err(|refusal| refusal.code)
    }

    fn number(text: &str) -> Scalar<'_> {
        Scalar::Number(text)
    }

    fn quoted(text: &str) -> Scalar<'_> {
        Scalar::String(text.into())
    }

    #[test]
    fn integers_are_exact_or_refused() {
        assert_eq!(of(integer(&number("1.0"))), Ok(1_i32));
        assert_eq!(of(integer(&quoted("1e3"))), Ok(1000_i32));
        assert_eq!(of(integer(&number("9007199254740993"))), Ok(9_007_199_254_740_993_i64));
        assert_eq!(of(integer(&quoted("18446744073709551615"))), Ok(u64::MAX));
        assert_eq!(of(integer::<i32>(&number("2147483648"))), Err(code::OUT_OF_RANGE));
        assert_eq!(of(integer::<u32>(&number("-1"))), Err(code::OUT_OF_RANGE));
        assert_eq!(of(integer::<u64>(&number("1e400"))), Err(code::OUT_OF_RANGE));
        assert_eq!(of(integer::<i32>(&number("0.5"))), Err(code::WRONG_TYPE));
        assert_eq!(of(integer::<i32>(&quoted("0.5"))), Err(code::INVALID_VALUE));
        assert_eq!(of(integer::<i32>(&quoted(" 1"))), Err(code::INVALID_VALUE));
        assert_eq!(of(integer::<i32>(&quoted(""))), Err(code::INVALID_VALUE));
        assert_eq!(of(integer::<i32>(&quoted("01"))), Err(code::INVALID_VALUE));
        assert_eq!(of(integer::<i32>(&quoted("+1"))), Err(code::INVALID_VALUE));
        assert_eq!(of(integer::<i32>(&Scalar::Bool(true))), Err(code::WRONG_TYPE));
    }

    #[test]
    fn floats_are_rounded_once() {
        let double = |text: &'static str| text.parse::<f64>().map_err(|_| "");
        assert_eq!(of(float(&number("123456789012345.678"))), double("123456789012345.678"));
        assert_eq!(of(float(&quoted("-Infinity"))), Ok(f64::NEG_INFINITY));
        assert_eq!(of(float(&quoted("1.5e2"))), Ok(150.0_f64));
        assert_eq!(of(float(&number("3.4028235e38"))), Ok(f32::MAX));
        assert_eq!(of(float::<f32>(&number("3.5e38"))), Err(code::OUT_OF_RANGE));
        assert_eq!(of(float::<f64>(&number("1e999"))), Err(code::OUT_OF_RANGE));
        for text in ["inf", "nan", "infinity", "", " 1", "0x1", "1f"] {
            assert_eq!(of(float::<f64>(&quoted(text))), Err(code::INVALID_VALUE), "{text}");
        }
    }

    #[test]
    fn booleans_and_strings_are_not_guessed() {
        assert_eq!(of(boolean(&quoted("true"))), Err(code::WRONG_TYPE));
        assert_eq!(of(boolean(&number("1"))), Err(code::WRONG_TYPE));
        assert_eq!(of(string(number("1"), "a string")), Err(code::WRONG_TYPE));
        assert_eq!(of(string(quoted(""), "a string")).as_deref(), Ok(""));
    }

    #[test]
    fn bytes_take_both_alphabets() {
        for text in ["-_8=", "-_8", "+/8=", "+/8"] {
            assert_eq!(of(bytes(text)), Ok(vec![0xfb, 0xff]), "{text}");
        }
        for text in ["-/8=", "a", "====", "a b=", "*"] {
            assert_eq!(of(bytes(text)), Err(code::INVALID_VALUE), "{text}");
        }
    }

    #[test]
    fn plain_text_is_stricter() {
        for text in ["True", "1", ""] {
            assert_eq!(of(boolean_from_text(text)), Err(code::INVALID_VALUE), "{text}");
        }
        for text in ["1.0", "+1", " 1", "-", ""] {
            assert_eq!(of(integer_from_text::<i32>(text)), Err(code::INVALID_VALUE), "{text}");
        }
        assert_eq!(of(integer_from_text("007")), Ok(7_u64));
        assert_eq!(of(integer_from_text("-5")), Ok(-5_i32));
        assert_eq!(of(integer_from_text::<i32>("2147483648")), Err(code::OUT_OF_RANGE));
        assert_eq!(of(integer_from_text::<u32>("-1")), Err(code::OUT_OF_RANGE));
        assert_eq!(of(integer_from_text::<u64>(&"9".repeat(44))), Err(code::OUT_OF_RANGE));
    }
}
