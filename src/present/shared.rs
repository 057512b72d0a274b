//! Shapes that several messages share.

use crate::contract::pb;
use crate::domain::Address;
use crate::domain::money::{Money, RoundingMode, TaxMode};
use crate::domain::time::Time;

/// An amount.
pub(super) fn money(money: Money) -> pb::Money {
    pb::Money { currency_code: money.currency().to_string(), minor_units: money.minor_units() }
}

/// A point in time.
pub(super) fn time(time: Time) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time.micros().div_euclid(1_000_000),
        nanos: i32::try_from(time.micros().rem_euclid(1_000_000) * 1_000).unwrap_or(0),
    }
}

/// The version of a resource, as clients compare it.
pub(super) fn etag(version: i64) -> String {
    format!("v{version}")
}

/// An optional text of a message: empty means none.
pub(super) fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A tax mode.
pub(super) fn tax_mode(mode: TaxMode) -> pb::tenant::TaxMode {
    match mode {
        TaxMode::Exclusive => pb::tenant::TaxMode::Exclusive,
        TaxMode::Inclusive => pb::tenant::TaxMode::Inclusive,
    }
}

/// A rounding mode.
pub(super) fn rounding_mode(mode: RoundingMode) -> pb::tenant::RoundingMode {
    match mode {
        RoundingMode::HalfUp => pb::tenant::RoundingMode::HalfUp,
        RoundingMode::HalfEven => pb::tenant::RoundingMode::HalfEven,
    }
}

impl From<Address> for pb::Address {
    fn from(address: Address) -> Self {
        Self {
            name: address.name,
            company: address.company,
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country_code: address.country_code,
            phone: address.phone,
        }
    }
}

impl From<pb::Address> for Address {
    fn from(address: pb::Address) -> Self {
        Self {
            name: address.name,
            company: address.company,
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            region: address.region,
            postal_code: address.postal_code,
            country_code: address.country_code,
            phone: address.phone,
        }
    }
}
