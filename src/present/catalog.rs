//! Products.

use super::mask::Mask;
use super::parse::{Parser, parse_id};
use super::shared::{self, money, optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::ProductId;
use crate::domain::money::Money;
use crate::domain::page::View;
use crate::domain::product::{
    NewProduct, PriceError, Product, ProductFilter, ProductList, ProductPatch, ProductStatus, check_prices,
};
use crate::domain::violation::Violation;

impl TryFrom<pb::CreateProductRequest> for NewProduct {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateProductRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let prices = prices(&mut parser, "prices", &message.prices);
        parser.finish(Some(NewProduct {
            sku: message.sku,
            name: message.name,
            description: message.description,
            prices,
            tax_rate_bps: message.tax_rate_bps,
            track_inventory: message.track_inventory,
            metadata: message.metadata,
        }))
    }
}

fn prices(parser: &mut Parser, field: &str, messages: &[pb::Money]) -> Vec<Money> {
    let prices = messages.iter().enumerate();
    let prices: Vec<_> =
        prices.filter_map(|(place, price)| Some((place, parser.money(&format!("{field}[{place}]"), price)?))).collect();
    parser.violations.extend(check_prices(&prices).into_iter().map(|error| price_violation(field, error)));
    prices.into_iter().map(|(_, price)| price).collect()
}

fn price_violation(field: &str, error: PriceError) -> Violation {
    match error {
        PriceError::Negative(place) => {
            Violation::new(format!("{field}[{place}].minor_units"), "out_of_range", "must not be negative")
        }
        PriceError::DuplicateCurrency(place) => Violation::new(
            format!("{field}[{place}].currency_code"),
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

impl TryFrom<pb::ListProductsRequest> for ProductList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListProductsRequest) -> Result<Self, Vec<Violation>> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        let created = parser.created(message.create_time_after, message.create_time_before);
        let statuses = message.status().filter_map(|status| status.as_str_name().parse().ok()).collect();
        parser.finish(Some(Self { filter: ProductFilter { statuses, sku: optional(message.sku), created }, page }))
    }
}

impl TryFrom<pb::BatchGetProductsRequest> for (Vec<ProductId>, View) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::BatchGetProductsRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let ids = parser.ids("product_ids", &message.product_ids);
        parser.finish(Some((ids, shared::view(message.view()))))
    }
}

impl TryFrom<pb::UpdateProductRequest> for (ProductId, ProductPatch) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::UpdateProductRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let id = parser.id("product_id", &message.product_id);
        let (mask, new) = (Mask::from(message.update_mask), message.product.unwrap_or_default());
        let prices = prices(&mut parser, "product.prices", &new.prices);
        let patch = ProductPatch {
            sku: mask.required(&mut parser, "product.sku", new.sku),
            name: mask.required(&mut parser, "product.name", new.name),
            description: mask.value("description", new.description.unwrap_or_default()),
            prices: mask.value("prices", prices),
            tax_rate_bps: mask.value("tax_rate_bps", new.tax_rate_bps.unwrap_or_default()),
            track_inventory: mask.value("track_inventory", new.track_inventory.unwrap_or_default()),
            metadata: mask.value("metadata", new.metadata),
        };
        parser.finish(id.map(|id| (id, patch)))
    }
}

impl TryFrom<pb::ArchiveProductRequest> for ProductId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::ArchiveProductRequest) -> Result<Self, Vec<Violation>> {
        parse_id("product_id", &message.product_id)
    }
}

/// A product with everything.
#[must_use]
pub fn product(product: &Product) -> pb::Product {
    pb::Product { metadata: product.metadata.clone(), ..basic_product(product) }
}

/// As much of a product as a view shows.
#[must_use]
pub fn product_in(view: View) -> fn(&Product) -> pb::Product {
    match view {
        View::Basic => basic_product,
        View::Full => product,
    }
}

/// A product as lists and events show it: without metadata.
#[must_use]
pub fn basic_product(product: &Product) -> pb::Product {
    pb::Product {
        id: product.id.to_string(),
        sku: product.sku.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
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
