//! The moves of an order. The same move again does nothing, and succeeds.

use super::super::{Call, Error, Excess, Thing, inventory};
use super::approval::void_approval;
use super::customer::LockedCustomer;
use super::edit::load;
use super::placing::leave_draft;
use super::pricing::{check_total, illegal, price};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::OrderId;
use crate::domain::order::{
    CancelError, Cancellation, Hold, HoldRelease, IllegalMove, Order, OrderAction, OrderMove, OrderStatus, Placement,
    stock_changes,
};
use crate::domain::stock::Source;
use crate::store::orders as rows;

/// Places a draft at the prices of now.
pub async fn place(call: &Call, placement: Placement) -> Result<Order, Error> {
    let customer = LockedCustomer::of_order(call, placement.id).await?;
    let before = load(call, placement.id).await?;
    if !before.check(OrderAction::Place).map_err(|error| illegal(call, &before, error))? {
        return Ok(before);
    }
    customer.check(&before, "customer_id")?;
    let mut order = before.clone();
    let lines = order.wishes();
    let products = price(call, &mut order, lines, "").await?;
    check_total(&order, placement.expected_total, "")?;
    let (changes, event) = leave_draft(call, &mut order, &products, placement.reservation, "").await?;
    inventory::apply(call, changes).await?;
    call.because(&placement.reason);
    save(call, &before, order, event).await
}

/// Accepts a placed order.
pub async fn confirm(call: &Call, step: OrderMove) -> Result<Order, Error> {
    let before = load(call, step.id).await?;
    if !before.check(OrderAction::Confirm).map_err(|error| illegal(call, &before, error))? {
        return Ok(before);
    }
    check_holds(&before)?;
    let mut order = before.clone();
    order.confirm(call.now);
    call.because(&step.reason);
    save(call, &before, order, EventType::OrderConfirmed).await
}

/// Puts a hold on an order.
pub async fn hold(call: &Call, step: OrderMove) -> Result<Order, Error> {
    let before = load(call, step.id).await?;
    before.check(OrderAction::Hold).map_err(|error| illegal(call, &before, error))?;
    let mut order = before.clone();
    let hold = Hold { id: call.id(), reason: step.reason.clone(), create_time: call.now };
    if !order.hold(hold) {
        return Err(Error::invalid("order_id", "too_many_holds", "has had as many holds as an order may have"));
    }
    call.because(&step.reason);
    save(call, &before, order, EventType::OrderHeld).await
}

/// Releases a hold of an order, or all of them.
pub async fn release_hold(call: &Call, release: HoldRelease) -> Result<Order, Error> {
    let before = load(call, release.id).await?;
    before.check(OrderAction::ReleaseHold).map_err(|error| illegal(call, &before, error))?;
    let mut order = before.clone();
    let known = order.release_hold(release.hold);
    known.ok_or_else(|| Error::NotFound { thing: Thing::Hold, field: Some("hold_id".to_owned()) })?;
    if order == before {
        return Ok(before);
    }
    call.because(&release.reason);
    save(call, &before, order, EventType::OrderHoldReleased).await
}

/// Cancels units of an order, or all that are open.
pub async fn cancel(call: &Call, cancellation: Cancellation) -> Result<Order, Error> {
    let before = load(call, cancellation.id).await?;
    let is_whole = cancellation.units.is_empty();
    let is_open = before.check(OrderAction::Cancel).map_err(|error| illegal(call, &before, error))?;
    // What was left is canceled already, of an order of which the rest was shipped.
    let is_rest_canceled = !before.has_open_units() && before.items.iter().any(|item| item.quantity_canceled > 0);
    let is_running = matches!(before.head.status, OrderStatus::Placed | OrderStatus::Confirmed);
    if is_whole && (!is_open || (is_running && is_rest_canceled)) {
        return Ok(before);
    }
    let is_legal = match before.head.status {
        OrderStatus::Placed | OrderStatus::Confirmed => before.has_open_units() || !is_whole,
        OrderStatus::PendingApproval => is_whole,
        OrderStatus::Draft
        | OrderStatus::Completed
        | OrderStatus::Canceled
        | OrderStatus::Rejected
        | OrderStatus::Expired => false,
    };
    if !is_legal {
        let (from, action, field) = (before.head.status, OrderAction::Cancel, None);
        return Err(illegal(call, &before, IllegalMove { from, action, field }));
    }
    let mut order = before.clone();
    let canceled = if is_whole {
        order.cancel(cancellation.reason.clone(), call.now)
    } else {
        order.cancel_units(&cancellation.units, cancellation.reason.clone(), call.now)
    };
    canceled.map_err(refused)?;
    void_approval(call, &before).await?;
    give_back(call, &before, &order).await?;
    let is_canceled = order.head.status == OrderStatus::Canceled;
    call.because(&cancellation.reason);
    save(call, &before, order, if is_canceled { EventType::OrderCanceled } else { EventType::OrderUpdated }).await
}

/// Completes an order of which everything was shipped or canceled.
pub async fn complete(call: &Call, step: OrderMove) -> Result<Order, Error> {
    let before = load(call, step.id).await?;
    if !before.check(OrderAction::Complete).map_err(|error| illegal(call, &before, error))? {
        return Ok(before);
    }
    check_holds(&before)?;
    if !before.is_fulfilled() {
        let (from, action, field) = (before.head.status, OrderAction::Complete, None);
        return Err(illegal(call, &before, IllegalMove { from, action, field }));
    }
    let mut order = before.clone();
    order.complete(call.now);
    call.because(&step.reason);
    save(call, &before, order, EventType::OrderCompleted).await
}

/// Gives back the stock that the order holds no more.
pub(super) async fn give_back(call: &Call, before: &Order, order: &Order) -> Result<(), Error> {
    let changes = stock_changes(Source::Order(order.head.id), &before.items, &order.items, None);
    inventory::apply(call, changes).await
}

fn check_holds(order: &Order) -> Result<(), Error> {
    if order.head.holds.is_empty() { Ok(()) } else { Err(Error::OrderOnHold) }
}

fn refused(error: CancelError) -> Error {
    let field = |place: usize, part| format!("items[{place}].{part}");
    match error {
        CancelError::NoSuchItem(place) => {
            Error::NotFound { thing: Thing::OrderItem, field: Some(field(place, "item_id")) }
        }
        CancelError::TooMany { place, item, open } => {
            Error::TooMany { excess: Excess::Cancellation, item, maximum: open, field: field(place, "quantity") }
        }
        CancelError::Order(error) => error.into(),
    }
}

/// The order that a write about something of it is going to change, locked until the transaction is over. The etag that the caller
/// counts on is not the order's. `field` is what names the order in the request, when it is not the path.
pub(in crate::app) async fn lock(call: &Call, id: OrderId, field: Option<&str>) -> Result<Order, Error> {
    let found = rows::get_for_write(&call.tx, &call.scope(), id).await?;
    found.ok_or_else(|| Error::NotFound { thing: Thing::Order, field: field.map(str::to_owned) })
}

/// Writes what became of an order, and tells it.
pub(in crate::app) async fn save(
    call: &Call,
    before: &Order,
    mut order: Order,
    event: EventType,
) -> Result<Order, Error> {
    order.touch(call.now);
    rows::save(&call.tx, &call.scope(), before, &order).await?;
    call.tell(event, Subject::Order(&order.head));
    Ok(order)
}
