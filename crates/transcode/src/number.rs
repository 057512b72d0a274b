//! Decimal text to exact integers. Text that is a number in JSON's grammar may be written `1.0`, `1e3` or `10e-1`
//! where an integer is wanted; it is never taken through a float, so 64 bits stay exact.

/// Why a number is no integer of the wanted type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntegerError {
    /// Not a number in JSON's grammar.
    NotANumber,
    /// It has a fraction.
    Fraction,
    /// It does not fit.
    OutOfRange,
}

/// Reads JSON number text as an integer; every protobuf integer fits into an `i128`.
pub(crate) fn integer(text: &str) -> Result<i128, IntegerError> {
    let parts = Parts::split(text).ok_or(IntegerError::NotANumber)?;
    let digits: String = [parts.whole, parts.fraction].concat();
    let significant = digits.trim_start_matches('0');
    let trimmed = significant.trim_end_matches('0');
    if trimmed.is_empty() {
        return Ok(0);
    }
    // value = trimmed * 10^shift
    let dropped = length(significant) - length(trimmed);
    let shift = parts.exponent.saturating_sub(length(parts.fraction)).saturating_add(dropped);
    if shift < 0 {
        return Err(IntegerError::Fraction);
    }
    // 20 digits hold every 64-bit value.
    let zeros = usize::try_from(shift).ok().filter(|zeros| trimmed.len().saturating_add(*zeros) <= 20);
    let zeros = zeros.ok_or(IntegerError::OutOfRange)?;
    let magnitude: i128 = format!("{trimmed}{}", "0".repeat(zeros)).parse().map_err(|_| IntegerError::OutOfRange)?;
    Ok(if parts.negative { -magnitude } else { magnitude })
}

/// The integer of text that is nothing but an integer of at most 18 digits, as most are; nothing when it is more.
pub(crate) fn plain_integer(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
    if digits.is_empty() || digits.len() > 18 || leading_zero {
        return None;
    }
    let mut value: i64 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some(i128::from(if digits.len() < text.len() { -value } else { value }))
}

/// Is this a number in JSON's grammar (RFC 8259, 6)?
pub(crate) fn is_json_number(text: &str) -> bool {
    Parts::split(text).is_some()
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Option<Self> {
        let negative = text.starts_with('-');
        let rest = text.strip_prefix('-').unwrap_or(text);
        let (whole, rest) = digits(rest);
        if whole.is_empty() || whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(after) => Some(digits(after)).filter(|(fraction, _)| !fraction.is_empty())?,
            None => ("", rest),
        };
        let exponent = match rest.strip_prefix(['e', 'E']) {
            Some(after) => exponent(after)?,
            None if rest.is_empty() => 0,
            None => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// An exponent beyond 64 bits is cut to the largest, far past every type's range.
fn exponent(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (all, rest) = digits(unsigned);
    if all.is_empty() || !rest.is_empty() {
        return None;
    }
    let magnitude = all.parse().unwrap_or(i64::MAX);
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_numbers_exactly() {
        let cases = [
            ("0", 0),
            ("-0", 0),
            ("0.000", 0),
            ("0e999999999999999999999", 0),
            ("1.0", 1),
            ("1e3", 1000),
            ("10e-1", 1),
            ("1.5E+1", 15),
            ("0.001e3", 1),
            ("-9223372036854775808", i128::from(i64::MIN)),
            ("9007199254740993", 9_007_199_254_740_993),
            ("18446744073709551615", i128::from(u64::MAX)),
            ("1000000000000000000000000e-20", 10_000),
        ];
        for (text, want) in cases {
            assert_eq!(integer(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn tells_why_not() {
        for text in ["0.5", "1e-1", "15e-1", "1e-99999999999999999999"] {
            assert_eq!(integer(text), Err(IntegerError::Fraction), "{text}");
        }
        for text in ["1e21", "1e99999999999999999999", "123456789012345678901"] {
            assert_eq!(integer(text), Err(IntegerError::OutOfRange), "{text}");
        }
        for text in ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", " 1", "1 ", "0x1", "NaN", "1_0", "--1", "1e1.0", "١"]
        {
            assert_eq!(integer(text), Err(IntegerError::NotANumber), "{text}");
        }
    }
}
