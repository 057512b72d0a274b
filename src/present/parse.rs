//! Reads values out of messages, and collects everything that does not fit.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::contract::pb;
use crate::domain::discount::Discount;
use crate::domain::ids::TypedId;
use crate::domain::money::{Currency, Money};
use crate::domain::resource::Resource;
use crate::domain::time::{Time, TimeRange};
use crate::domain::violation::Violation;

/// The seconds that a timestamp may have: years 1 to 9999.
const TIMESTAMP_SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Reads one id.
pub(super) fn parse_id<T: TypedId>(field: &str, text: &str) -> Result<T, Vec<Violation>> {
    T::parse(text).map_err(|malformed| vec![Violation::new(field, "malformed_id", malformed.to_string())])
}

/// What a page token is bound to: a list request without its size and its token.
pub(super) fn binding<M: prost::Message + prost::Name>(list: &M) -> Vec<u8> {
    let mut binding = M::full_name().into_bytes();
    binding.push(0);
    binding.extend(list.encode_to_vec());
    binding
}

/// Collects violations while a message is read. What cannot be read is `None`, and `violations` says why.
#[derive(Debug, Default)]
pub(super) struct Parser {
    pub(super) violations: Vec<Violation>,
}

impl Parser {
    /// An id.
    pub(super) fn id<T: TypedId>(&mut self, field: &str, text: &str) -> Option<T> {
        parse_id(field, text).map_err(|mut violations| self.violations.append(&mut violations)).ok()
    }

    /// The id of a thing of any kind, which may be left out.
    pub(super) fn resource(&mut self, field: &str, text: &str) -> Option<Resource> {
        let resource = Resource::parse(text);
        if resource.is_none() && !text.is_empty() {
            self.violations.push(Violation::new(field, "malformed_id", "must be an id of a thing: ord_…, prd_…"));
        }
        resource
    }

    /// A point in time that may be left out. What is finer than a microsecond is cut off.
    pub(super) fn time(&mut self, field: &str, time: Option<prost_types::Timestamp>) -> Option<Time> {
        self.micros(field, time?).map(|(micros, _)| Time::from_micros(micros))
    }

    /// A duration that may be left out, to the microsecond, as it is kept. `rule` says what it must be.
    pub(super) fn duration(
        &mut self,
        field: &str,
        duration: Option<prost_types::Duration>,
        range: &RangeInclusive<Duration>,
        rule: &str,
    ) -> Option<Duration> {
        let duration = duration?;
        // Protobuf carries nanoseconds that no duration has; prost would carry them over into the seconds.
        let is_proper = (0..1_000_000_000).contains(&duration.nanos);
        let duration = Duration::try_from(duration).ok().filter(|duration| is_proper && range.contains(duration));
        if duration.is_none() {
            self.violations.push(Violation::new(field, "out_of_range", rule));
        }
        duration.map(|duration| Duration::new(duration.as_secs(), duration.subsec_micros() * 1_000))
    }

    /// A currency.
    pub(super) fn currency(&mut self, field: impl Into<String>, code: &str) -> Option<Currency> {
        let currency = Currency::parse(code);
        if currency.is_none() {
            self.violations.push(Violation::new(field, "unknown_currency", "must be an ISO 4217 code"));
        }
        currency
    }

    /// An amount.
    pub(super) fn money(&mut self, field: &str, money: &pb::Money) -> Option<Money> {
        let currency = self.currency(format!("{field}.currency_code"), &money.currency_code)?;
        Money::new(currency, money.minor_units)
            .map_err(|error| {
                let field = format!("{field}.minor_units");
                self.violations.push(Violation::new(field, "out_of_range", error.to_string()));
            })
            .ok()
    }

    /// An amount that is not below zero.
    pub(super) fn price(&mut self, field: &str, money: &pb::Money) -> Option<Money> {
        let money = self.money(field, money)?;
        if money.minor_units() < 0 {
            self.violations.push(Violation::new(
                format!("{field}.minor_units"),
                "out_of_range",
                "must not be negative",
            ));
        }
        Some(money)
    }

    /// An amount above zero.
    pub(super) fn positive(&mut self, field: &str, money: &pb::Money) -> Option<Money> {
        let money = self.money(field, money)?;
        if money.minor_units() < 1 {
            let field = format!("{field}.minor_units");
            self.violations.push(Violation::new(field, "out_of_range", "must be above zero"));
        }
        Some(money)
    }

    /// An id that may be missing.
    pub(super) fn maybe_id<T: TypedId>(&mut self, field: &str, text: &str) -> Option<T> {
        if text.is_empty() { None } else { self.id(field, text) }
    }

    /// A discount. The contract sees to it that it has one of its two forms.
    pub(super) fn discount(&mut self, field: &str, discount: Option<&pb::Discount>) -> Option<Discount> {
        let discount = discount?;
        match (&discount.amount, discount.percent_bps) {
            (Some(amount), _) => self.price(&format!("{field}.amount"), amount).map(Discount::Amount),
            (None, Some(bps)) => Some(Discount::Percent(bps)),
            (None, None) => None,
        }
    }

    /// Many ids.
    pub(super) fn ids<T: TypedId>(&mut self, field: &str, texts: &[String]) -> Vec<T> {
        let ids = texts.iter().enumerate();
        ids.filter_map(|(place, text)| self.id(&format!("{field}[{place}]"), text)).collect()
    }

    /// The time between `create_time_after` and `create_time_before`.
    pub(super) fn created(
        &mut self,
        after: Option<prost_types::Timestamp>,
        before: Option<prost_types::Timestamp>,
    ) -> TimeRange {
        let after = after.and_then(|time| self.micros("create_time_after", time));
        let before = before.and_then(|time| self.micros("create_time_before", time));
        // Between two microseconds nothing is kept: whatever is after the first one is after this, and whatever is before
        // this is before the second one.
        TimeRange {
            after: after.map(|(micros, _)| Time::from_micros(micros)),
            before: before.map(|(micros, is_whole)| Time::from_micros(micros + i64::from(!is_whole))),
        }
    }

    /// The microseconds of a timestamp, and whether there is nothing between them and it.
    fn micros(&mut self, field: &str, time: prost_types::Timestamp) -> Option<(i64, bool)> {
        if !TIMESTAMP_SECONDS.contains(&time.seconds) || !(0..1_000_000_000).contains(&time.nanos) {
            self.violations.push(Violation::new(field, "out_of_range", "must be a time in the years 1 to 9999"));
            return None;
        }
        Some((time.seconds * 1_000_000 + i64::from(time.nanos / 1_000), time.nanos % 1_000 == 0))
    }

    /// What was read, unless something could not be.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Violation>> {
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            _ => Err(self.violations),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanos: i32) -> prost_types::Timestamp {
        prost_types::Timestamp { seconds, nanos }
    }

    #[test]
    fn a_span_has_the_rows_that_its_ends_leave() {
        for (nanos, after, before) in [(0, 0, 0), (1_000, 1, 1), (1, 0, 1), (999, 0, 1), (1_001, 1, 2)] {
            let span = Parser::default().created(Some(at(-1, nanos)), Some(at(-1, nanos)));
            let expected = [after, before].map(|micros| Some(Time::from_micros(micros - 1_000_000)));
            assert_eq!([span.after, span.before], expected, "{nanos} ns");
        }
        assert_eq!(Parser::default().created(None, None), TimeRange::default());
    }

    #[test]
    fn times_that_no_calendar_has_are_refused() {
        for wrong in [at(i64::MIN, 0), at(i64::MAX, 0), at(253_402_300_800, 0), at(0, -1), at(0, 1_000_000_000)] {
            let mut parser = Parser::default();
            parser.created(Some(wrong), Some(wrong));
            let fields: Vec<_> = parser.violations.iter().map(|violation| violation.field.as_str()).collect();
            assert_eq!(fields, ["create_time_after", "create_time_before"], "{wrong:?}");
        }
    }
}
