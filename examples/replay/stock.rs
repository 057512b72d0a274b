//! Counts the stock of every product once, before the first order takes of it.
//!
//! A count is not repeated: once a product has a place in stock, the count is done, whatever orders have taken since.

use std::collections::HashSet;

use tradepost::commands::retail::Books;
use tradepost::contract::pb;
use tradepost::contract::pb::inventory_service_client::InventoryServiceClient;

use crate::Fault;
use crate::client::Service;
use crate::listing;
use crate::progress::{each, grouped};
use crate::send::{REASON, key};

/// Puts into stock what all orders of the file take, where nobody has.
pub(crate) async fn count(service: &Service, books: &Books, concurrency: usize) -> Result<(), Fault> {
    let mut counted = HashSet::new();
    listing::stock(service, |found| counted.extend([found.sku])).await?;
    let missing: Vec<_> = books.stock.iter().filter(|(sku, _)| !counted.contains(*sku)).collect();
    println!("  {:>7} products are in stock already", grouped(books.stock.len() - missing.len()));
    each("counts of stock", missing, concurrency, |(sku, units)| one(service, sku, *units)).await
}

async fn one(service: &Service, sku: &str, units: i64) -> Result<(), Fault> {
    let request = pb::AdjustStockRequest {
        sku: sku.to_owned(),
        counted: Some(units),
        expected_on_hand: Some(0),
        reason: REASON.to_owned(),
        ..Default::default()
    };
    let adjust = service.call(Some(key("stock", sku)), request, async |channel, request| {
        InventoryServiceClient::new(channel).adjust_stock(request).await
    });
    let level = adjust.await.map_err(|refusal| format!("stock of {sku:?}: {refusal}"))?;
    if level.on_hand != Some(units) {
        return Err(format!("stock of {sku:?} is {:?}, not {units}", level.on_hand).into());
    }
    Ok(())
}
