//! Discounts: an amount, or a part of a price.

use super::money::{Money, MoneyError, RoundingMode};

/// What is taken off a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// This amount.
    Amount(Money),
    /// This part, in basis points: 0 to 10,000.
    Percent(i32),
}

/// Why a discount cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountError {
    /// It is more than there is to take it off.
    MoreThanThereIs,
    /// It is below zero.
    Negative,
    /// It is in another currency.
    CurrencyMismatch,
}

impl Discount {
    /// What is taken off this price, which is not below zero.
    pub fn of(self, price: Money, rounding: RoundingMode) -> Result<Money, DiscountError> {
        match self {
            Self::Percent(bps) => price.share(bps, rounding).map_err(|error| match error {
                MoneyError::OutOfRange => DiscountError::MoreThanThereIs,
                MoneyError::CurrencyMismatch => DiscountError::CurrencyMismatch,
            }),
            Self::Amount(amount) if amount.currency() != price.currency() => Err(DiscountError::CurrencyMismatch),
            Self::Amount(amount) if amount.minor_units() < 0 => Err(DiscountError::Negative),
            Self::Amount(amount) if amount.minor_units() > price.minor_units() => Err(DiscountError::MoreThanThereIs),
            Self::Amount(amount) => Ok(amount),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    fn money(code: &str, minor_units: i64) -> Money {
        Money::new(Currency::parse(code).expect("a currency"), minor_units).expect("in range")
    }

    #[test]
    fn a_discount_takes_no_more_than_there_is() {
        let price = money("GBP", 995);
        for (discount, expected) in [
            (Discount::Percent(0), Ok(money("GBP", 0))),
            (Discount::Percent(1000), Ok(money("GBP", 100))),
            (Discount::Percent(10_000), Ok(price)),
            (Discount::Amount(price), Ok(price)),
            (Discount::Amount(money("GBP", 996)), Err(DiscountError::MoreThanThereIs)),
            (Discount::Amount(money("GBP", -1)), Err(DiscountError::Negative)),
            (Discount::Amount(money("EUR", 1)), Err(DiscountError::CurrencyMismatch)),
        ] {
            assert_eq!(discount.of(price, RoundingMode::HalfUp), expected, "{discount:?}");
        }
        assert_eq!(Discount::Percent(1000).of(money("GBP", 25), RoundingMode::HalfEven), Ok(money("GBP", 2)));
    }
}
