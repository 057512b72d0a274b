//! Products: what can be ordered, and its prices.

use super::Metadata;
use super::ids::ProductId;
use super::money::{Currency, Money};
use super::text_enum::text_enum;
use super::time::Time;

text_enum! {
    /// Whether a product can be ordered.
    ProductStatus {
        /// It can.
        Active = "ACTIVE",
        /// It can no longer.
        Archived = "ARCHIVED",
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Stock keeping unit, unique in the tenant, compared byte for byte.
    pub sku: String,
    /// What people call it.
    pub name: String,
    /// What people should know of it.
    pub description: String,
    /// Price of one unit, at most one per currency.
    pub prices: Vec<Money>,
    /// Tax in basis points.
    pub tax_rate_bps: i32,
    /// Whether stock is counted for it.
    pub track_inventory: bool,
    /// Whether it can be ordered.
    pub status: ProductStatus,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When it was archived.
    pub archive_time: Option<Time>,
}

/// What a new product is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Product")]
pub struct NewProduct {
    pub sku: String,
    pub name: String,
    pub description: String,
    pub prices: Vec<Money>,
    pub tax_rate_bps: i32,
    pub metadata: Metadata,
}

/// Why a price cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceError {
    /// The price at this place is below zero.
    Negative(usize),
    /// The price at this place is the second one in its currency.
    DuplicateCurrency(usize),
}

impl Product {
    /// A new product. Its prices have passed [`check_prices`].
    #[must_use]
    pub fn new(id: ProductId, new: NewProduct, now: Time) -> Self {
        Self {
            id,
            sku: new.sku,
            name: new.name,
            description: new.description,
            prices: new.prices,
            tax_rate_bps: new.tax_rate_bps,
            track_inventory: false,
            status: ProductStatus::Active,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            archive_time: None,
        }
    }

    /// The price of one unit in a currency.
    #[must_use]
    pub fn price(&self, currency: Currency) -> Option<Money> {
        self.prices.iter().copied().find(|price| price.currency() == currency)
    }
}

/// Every price that cannot stand. Prices come with their places, because some may have been unreadable.
#[must_use]
pub fn check_prices(prices: &[(usize, Money)]) -> Vec<PriceError> {
    let mut errors = Vec::new();
    for (earlier, (place, price)) in prices.iter().enumerate() {
        if price.minor_units() < 0 {
            errors.push(PriceError::Negative(*place));
        }
        if prices[..earlier].iter().any(|(_, other)| other.currency() == price.currency()) {
            errors.push(PriceError::DuplicateCurrency(*place));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(code: &str, minor_units: i64) -> Money {
        Money::new(Currency::parse(code).expect("a currency"), minor_units).expect("in range")
    }

    #[test]
    fn every_bad_price_is_named() {
        for (prices, expected) in [
            (vec![], vec![]),
            (vec![price("GBP", 0), price("EUR", 5)], vec![]),
            (
                vec![price("GBP", 1), price("EUR", -1), price("GBP", -2)],
                vec![PriceError::Negative(1), PriceError::Negative(2), PriceError::DuplicateCurrency(2)],
            ),
        ] {
            let placed: Vec<_> = prices.into_iter().enumerate().collect();
            assert_eq!(check_prices(&placed), expected);
        }
    }
}
