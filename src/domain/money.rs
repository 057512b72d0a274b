//! Exact money: whole minor units of one currency, and arithmetic that tells when it leaves its range.

use std::fmt;

use super::text_enum::text_enum;

/// Amounts stay below this, so that every JSON client can hold them exactly (RFC 8259, section 6).
pub const MAX_MINOR_UNITS: i64 = (1 << 53) - 1;

/// A hundred percent, in basis points.
const WHOLE_BPS: i128 = 10_000;

text_enum! {
    /// Whether prices are without or with tax.
    TaxMode {
        /// Tax is added to the prices.
        Exclusive = "EXCLUSIVE",
        /// Tax is a part of the prices.
        Inclusive = "INCLUSIVE",
    }
}

text_enum! {
    /// How fractions of a minor unit are rounded.
    RoundingMode {
        /// Halves away from zero.
        HalfUp = "HALF_UP",
        /// Halves to the even neighbor.
        HalfEven = "HALF_EVEN",
    }
}

/// An ISO 4217 currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads an ISO 4217 code; `None` for what is not one.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(code)?;
        code.as_bytes().try_into().ok().map(Self)
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can go wrong with amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoneyError {
    /// The result would not stay below 2^53.
    OutOfRange,
    /// Two currencies met.
    CurrencyMismatch,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "the amount is too large",
            Self::CurrencyMismatch => "the amounts are in different currencies",
        })
    }
}

impl std::error::Error for MoneyError {}

/// An exact amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    currency: Currency,
    minor_units: i64,
}

impl Money {
    /// An amount.
    ///
    /// # Errors
    /// `OutOfRange` unless its absolute value is below 2^53.
    pub fn new(currency: Currency, minor_units: i64) -> Result<Self, MoneyError> {
        if minor_units.unsigned_abs() > MAX_MINOR_UNITS.unsigned_abs() {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self { currency, minor_units })
    }

    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { currency, minor_units: 0 }
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor_units(self) -> i64 {
        self.minor_units
    }

    fn wide(currency: Currency, minor_units: i128) -> Result<Self, MoneyError> {
        i64::try_from(minor_units).map_err(|_| MoneyError::OutOfRange).and_then(|units| Self::new(currency, units))
    }

    /// The sum of two amounts of one currency.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        Self::wide(self.currency, i128::from(self.minor_units) + i128::from(other.minor_units))
    }

    /// The difference of two amounts of one currency.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        Self::wide(self.currency, i128::from(self.minor_units) - i128::from(other.minor_units))
    }

    /// This amount, or nothing when it is below zero.
    #[must_use]
    pub const fn at_least_zero(self) -> Self {
        if self.minor_units < 0 { Self::zero(self.currency) } else { self }
    }

    /// This amount, that many times.
    pub fn times(self, quantity: i32) -> Result<Self, MoneyError> {
        Self::wide(self.currency, i128::from(self.minor_units) * i128::from(quantity))
    }

    /// The share of this amount that a rate in basis points makes, rounded once.
    pub fn share(self, rate_bps: i32, rounding: RoundingMode) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor_units) * i128::from(rate_bps);
        Self::wide(self.currency, divide(product, WHOLE_BPS, rounding))
    }

    /// The part of this amount that is tax when the rate is already in it, rounded once.
    pub fn included_share(self, rate_bps: i32, rounding: RoundingMode) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor_units) * i128::from(rate_bps);
        Self::wide(self.currency, divide(product, WHOLE_BPS + i128::from(rate_bps), rounding))
    }

    /// The sum of many amounts of one currency.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }
}

/// Divides by a positive number and rounds the quotient.
fn divide(dividend: i128, divisor: i128, rounding: RoundingMode) -> i128 {
    let (quotient, remainder) = (dividend / divisor, dividend % divisor);
    let away = match (2 * remainder.abs()).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => match rounding {
            RoundingMode::HalfUp => true,
            RoundingMode::HalfEven => quotient % 2 != 0,
        },
    };
    if away { quotient + dividend.signum() } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbp(minor_units: i64) -> Money {
        Money::new(Currency::parse("GBP").expect("a currency"), minor_units).expect("in range")
    }

    #[test]
    fn knows_currencies() {
        assert_eq!(Currency::parse("GBP").map(|known| known.to_string()), Some("GBP".to_owned()));
        for code in ["", "gbp", "GB", "GBPX", "ZZZ", "£££"] {
            assert_eq!(Currency::parse(code), None, "{code}");
        }
    }

    #[test]
    fn rounds_shares_once() {
        for (amount, rate, half_up, half_even) in [
            (1000, 2000, 200, 200),
            (25, 1000, 3, 2),
            (35, 1000, 4, 4),
            (-25, 1000, -3, -2),
            (24, 1000, 2, 2),
            (26, 1000, 3, 3),
            (0, 2000, 0, 0),
            (MAX_MINOR_UNITS, 10_000, MAX_MINOR_UNITS, MAX_MINOR_UNITS),
        ] {
            assert_eq!(gbp(amount).share(rate, RoundingMode::HalfUp), Ok(gbp(half_up)), "{amount} at {rate}");
            assert_eq!(gbp(amount).share(rate, RoundingMode::HalfEven), Ok(gbp(half_even)), "{amount} at {rate}");
        }
    }

    #[test]
    fn never_leaves_its_range() {
        assert_eq!(Money::new(gbp(0).currency(), MAX_MINOR_UNITS + 1), Err(MoneyError::OutOfRange));
        assert_eq!(Money::new(gbp(0).currency(), i64::MIN), Err(MoneyError::OutOfRange));
        assert_eq!(gbp(MAX_MINOR_UNITS).plus(gbp(1)), Err(MoneyError::OutOfRange));
        assert_eq!(gbp(MAX_MINOR_UNITS).times(i32::MAX), Err(MoneyError::OutOfRange));
        assert_eq!(gbp(-MAX_MINOR_UNITS).times(1), Ok(gbp(-MAX_MINOR_UNITS)));
    }

    #[test]
    fn keeps_currencies_apart() {
        let yen = Money::new(Currency::parse("JPY").expect("a currency"), 1).expect("in range");
        assert_eq!(gbp(1).plus(yen), Err(MoneyError::CurrencyMismatch));
    }
}
