//! Compares the stock with the file: what is on hand by each product's counters, and what by the ledger of all movements.

use std::collections::{BTreeMap, HashMap};

use tradepost::commands::retail::Books;
use tradepost::contract::pb::stock_movement::Type;

use crate::Fault;
use crate::books::same;
use crate::client::Service;
use crate::kind::{Kind, Table, count};
use crate::listing;

/// What the ledger says of one product.
#[derive(Debug, Default, PartialEq, Eq)]
struct Moved {
    counted: i64,
    shipped: i64,
    restocked: i64,
    /// By anything else: nothing in the file does that.
    otherwise: i64,
    reserved: i64,
    /// Movements of the reserved units, in either direction.
    taken: i64,
}

/// What orders and credit notes move of one product.
#[derive(Debug)]
struct Wanted {
    sku: String,
    stock: i64,
    sold: i64,
    restocked: i64,
}

/// Compares stock and ledger; the differences.
pub(crate) async fn balance(service: &Service, books: &Books, table: &mut Table) -> Result<Vec<String>, Fault> {
    let wanted = wanted(books);
    let mut levels = Kind::new("stock", &wanted, |wanted| &wanted.sku);
    let (mut on_hand, mut reserved) = (0, 0);
    listing::stock(service, |found| {
        levels.meet(&found.sku, |wanted| {
            let left = wanted.stock - wanted.sold + wanted.restocked;
            same("on hand", &Some(left), &found.on_hand)?;
            same("reserved", &Some(0), &found.reserved)?;
            same("available", &Some(left), &found.available)
        });
        on_hand += found.on_hand.unwrap_or_default();
        reserved += found.reserved.unwrap_or_default();
    })
    .await?;

    let mut moved: HashMap<String, Moved> = HashMap::new();
    listing::movements(service, |found| {
        let moved = moved.entry(found.sku.clone()).or_default();
        match found.r#type() {
            Type::Counted => moved.counted += found.on_hand_change,
            Type::Shipped => moved.shipped -= found.on_hand_change,
            Type::Restocked => moved.restocked += found.on_hand_change,
            _ => moved.otherwise += found.on_hand_change,
        }
        moved.reserved += found.reserved_change;
        moved.taken += found.reserved_change.max(0);
    })
    .await?;
    let mut ledger = Kind::new("ledger", &wanted, |wanted| &wanted.sku);
    for (sku, found) in &moved {
        ledger.meet(sku, |wanted| {
            let expected = Moved {
                counted: wanted.stock,
                shipped: wanted.sold,
                restocked: wanted.restocked,
                otherwise: 0,
                reserved: 0,
                taken: wanted.sold,
            };
            same("sum of movements", &expected, found)
        });
    }

    let sum = |units: fn(&Wanted) -> i64| wanted.iter().map(units).sum::<i64>();
    let total = |units: fn(&Moved) -> i64| moved.values().map(units).sum::<i64>();
    table.row("products in stock", count(wanted.len()), levels.found);
    table.row("units on hand", sum(|wanted| wanted.stock - wanted.sold + wanted.restocked), on_hand);
    table.row("units reserved", 0, reserved);
    table.row("ledger: units counted", sum(|wanted| wanted.stock), total(|moved| moved.counted));
    table.row("ledger: units reserved", sum(|wanted| wanted.sold), total(|moved| moved.taken));
    table.row("ledger: units shipped", sum(|wanted| wanted.sold), total(|moved| moved.shipped));
    table.row("ledger: units restocked", sum(|wanted| wanted.restocked), total(|moved| moved.restocked));
    Ok([levels.told(true), ledger.told(true)].concat())
}

fn wanted(books: &Books) -> Vec<Wanted> {
    let mut wanted: BTreeMap<&str, Wanted> = BTreeMap::new();
    for (sku, stock) in &books.stock {
        wanted.insert(sku, Wanted { sku: sku.clone(), stock: *stock, sold: 0, restocked: 0 });
    }
    let orders: HashMap<_, _> = books.orders.iter().map(|order| (order.reference.as_str(), order)).collect();
    for item in books.orders.iter().flat_map(|order| &order.items) {
        if let Some(wanted) = wanted.get_mut(item.sku.as_str()) {
            wanted.sold += i64::from(item.quantity);
        }
    }
    for giveback in &books.returns {
        for (line, units) in &giveback.pieces {
            let item = orders.get(giveback.order.as_str()).and_then(|order| order.items.get(*line));
            if let Some(wanted) = item.and_then(|item| wanted.get_mut(item.sku.as_str())) {
                wanted.restocked += i64::from(*units);
            }
        }
    }
    wanted.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_is_in_stock() {
        let csv = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
                   1,A,a,5,d,1.00,7.0,UK\n1,A,a,2,d,1.00,7.0,UK\n2,B,b,1,d,2.00,8.0,UK\nC3,A,a,-6,d,1.00,7.0,UK\n";
        let wanted = wanted(&Books::read(csv.as_bytes()).expect("readable"));
        let told: Vec<_> = wanted.iter().map(|one| (&*one.sku, one.stock, one.sold, one.restocked)).collect();
        assert_eq!(told, [("A", 7, 7, 6), ("B", 1, 1, 0)]);
    }
}
