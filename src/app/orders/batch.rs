//! Many orders in one call: all of them or none, or as many as can be.

use std::collections::BTreeSet;

use super::super::{Call, Error, inventory};
use super::create::{create, create_without_stock};
use crate::domain::order::{Order, OrderBatch};
use crate::store::customers::standing;

/// What became of a batch.
#[derive(Debug)]
pub struct Batch {
    /// The orders that were created.
    pub orders: Vec<Order>,
    /// Those that were not.
    pub failures: Vec<NotCreated>,
}

/// An order that was not created.
#[derive(Debug)]
pub struct NotCreated {
    /// Its place in the batch.
    pub index: usize,
    /// Why not.
    pub error: Error,
}

/// Creates orders, in one transaction.
pub async fn batch_create(call: &Call, batch: OrderBatch) -> Result<Batch, Error> {
    if batch.per_item { each(call, batch).await } else { all(call, batch).await }
}

/// Stock is taken once for all of them, so that its rows are locked in one order.
async fn all(call: &Call, batch: OrderBatch) -> Result<Batch, Error> {
    let (mut orders, mut changes) = (Vec::with_capacity(batch.orders.len()), Vec::new());
    for (place, new) in batch.orders.into_iter().enumerate() {
        let (order, asked) = create_without_stock(call, new, &format!("orders[{place}].")).await?;
        orders.push(order);
        changes.extend(asked);
    }
    inventory::apply(call, changes).await?;
    Ok(Batch { orders, failures: Vec::new() })
}

/// Locks what the orders are going to lock one by one, in the one order that everybody keeps to.
async fn lock_ahead(call: &Call, batch: &OrderBatch) -> Result<(), Error> {
    let customers: BTreeSet<_> = batch.orders.iter().map(|order| order.content.customer).collect();
    for customer in customers {
        standing(&call.tx, &call.scope(), customer).await?;
    }
    let reservations: BTreeSet<_> = batch.orders.iter().filter_map(|order| order.reservation).collect();
    inventory::lock_ahead(call, reservations, &skus(batch)).await
}

/// Every SKU of the batch, once.
fn skus(batch: &OrderBatch) -> Vec<&str> {
    let lines = batch.orders.iter().flat_map(|order| &order.content.lines);
    let mut skus: Vec<_> = lines.map(|line| line.sku.as_str()).collect();
    skus.sort_unstable();
    skus.dedup();
    skus
}

/// Each behind a savepoint: one that fails leaves nothing. Trouble with the database is not the fault of one order, and ends the
/// whole batch.
async fn each(call: &Call, batch: OrderBatch) -> Result<Batch, Error> {
    let (mut orders, mut failures) = (Vec::new(), Vec::new());
    lock_ahead(call, &batch).await?;
    for (index, new) in batch.orders.into_iter().enumerate() {
        let before = call.savepoint().await?;
        match create(call, new).await {
            Ok(order) => {
                call.keep(before).await?;
                orders.push(order);
            }
            Err(error @ (Error::Store(_) | Error::Fault(_) | Error::Overloaded)) => return Err(error),
            Err(error) => {
                call.undo(before).await?;
                failures.push(NotCreated { index, error });
            }
        }
    }
    Ok(Batch { orders, failures })
}
