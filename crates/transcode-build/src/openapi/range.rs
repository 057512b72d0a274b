//! Ranges of whole numbers as regular expressions: JSON holds 64-bit integers as strings, which have no `minimum`.

/// An expression for the decimal numbers from `low` to `high`, without leading zeros. Exact when the range reaches or
/// touches zero; a range far from zero also admits what lies between it and zero.
pub(super) fn pattern(low: i128, high: i128) -> String {
    let mut parts = Vec::new();
    if low <= 0 && high >= 0 {
        parts.push("0".to_owned());
    }
    let (below, above) = (up_to(low.min(0).unsigned_abs()), up_to(high.max(0).unsigned_abs()));
    if below == above && !above.is_empty() {
        parts.push(format!("-?(?:{})", above.join("|")));
    } else {
        parts.extend((!above.is_empty()).then(|| above.join("|")));
        parts.extend((!below.is_empty()).then(|| format!("-(?:{})", below.join("|"))));
    }
    format!("^(?:{})$", parts.join("|"))
}

/// Alternatives for the numbers from 1 to `limit`. At the end of 64 bits the exact ones would fill a page, and every reader
/// knows where it is: there only the digits are counted.
fn up_to(limit: u128) -> Vec<String> {
    if limit == 0 {
        return Vec::new();
    }
    let digits = limit.to_string();
    if limit >= u128::from(i64::MAX.unsigned_abs()) {
        return vec![format!("[1-9]{}", any(digits.len() - 1, true))];
    }
    let mut parts = Vec::new();
    if digits.len() > 1 {
        parts.push(format!("[1-9]{}", any(digits.len() - 2, true)));
    }
    for (place, digit) in digits.bytes().enumerate() {
        let lowest = if place == 0 { b'1' } else { b'0' };
        if digit > lowest {
            let below = class(lowest, digit - 1);
            parts.push(format!("{}{below}{}", &digits[..place], any(digits.len() - place - 1, false)));
        }
    }
    parts.push(digits);
    parts
}

fn class(low: u8, high: u8) -> String {
    let (low, high) = (char::from(low), char::from(high));
    if low == high { low.to_string() } else { format!("[{low}-{high}]") }
}

/// So many digits, or at most so many.
fn any(count: usize, fewer: bool) -> String {
    match (count, fewer) {
        (0, _) => String::new(),
        (1, false) => "[0-9]".to_owned(),
        (count, false) => format!("[0-9]{{{count}}}"),
        (count, true) => format!("[0-9]{{0,{count}}}"),
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::pattern;

    #[test]
    fn exactly_the_numbers_of_the_range() {
        for (low, high) in [(-120, 120), (0, 9), (1, 10), (-5, 0), (-99, 1000), (0, 1), (1, 1), (-7, 305)] {
            let expression = Regex::new(&pattern(low, high)).expect("valid");
            for number in -1500..1500 {
                let expected = (low..=high).contains(&number);
                assert_eq!(expression.is_match(&number.to_string()), expected, "{number} in {low}..={high}");
            }
        }
    }

    #[test]
    fn nothing_but_plain_numbers() {
        let (low, high) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let expression = Regex::new(&pattern(low, high)).expect("valid");
        for text in ["", "-", "-0", "00", "01", "+1", "1.0", "1e3", " 1", "92233720368547758070"] {
            assert!(!expression.is_match(text), "{text}");
        }
        for text in ["0", "9223372036854775807", "-9223372036854775808", "-1"] {
            assert!(expression.is_match(text), "{text}");
        }
    }
}
