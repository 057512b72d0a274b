//! Products.

use super::parse::{Parser, parse_id};
use super::shared::{money, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::ProductId;
use crate::domain::product::{NewProduct, PriceError, Product, ProductStatus, check_prices};
use crate::domain::violation::Violation;

impl TryFrom<pb::CreateProductRequest> for NewProduct {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateProductRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let prices = message.prices.iter().enumerate();
        let prices: Vec<_> = prices
            .filter_map(|(place, price)| Some((place, parser.money(&format!("prices[{place}]"), price)?)))
            .collect();
        parser.violations.extend(check_prices(&prices).into_iter().map(price_violation));
        parser.finish(Some(NewProduct {
            sku: message.sku,
            name: message.name,
            description: message.description,
            prices: prices.into_iter().map(|(_, price)| price).collect(),
            tax_rate_bps: message.tax_rate_bps,
            metadata: message.metadata,
        }))
    }
}

fn price_violation(error: PriceError) -> Violation {
    match error {
        PriceError::Negative(place) => {
            Violation::new(format!("prices[{place}].minor_units"), "out_of_range", "must not be negative")
        }
        PriceError::DuplicateCurrency(place) => Violation::new(
            format!("prices[{place}].currency_code"),
            "not_unique",
            "there is a price in this currency already",
        ),
    }
}

impl TryFrom<pb::GetProductRequest> for ProductId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetProductRequest) -> Result<Self, Vec<Violation>> {
        parse_id("product_id", &message.product_id)
    }
}

/// A product with everything.
#[must_use]
pub fn product(product: Product) -> pb::Product {
    let basic = basic_product(&product);
    pb::Product { description: product.description, metadata: product.metadata, ..basic }
}

/// A product as lists and events show it: without description and metadata.
#[must_use]
pub fn basic_product(product: &Product) -> pb::Product {
    pb::Product {
        id: product.id.to_string(),
        sku: product.sku.clone(),
        name: product.name.clone(),
        prices: product.prices.iter().copied().map(money).collect(),
        tax_rate_bps: product.tax_rate_bps,
        track_inventory: product.track_inventory,
        status: status(product.status).into(),
        etag: etag(product.version),
        create_time: Some(time(product.create_time)),
        update_time: Some(time(product.update_time)),
        archive_time: product.archive_time.map(time),
        ..Default::default()
    }
}

fn status(status: ProductStatus) -> pb::product::Status {
    match status {
        ProductStatus::Active => pb::product::Status::Active,
        ProductStatus::Archived => pb::product::Status::Archived,
    }
}
