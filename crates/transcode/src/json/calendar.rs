//! Timestamps and durations as `ProtoJSON` writes them: RFC 3339 text and seconds with an `s`.
//! Proleptic Gregorian calendar, years 1 to 9999, no leap seconds, as `google/protobuf/timestamp.proto` says.

use std::fmt::Write as _;

const NANOS: i32 = 1_000_000_000;
/// 0001-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;
/// About 10,000 years (`google/protobuf/duration.proto`).
const LONGEST_DURATION: i64 = 315_576_000_000;

/// Why a text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeError {
    Syntax,
    OutOfRange,
}

/// Seconds since the epoch and nanoseconds of an RFC 3339 text.
pub(crate) fn parse_timestamp(text: &str) -> Result<(i64, i32), TimeError> {
    let mut cursor = Cursor(text);
    let year = cursor.digits(4)?;
    let month = cursor.after('-')?.digits(2)?;
    let day = cursor.after('-')?.digits(2)?;
    let hour = cursor.after('T')?.digits(2)?;
    let minute = cursor.after(':')?.digits(2)?;
    let second = cursor.after(':')?.digits(2)?;
    let nanos = cursor.fraction()?;
    let offset = cursor.offset()?;
    let in_calendar = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    if !in_calendar || hour > 23 || minute > 59 || second > 59 {
        return Err(TimeError::OutOfRange);
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    if (FIRST_SECOND..=LAST_SECOND).contains(&seconds) { Ok((seconds, nanos)) } else { Err(TimeError::OutOfRange) }
}

/// The text of a timestamp, or nothing when it is outside of the calendar.
pub(crate) fn format_timestamp(seconds: i64, nanos: i32) -> Option<String> {
    if !(FIRST_SECOND..=LAST_SECOND).contains(&seconds) || !(0..NANOS).contains(&nanos) {
        return None;
    }
    let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    let mut out = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    push_fraction(&mut out, nanos);
    out.push('Z');
    Some(out)
}

/// Seconds and nanoseconds, of one sign, of a text like `-1.5s`.
pub(crate) fn parse_duration(text: &str) -> Result<(i64, i32), TimeError> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let sign = if unsigned.len() < text.len() { -1 } else { 1 };
    let end = unsigned.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(unsigned.len());
    let (whole, rest) = unsigned.split_at(end);
    if whole.is_empty() {
        return Err(TimeError::Syntax);
    }
    let mut cursor = Cursor(rest);
    let nanos = cursor.fraction()?;
    if cursor.0 != "s" {
        return Err(TimeError::Syntax);
    }
    let seconds: i64 = whole.parse().map_err(|_| TimeError::OutOfRange)?;
    if seconds > LONGEST_DURATION {
        return Err(TimeError::OutOfRange);
    }
    Ok((i64::from(sign) * seconds, sign * nanos))
}

/// The text of a duration, or nothing when it is no valid one.
pub(crate) fn format_duration(seconds: i64, nanos: i32) -> Option<String> {
    let whole = seconds.unsigned_abs();
    let mixed = seconds > 0 && nanos < 0 || seconds < 0 && nanos > 0;
    if whole > LONGEST_DURATION.unsigned_abs() || mixed || nanos <= -NANOS || nanos >= NANOS {
        return None;
    }
    let mut out = String::new();
    if seconds < 0 || nanos < 0 {
        out.push('-');
    }
    let _ = write!(out, "{whole}");
    push_fraction(&mut out, nanos.abs());
    out.push('s');
    Some(out)
}

/// Nothing, or three, six or nine digits.
fn push_fraction(out: &mut String, nanos: i32) {
    let _ = match nanos {
        0 => Ok(()),
        n if n % 1_000_000 == 0 => write!(out, ".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => write!(out, ".{:06}", n / 1_000),
        n => write!(out, ".{n:09}"),
    };
}

struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    fn digits(&mut self, count: usize) -> Result<i64, TimeError> {
        let (digits, rest) = self.0.split_at_checked(count).ok_or(TimeError::Syntax)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TimeError::Syntax);
        }
        self.0 = rest;
        digits.parse().map_err(|_| TimeError::Syntax)
    }

    fn after(&mut self, mark: char) -> Result<&mut Self, TimeError> {
        self.0 = self.0.strip_prefix(mark).ok_or(TimeError::Syntax)?;
        Ok(self)
    }

    /// Nanoseconds of one to nine digits after a dot, if there is one.
    fn fraction(&mut self) -> Result<i32, TimeError> {
        let Some(rest) = self.0.strip_prefix('.') else { return Ok(0) };
        let end = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        if !(1..=9).contains(&end) {
            return Err(TimeError::Syntax);
        }
        let (digits, rest) = rest.split_at(end);
        self.0 = rest;
        format!("{digits:0<9}").parse().map_err(|_| TimeError::Syntax)
    }

    /// `Z` or `+02:00`, in seconds, to the end of the text.
    fn offset(&mut self) -> Result<i64, TimeError> {
        if self.0 == "Z" {
            return Ok(0);
        }
        let sign = if self.0.starts_with('-') { -1 } else { 1 };
        self.0 = self.0.strip_prefix(['+', '-']).ok_or(TimeError::Syntax)?;
        let hours = self.digits(2)?;
        let minutes = self.after(':')?.digits(2)?;
        if !self.0.is_empty() {
            return Err(TimeError::Syntax);
        }
        if hours > 23 || minutes > 59 {
            return Err(TimeError::OutOfRange);
        }
        Ok(sign * (hours * 3_600 + minutes * 60))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Years are counted from March, so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_read_and_print() {
        let cases = [
            ("1970-01-01T00:00:00Z", (0, 0), "1970-01-01T00:00:00Z"),
            ("2024-02-29T23:59:59.5Z", (1_709_251_199, 500_000_000), "2024-02-29T23:59:59.500Z"),
            ("0001-01-01T00:00:00Z", (FIRST_SECOND, 0), "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999999Z", (LAST_SECOND, 999_999_999), "9999-12-31T23:59:59.999999999Z"),
            ("1969-12-31T23:59:59.000001Z", (-1, 1_000), "1969-12-31T23:59:59.000001Z"),
            ("2000-01-01T02:00:00+02:00", (946_684_800, 0), "2000-01-01T00:00:00Z"),
            ("1999-12-31T23:30:00-00:30", (946_684_800, 0), "2000-01-01T00:00:00Z"),
        ];
        for (text, want, printed) in cases {
            assert_eq!(parse_timestamp(text), Ok(want), "{text}");
            assert_eq!(format_timestamp(want.0, want.1).as_deref(), Some(printed), "{text}");
        }
    }

    #[test]
    fn every_day_goes_round() {
        for day in (-719_162..2_932_896).step_by(13) {
            let (year, month, of_month) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, of_month), day);
        }
    }

    #[test]
    fn bad_timestamps_are_told_apart() {
        let syntax = [
            "",
            "2024-01-01",
            "2024-01-01T00:00:00",
            "2024-01-01t00:00:00Z",
            "2024-01-01T00:00:00z",
            "2024-01-01 00:00:00Z",
            "2024-1-01T00:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00.1234567890Z",
            "2024-01-01T00:00:00+0200",
            "2024-01-01T00:00:00Zx",
            "+024-01-01T00:00:00Z",
            "20é4-01-01T00:00:00Z",
        ];
        for text in syntax {
            assert_eq!(parse_timestamp(text), Err(TimeError::Syntax), "{text}");
        }
        let range = [
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-01-00T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2016-12-31T23:59:60Z",
            "2024-01-01T00:00:00+24:00",
        ];
        for text in range {
            assert_eq!(parse_timestamp(text), Err(TimeError::OutOfRange), "{text}");
        }
        for (seconds, nanos) in [(FIRST_SECOND - 1, 0), (LAST_SECOND + 1, 0), (0, -1), (0, NANOS)] {
            assert_eq!(format_timestamp(seconds, nanos), None);
        }
    }

    #[test]
    fn durations_read_and_print() {
        let cases = [
            ("0s", (0, 0), "0s"),
            ("1.5s", (1, 500_000_000), "1.500s"),
            ("-1.5s", (-1, -500_000_000), "-1.500s"),
            ("-0.5s", (0, -500_000_000), "-0.500s"),
            ("0.000000001s", (0, 1), "0.000000001s"),
            ("1.000001s", (1, 1_000), "1.000001s"),
            ("315576000000s", (LONGEST_DURATION, 0), "315576000000s"),
            ("-315576000000.999999999s", (-LONGEST_DURATION, -999_999_999), "-315576000000.999999999s"),
        ];
        for (text, want, printed) in cases {
            assert_eq!(parse_duration(text), Ok(want), "{text}");
            assert_eq!(format_duration(want.0, want.1).as_deref(), Some(printed), "{text}");
        }
        for text in ["", "s", "1", "1h", "1m", "1.s", ".5s", "+1s", "1s ", " 1s", "1.0000000001s", "--1s", "1e3s", "1S"]
        {
            assert_eq!(parse_duration(text), Err(TimeError::Syntax), "{text}");
        }
        for text in ["315576000001s", "-315576000001s", "99999999999999999999s"] {
            assert_eq!(parse_duration(text), Err(TimeError::OutOfRange), "{text}");
        }
        for (seconds, nanos) in [(1, -1), (-1, 1), (0, NANOS), (0, -NANOS), (i64::MIN, 0), (i64::MAX, 0)] {
            assert_eq!(format_duration(seconds, nanos), None);
        }
    }
}
