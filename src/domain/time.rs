//! Points in time, as both databases can keep them: whole microseconds since 1970-01-01 UTC.

const MICROS_A_DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A point in time, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The point this many microseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This point, moved by a duration; the far end of time if that is not representable.
    #[must_use]
    pub fn plus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This point, moved back by a duration; the near end of time if that is not representable.
    #[must_use]
    pub fn minus(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The day in UTC: `2026-03-01`.
    #[must_use]
    pub fn date(self) -> String {
        // Days of the proleptic Gregorian calendar, counted from the first of March of the year 0, so that leap days come last
        // (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
        const ERA: i64 = 146_097;
        let days = self.0.div_euclid(MICROS_A_DAY) + 719_468;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
        let year = year + era * 400 + i64::from(month <= 2);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The point in UTC, to the microsecond (RFC 3339): `2026-03-01T09:30:00.123456Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let micros = self.0.rem_euclid(MICROS_A_DAY);
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        format!("{}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z", self.date())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000007Z"),
            (-1, "1969-12-31T23:59:59.000007Z"),
            (951_782_400, "2000-02-29T00:00:00.000007Z"),
            (951_868_800, "2000-03-01T00:00:00.000007Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000007Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000007Z"),
            (1_772_357_400, "2026-03-01T09:30:00.000007Z"),
            (-62_135_596_800, "0001-01-01T00:00:00.000007Z"),
        ] {
            assert_eq!(Time::from_micros(seconds * 1_000_000 + 7).rfc3339(), text);
        }
    }
}

/// A part of time. Its ends do not belong to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// It begins after this.
    pub after: Option<Time>,
    /// It ends before this.
    pub before: Option<Time>,
}
