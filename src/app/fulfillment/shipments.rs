//! Shipments: made, delivered, taken back.

use super::super::{Call, Error, Excess, Page, Placed, Read, Thing, Unique, inventory, orders};
use super::{fitting, illegal, refused, save_order, tracked};
use crate::contract::policy;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{LocationId, ShipmentId, TypedId};
use crate::domain::order::{Order, OrderStatus};
use crate::domain::page::View;
use crate::domain::shipment::{
    self, NewShipment, Shipment, ShipmentAction, ShipmentHead, ShipmentList, ShipmentMove, ShipmentStatus,
};
use crate::domain::states::Machine;
use crate::store::{Position, shipments as rows};

impl Placed for ShipmentHead {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

impl Placed for Shipment {
    fn position(&self) -> Position {
        self.head.position()
    }
}

/// Ships units of a confirmed order.
pub async fn create_shipment(call: &Call, new: NewShipment) -> Result<Shipment, Error> {
    let before = orders::lock(call, new.order, Some("order_id")).await?;
    if before.head.status != OrderStatus::Confirmed {
        return Err(illegal(call, &before, "ship"));
    }
    if !before.head.holds.is_empty() {
        return Err(Error::OrderOnHold);
    }
    let units = shipment::check_units(&before, &new.units).map_err(|error| refused(error, Excess::Shipment))?;
    check_reference(call, &before, new.reference.as_deref()).await?;
    let mut order = before.clone();
    let tracked = tracked(call, order.items.iter().map(|line| line.product)).await?;
    let is_tracked = |product| tracked.contains(&product);
    let mut shipment = Shipment::new(call.id(), &order, new, &units, is_tracked, call.now);
    shipment.head.location = location(call, &order, &shipment).await?;
    let changes = shipment.leave(&mut order, &units);
    rows::insert(&call.tx, &call.scope(), &shipment).await?;
    save_order(call, &before, order).await?;
    inventory::apply(call, changes).await?;
    call.tell(EventType::ShipmentCreated, Subject::Shipment(&shipment.head));
    Ok(shipment)
}

/// Where a shipment leaves from: what the client says, else where the order has the units, else the default location, else
/// nowhere.
async fn location(call: &Call, order: &Order, shipment: &Shipment) -> Result<Option<LocationId>, Error> {
    let field = "location_id";
    if shipment.head.location.is_some() {
        return Ok(Some(inventory::location_or_default(call, shipment.head.location, field).await?));
    }
    let of_lines = shipment.location_of_lines(order);
    let of_lines = of_lines.map_err(|_| Error::invalid(field, "required", "must be given: the units have several"))?;
    match of_lines {
        None if shipment.needs_stock() => Ok(Some(inventory::location_or_default(call, None, field).await?)),
        found => Ok(found),
    }
}

async fn check_reference(call: &Call, order: &Order, reference: Option<&str>) -> Result<(), Error> {
    let Some(reference) = reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), order.head.customer, reference).await? {
        Some(existing) => Err(Error::Duplicate {
            unique: Unique::Reference,
            existing: existing.to_string(),
            field: "reference".to_owned(),
        }),
        None => Ok(()),
    }
}

/// The shipment with this id.
pub async fn get_shipment(call: &Read, id: ShipmentId) -> Result<Shipment, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Shipment, field: None })
}

/// A page of shipments; in the view BASIC without their lines.
pub async fn list_shipments(call: &Read, list: &ShipmentList) -> Result<Page<Shipment>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    let mut page = call.page(&list.page, fetch).await?;
    let heads = std::mem::take(&mut page.items);
    let (page, shown) = match list.page.view {
        View::Basic => (page, heads.into_iter().map(|head| Shipment { head, items: Vec::new() }).collect()),
        View::Full => {
            let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
            let counts = rows::item_counts(&call.reader, &ids).await?;
            let (page, heads) = fitting(page, heads, |head| counts.get(&head.id).copied().unwrap_or(0));
            (page, rows::with_items(&call.reader, heads).await?)
        }
    };
    let next = page.next;
    Ok(page.with(shown, next))
}

/// Says that a shipment has arrived. Doing it again changes nothing.
pub async fn mark_shipment_delivered(call: &Call, step: ShipmentMove) -> Result<Shipment, Error> {
    let (order, before) = load(call, step.id).await?;
    if !check(call, &order, &before, ShipmentAction::MarkDelivered)? {
        return Ok(before);
    }
    let mut shipment = before.clone();
    shipment.deliver(call.now);
    rows::save(&call.tx, &call.scope(), &before.head, &shipment.head).await?;
    call.because(&step.reason);
    call.tell(EventType::ShipmentDelivered, Subject::Shipment(&shipment.head));
    Ok(shipment)
}

/// Takes a shipment back: its units are in stock again, and open in the order. Doing it again changes nothing.
pub async fn cancel_shipment(call: &Call, step: ShipmentMove) -> Result<Shipment, Error> {
    let (order_before, before) = load(call, step.id).await?;
    if !check(call, &order_before, &before, ShipmentAction::Cancel)? {
        return Ok(before);
    }
    let (mut order, mut shipment) = (order_before.clone(), before.clone());
    let changes = shipment.come_back(&mut order);
    call.because(&step.reason);
    shipment.cancel(step.reason, call.now);
    rows::save(&call.tx, &call.scope(), &before.head, &shipment.head).await?;
    save_order(call, &order_before, order).await?;
    inventory::apply(call, changes).await?;
    call.tell(EventType::ShipmentCanceled, Subject::Shipment(&shipment.head));
    Ok(shipment)
}

/// The shipment that a write is about, and its order, both ours until the transaction is over.
async fn load(call: &Call, id: ShipmentId) -> Result<(Order, Shipment), Error> {
    let order = rows::order_of(&call.tx, &call.scope(), id).await?;
    let order = order.ok_or(Error::NotFound { thing: Thing::Shipment, field: None })?;
    let order = orders::lock(call, order, None).await?;
    let shipment = call.expect(Thing::Shipment, rows::get_for_write(&call.tx, &call.scope(), id).await?)?;
    Ok((order, shipment))
}

/// Whether a move is still to be made.
fn check(call: &Call, order: &Order, shipment: &Shipment, action: ShipmentAction) -> Result<bool, Error> {
    let status = shipment.head.status;
    let allowed = legal(call, order, shipment);
    match status.asks(action) {
        Some(false) => Ok(false),
        Some(true) if can(order, shipment, action) => Ok(true),
        Some(true) | None => {
            let allowed = allowed.into_iter().map(ShipmentAction::as_str).collect();
            Err(Error::IllegalTransition { from: status.as_str(), action: action.as_str(), allowed, field: None })
        }
    }
}

/// Whether the order lets it happen.
fn can(order: &Order, shipment: &Shipment, action: ShipmentAction) -> bool {
    match action {
        ShipmentAction::MarkDelivered => true,
        ShipmentAction::Cancel => shipment.can_come_back(order),
    }
}

/// The moves that are legal now for this caller.
fn legal(call: &Call, order: &Order, shipment: &Shipment) -> Vec<ShipmentAction> {
    let permission = |action| match action {
        ShipmentAction::MarkDelivered => policy::MARK_SHIPMENT_DELIVERED.permission,
        ShipmentAction::Cancel => policy::CANCEL_SHIPMENT.permission,
    };
    let legal = ShipmentStatus::legal(shipment.head.status).into_iter();
    let legal = legal.filter(|action| can(order, shipment, *action));
    legal.filter(|action| permission(*action).is_none_or(|needed| call.caller.may(needed))).collect()
}
