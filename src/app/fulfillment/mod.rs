//! Use cases of shipments and returns, and what they have alike.
//!
//! Both change what the lines of their order count. So each write locks the order first, then its own row, and touches stock
//! last and at once.

mod returns;
mod shipments;

pub use returns::{
    allowed_actions, authorize_return, close_return, create_return, get_return, inspect_return, list_returns,
    receive_return, reject_return,
};
pub use shipments::{cancel_shipment, create_shipment, get_shipment, list_shipments, mark_shipment_delivered};

use std::collections::HashSet;

use super::{Call, Error, Excess, Page, Placed, Thing, orders};
use crate::domain::event::EventType;
use crate::domain::ids::ProductId;
use crate::domain::order::{Order, OrderAction};
use crate::domain::units::UnitsError;
use crate::store::catalog;

/// Lines read for one answer: more would pass 4 MiB as JSON, however short they are.
const MAX_ITEMS: usize = 8_000;

/// What a client asked for in terms of an order's lines, as `items` of the request.
fn refused(error: UnitsError, excess: Excess) -> Error {
    match error {
        UnitsError::Unknown { place } => {
            Error::NotFound { thing: Thing::OrderItem, field: Some(format!("items[{place}].item_id")) }
        }
        UnitsError::TooMany { place, item, maximum } => {
            Error::TooMany { excess, item, maximum, field: format!("items[{place}].quantity") }
        }
    }
}

/// Something that an order cannot have in its state.
fn illegal(call: &Call, order: &Order, action: &'static str) -> Error {
    let allowed = orders::allowed_actions(&call.caller, order);
    let allowed = allowed.into_iter().map(OrderAction::as_str).collect();
    Error::IllegalTransition { from: order.head.status.as_str(), action, allowed, field: None }
}

/// Writes an order whose lines count other units now.
async fn save_order(call: &Call, before: &Order, mut order: Order) -> Result<(), Error> {
    order.recompute().map_err(|error| Error::Fault(error.to_string()))?;
    orders::save(call, before, order, EventType::OrderUpdated).await?;
    Ok(())
}

/// Those of these products whose stock is counted.
async fn tracked(call: &Call, products: impl Iterator<Item = ProductId>) -> Result<HashSet<ProductId>, Error> {
    let mut ids: Vec<_> = products.collect();
    ids.sort_unstable();
    ids.dedup();
    let found = catalog::by_ids(&call.tx, &call.scope(), &ids).await?;
    Ok(found.into_iter().filter(|product| product.track_inventory).map(|product| product.id).collect())
}

/// As many things of a page as can be shown with their lines, at least one. `counts` tells how many lines each has.
fn fitting<T: Placed>(page: Page<T>, mut heads: Vec<T>, counts: impl Fn(&T) -> usize) -> (Page<T>, Vec<T>) {
    let mut items = 0;
    let fits = |head: &&T| {
        items += counts(head);
        items <= MAX_ITEMS
    };
    let fitting = heads.iter().take_while(fits).count().max(1);
    let mut next = page.next;
    if fitting < heads.len() {
        heads.truncate(fitting);
        next = heads.last().map(Placed::position);
    }
    (page.with(Vec::new(), next), heads)
}
