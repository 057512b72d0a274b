//! Which stock an order holds: as much as it has open units of products whose stock is counted.

use std::collections::{BTreeMap, HashMap};

use super::{Order, OrderItem};
use crate::domain::ids::LocationId;
use crate::domain::product::Product;
use crate::domain::stock::{MovementType, Source, StockChange};

impl Order {
    /// Whether a line whose stock is counted does not say where its units are taken from.
    #[must_use]
    pub fn needs_location(&self, products: &HashMap<String, Product>) -> bool {
        self.items.iter().any(|item| item.location.is_none() && is_counted(item, products))
    }

    /// Lets every open unit of a product whose stock is counted hold stock, where its line says or at the default location.
    pub fn reserve(&mut self, products: &HashMap<String, Product>, default: LocationId) {
        for item in &mut self.items {
            if is_counted(item, products) {
                item.location = item.location.or(Some(default));
                item.quantity_reserved = item.open();
            }
        }
    }
}

/// A product that got another SKU since is not found by this one; what holds stock goes on to.
fn is_counted(item: &OrderItem, products: &HashMap<String, Product>) -> bool {
    let product = products.get(&item.sku).filter(|product| product.id == item.product);
    product.map_or(item.quantity_reserved > 0, |product| product.track_inventory)
}

/// The stock that an order takes and gives back when its lines become others: for each product and location, once. `at` is
/// what stands before `items` in the request that asks for it; `None`: no line of the request does.
#[must_use]
pub fn stock_changes(source: Source, before: &[OrderItem], after: &[OrderItem], at: Option<&str>) -> Vec<StockChange> {
    let mut changes = BTreeMap::new();
    for (place, (item, sign)) in
        after.iter().map(|item| (item, 1)).chain(before.iter().map(|item| (item, -1))).enumerate()
    {
        let Some(location) = item.location.filter(|_| item.quantity_reserved > 0) else { continue };
        let change = changes.entry((item.product, location)).or_insert_with(|| StockChange {
            product: item.product,
            sku: item.sku.clone(),
            location,
            on_hand: 0,
            reserved: 0,
            movement: MovementType::Reserved,
            source,
            field: at.filter(|_| sign > 0).map(|at| format!("{at}items[{place}].quantity")),
        });
        change.reserved += sign * i64::from(item.quantity_reserved);
    }
    let moved = changes.into_values().filter(|change| change.reserved != 0);
    let named = moved.map(|change| match change.reserved {
        less if less < 0 => StockChange { movement: MovementType::Released, field: None, ..change },
        _ => change,
    });
    named.collect()
}
