//! The moves of an order. The same move again does nothing, and succeeds.

use super::super::{Call, Error};
use super::customer::LockedCustomer;
use super::edit::load;
use super::pricing::{check_total, illegal, price};
use crate::domain::event::{EventType, Subject};
use crate::domain::order::{Order, OrderAction, OrderMove, Placement};
use crate::store::orders as rows;

/// Places a draft at the prices of now.
pub async fn place(call: &Call, placement: Placement) -> Result<Order, Error> {
    let customer = LockedCustomer::of_order(call, placement.id).await?;
    let before = load(call, placement.id).await?;
    if !before.check(OrderAction::Place).map_err(|error| illegal(call, error))? {
        return Ok(before);
    }
    customer.check(&before, "customer_id")?;
    let mut order = before.clone();
    let lines = order.wishes();
    price(call, &mut order, lines, "").await?;
    check_total(&order, placement.expected_total)?;
    order.place(call.now);
    save(call, &before, order, EventType::OrderPlaced, &placement.reason).await
}

/// Accepts a placed order.
pub async fn confirm(call: &Call, step: OrderMove) -> Result<Order, Error> {
    let before = load(call, step.id).await?;
    if !before.check(OrderAction::Confirm).map_err(|error| illegal(call, error))? {
        return Ok(before);
    }
    let mut order = before.clone();
    order.confirm(call.now);
    save(call, &before, order, EventType::OrderConfirmed, &step.reason).await
}

/// Cancels an order as a whole.
pub async fn cancel(call: &Call, step: OrderMove) -> Result<Order, Error> {
    let before = load(call, step.id).await?;
    if !before.check(OrderAction::Cancel).map_err(|error| illegal(call, error))? {
        return Ok(before);
    }
    let mut order = before.clone();
    order.cancel(step.reason.clone(), call.now)?;
    save(call, &before, order, EventType::OrderCanceled, &step.reason).await
}

async fn save(call: &Call, before: &Order, mut order: Order, event: EventType, reason: &str) -> Result<Order, Error> {
    order.touch(call.now);
    rows::save(&call.tx, &call.scope(), before, &order).await?;
    call.because(reason);
    call.tell(event, Subject::Order(&order.head));
    Ok(order)
}
