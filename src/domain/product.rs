//! Products: what can be ordered, and its prices.

use super::Metadata;
use super::etag::Versioned;
use super::ids::ProductId;
use super::money::{Currency, Money};
use super::page::PageRequest;
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

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
    pub track_inventory: bool,
    pub metadata: Metadata,
}

/// What an update makes of a product: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Product")]
pub struct ProductPatch {
    pub sku: Option<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub prices: Option<Vec<Money>>,
    pub tax_rate_bps: Option<i32>,
    pub track_inventory: Option<bool>,
    pub metadata: Option<Metadata>,
}

/// Which products a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<ProductStatus>,
    /// Only the one with this SKU.
    pub sku: Option<String>,
    /// Only those created in this time.
    pub created: TimeRange,
}

/// A list of products, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductList {
    /// Which products.
    pub filter: ProductFilter,
    /// Which page.
    pub page: PageRequest,
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
            track_inventory: new.track_inventory,
            status: ProductStatus::Active,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            archive_time: None,
        }
    }

    /// The product after an update; the same one when the update changes nothing. New prices have passed
    /// [`check_prices`].
    #[must_use]
    pub fn updated(&self, patch: ProductPatch, now: Time) -> Self {
        let updated = Self {
            sku: patch.sku.unwrap_or_else(|| self.sku.clone()),
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            description: patch.description.unwrap_or_else(|| self.description.clone()),
            prices: patch.prices.unwrap_or_else(|| self.prices.clone()),
            tax_rate_bps: patch.tax_rate_bps.unwrap_or(self.tax_rate_bps),
            track_inventory: patch.track_inventory.unwrap_or(self.track_inventory),
            metadata: patch.metadata.unwrap_or_else(|| self.metadata.clone()),
            ..self.clone()
        };
        if updated == *self { updated } else { updated.moved(now) }
    }

    /// The product off the market; the same one when it is already.
    #[must_use]
    pub fn archived(&self, now: Time) -> Self {
        match self.status {
            ProductStatus::Archived => self.clone(),
            ProductStatus::Active => {
                Self { status: ProductStatus::Archived, archive_time: Some(now), ..self.clone() }.moved(now)
            }
        }
    }

    /// Every visible change moves the version by one.
    fn moved(self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self }
    }

    /// The price of one unit in a currency.
    #[must_use]
    pub fn price(&self, currency: Currency) -> Option<Money> {
        self.prices.iter().copied().find(|price| price.currency() == currency)
    }
}

impl Versioned for Product {
    fn version(&self) -> i64 {
        self.version
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
    use crate::domain::ids::TypedId;

    fn price(code: &str, minor_units: i64) -> Money {
        Money::new(Currency::parse(code).expect("a currency"), minor_units).expect("in range")
    }

    fn teapot() -> Product {
        let new = NewProduct {
            sku: "TEAPOT".to_owned(),
            name: "Teapot".to_owned(),
            description: String::new(),
            prices: vec![price("GBP", 1250), price("EUR", 1500)],
            tax_rate_bps: 2000,
            track_inventory: true,
            metadata: Metadata::new(),
        };
        Product::new(ProductId::from_uuid(uuid::Uuid::nil()), new, Time::from_micros(1))
    }

    #[test]
    fn an_update_changes_what_it_names_and_moves_the_version_once() {
        let (before, now) = (teapot(), Time::from_micros(2));
        let patch =
            ProductPatch { name: Some("Pot".to_owned()), prices: Some(vec![price("JPY", 9)]), ..Default::default() };
        let expected = Product {
            name: "Pot".to_owned(),
            prices: vec![price("JPY", 9)],
            version: 2,
            update_time: now,
            ..before.clone()
        };
        assert_eq!(before.updated(patch, now), expected);
    }

    #[test]
    fn an_update_that_changes_nothing_leaves_everything() {
        let before = teapot();
        let same = ProductPatch {
            sku: Some(before.sku.clone()),
            prices: Some(before.prices.clone()),
            track_inventory: Some(true),
            ..Default::default()
        };
        for patch in [same, ProductPatch::default()] {
            assert_eq!(before.updated(patch, Time::from_micros(2)), before);
        }
        let turned = before.prices.iter().rev().copied().collect();
        let turned = ProductPatch { prices: Some(turned), ..Default::default() };
        assert_eq!(before.updated(turned, Time::from_micros(2)).version, 2, "the order of prices shows");
    }

    #[test]
    fn a_product_is_archived_once() {
        let archived = teapot().archived(Time::from_micros(2));
        assert_eq!((archived.version, archived.status), (2, ProductStatus::Archived));
        assert_eq!((archived.archive_time, archived.update_time), (Some(Time::from_micros(2)), Time::from_micros(2)));
        assert_eq!(archived.archived(Time::from_micros(3)), archived);
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
