//! Products.

use super::parse::Parser;
use super::shared::{etag, money, time};
use crate::contract::pb;
use crate::domain::product::{NewProduct, Product, ProductStatus};
use crate::domain::violation::Violation;

/// What a client wants to sell.
pub fn new_product(message: pb::CreateProductRequest) -> Result<NewProduct, Vec<Violation>> {
    let mut parser = Parser::default();
    let prices = message.prices.iter().enumerate();
    let prices = prices.filter_map(|(place, price)| parser.money(&format!("prices[{place}]"), price)).collect();
    parser.finish(Some(NewProduct {
        sku: message.sku,
        name: message.name,
        description: message.description,
        prices,
        tax_rate_bps: message.tax_rate_bps,
        metadata: message.metadata,
    }))
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
