//! Leaving the draft: an order takes its stock, all of it at once, and waits for approval where a policy wants one.

use super::super::{Call, Error, inventory};
use super::approval::needs_approval;
use super::pricing::Products;
use crate::domain::event::EventType;
use crate::domain::ids::ReservationId;
use crate::domain::order::{Order, stock_changes};
use crate::domain::stock::{Source, StockChange};

/// Lets a draft whose lines were priced just now leave: what it asks of the stock, and what is told of it. `at` is what stands
/// before `items` in the request.
pub(super) async fn leave_draft(
    call: &Call,
    order: &mut Order,
    products: &Products,
    reservation: Option<ReservationId>,
    at: &str,
) -> Result<(Vec<StockChange>, EventType), Error> {
    let mut changes = match reservation {
        Some(id) => inventory::use_reservation(call, id, &format!("{at}reservation_id"), order.head.id).await?,
        None => Vec::new(),
    };
    follow(order, &changes);
    reserve(call, order, products, at).await?;
    changes.extend(stock_changes(Source::Order(order.head.id), &[], &order.items, Some(at)));
    if needs_approval(call, order).await? {
        order.await_approval();
        return Ok((changes, EventType::OrderApprovalRequested));
    }
    order.place(call.now);
    Ok((changes, EventType::OrderPlaced))
}

/// Lines that name no location follow the reservation: each to the first place that still holds as many units, or else to the one
/// that holds the most.
fn follow(order: &mut Order, released: &[StockChange]) {
    let mut held: Vec<_> = released.iter().map(|change| (change.product, change.location, -change.reserved)).collect();
    for item in order.items.iter_mut().filter(|item| item.location.is_none()) {
        let units = i64::from(item.quantity);
        let mut of_it = held.iter_mut().filter(|(product, ..)| *product == item.product);
        let fits = of_it.by_ref().find(|(.., left)| *left >= units);
        let place = match fits {
            Some(place) => Some(place),
            None => held.iter_mut().filter(|(product, ..)| *product == item.product).max_by_key(|(.., left)| *left),
        };
        if let Some((_, location, left)) = place {
            item.location = Some(*location);
            *left -= units;
        }
    }
}

/// Every open unit whose stock is counted holds stock, where its line says or at the default location.
pub(super) async fn reserve(call: &Call, order: &mut Order, products: &Products, at: &str) -> Result<(), Error> {
    check_locations(call, order, at).await?;
    if order.needs_location(products) {
        let default = inventory::location_or_default(call, None, "").await?;
        order.reserve(products, default);
    } else if let Some(any) = order.items.iter().find_map(|item| item.location) {
        order.reserve(products, any);
    }
    Ok(())
}

/// Every location that a line names is there.
pub(super) async fn check_locations(call: &Call, order: &Order, at: &str) -> Result<(), Error> {
    let mut seen = Vec::new();
    for (place, item) in order.items.iter().enumerate() {
        if let Some(location) = item.location
            && !seen.contains(&location)
        {
            let field = format!("{at}items[{place}].location_id");
            inventory::location_or_default(call, Some(location), &field).await?;
            seen.push(location);
        }
    }
    Ok(())
}
