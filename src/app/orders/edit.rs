//! Editing an order: some fields, all of a draft, or doing away with one.

use super::super::{Call, Error, Thing, inventory};
use super::approval::needs_approval;
use super::create::check_reference;
use super::customer::LockedCustomer;
use super::moves::save;
use super::placing::{check_locations, reserve};
use super::pricing::{check_chosen, check_total, illegal, price};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, OrderAction, OrderPatch, OrderReplacement, OrderStatus, OrderUpdate, stock_changes};
use crate::domain::stock::Source;
use crate::store::orders as rows;

/// What stands before the fields of an order in an update.
const IN_UPDATE: &str = "order.";

/// Changes some fields.
pub async fn update(call: &Call, update: OrderUpdate) -> Result<Order, Error> {
    // Taking a discount away is choosing one, too.
    let lines = update.patch.lines.as_deref().unwrap_or_default();
    check_chosen(call, lines, update.patch.discount.is_some(), IN_UPDATE)?;
    let customer = LockedCustomer::of_patch(call, update.id, &update.patch).await?;
    let before = load(call, update.id).await?;
    before.check(OrderAction::Update).map_err(|error| illegal(call, &before, error))?;
    before.check_edit(&update.patch, IN_UPDATE).map_err(|error| illegal(call, &before, error))?;
    customer.check(&before, "order.customer_id")?;
    let order = edited(call, &before, update.patch, IN_UPDATE).await?;
    finish(call, &before, order, IN_UPDATE).await
}

/// Writes a draft anew.
pub async fn replace(call: &Call, replacement: OrderReplacement) -> Result<Order, Error> {
    let content = replacement.content;
    check_chosen(call, &content.lines, content.discount.is_some(), "")?;
    let patch = OrderPatch::replacing(content);
    let customer = LockedCustomer::of_patch(call, replacement.id, &patch).await?;
    let before = load(call, replacement.id).await?;
    before.check(OrderAction::Replace).map_err(|error| illegal(call, &before, error))?;
    customer.check(&before, "customer_id")?;
    let order = edited(call, &before, patch, "").await?;
    check_total(&order, replacement.expected_total, "")?;
    finish(call, &before, order, "").await
}

/// Deletes a draft.
pub async fn delete(call: &Call, id: OrderId) -> Result<(), Error> {
    let before = load(call, id).await?;
    before.check(OrderAction::Delete).map_err(|error| illegal(call, &before, error))?;
    rows::delete(&call.tx, &call.scope(), &before).await?;
    let mut gone = before;
    gone.touch(call.now);
    call.tell(EventType::OrderDeleted, Subject::Order(&gone.head));
    Ok(())
}

/// The order that a write is about. Its reply shows addresses even when nothing changes.
pub(super) async fn load(call: &Call, id: OrderId) -> Result<Order, Error> {
    let order = call.expect(Thing::Order, rows::get_for_write(&call.tx, &call.scope(), id).await?)?;
    call.shows(order.head.customer);
    Ok(order)
}

async fn edited(call: &Call, before: &Order, patch: OrderPatch, at: &str) -> Result<Order, Error> {
    let mut order = before.clone();
    let moves_amounts = patch.moves_amounts();
    let lines = order.edit(patch);
    check_reference(call, &order.head, at).await?;
    if !moves_amounts {
        return Ok(order);
    }
    let lines = lines.unwrap_or_else(|| order.wishes());
    let products = price(call, &mut order, lines, at).await?;
    match before.head.status {
        OrderStatus::Draft => check_locations(call, &order, at).await?,
        OrderStatus::PendingApproval
        | OrderStatus::Placed
        | OrderStatus::Confirmed
        | OrderStatus::Completed
        | OrderStatus::Canceled
        | OrderStatus::Rejected
        | OrderStatus::Expired => reserve(call, &mut order, &products, at).await?,
    }
    Ok(order)
}

/// An edit that changes nothing is none. One of a placed order takes the difference from the stock, and may need approval.
async fn finish(call: &Call, before: &Order, mut order: Order, at: &str) -> Result<Order, Error> {
    if order == *before {
        return Ok(order);
    }
    let changes = stock_changes(Source::Order(order.head.id), &before.items, &order.items, Some(at));
    let moves_amounts = order.head.totals != before.head.totals || order.items != before.items;
    let needs_approval =
        order.head.status == OrderStatus::Placed && moves_amounts && needs_approval(call, &order).await?;
    if needs_approval {
        order.await_approval();
    }
    inventory::apply(call, changes).await?;
    call.shows(order.head.customer);
    save(call, before, order, if needs_approval { EventType::OrderApprovalRequested } else { EventType::OrderUpdated })
        .await
}
