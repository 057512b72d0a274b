//! Locations, stock and its ledger.

use super::mask::Mask;
use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::LocationId;
use crate::domain::location::{Location, LocationFilter, LocationList, LocationPatch, NewLocation};
use crate::domain::page::View;
use crate::domain::stock::{
    Adjustment, MovementFilter, MovementList, MovementType, Source, StockAdjustment, StockFilter, StockLevel,
    StockList, StockMovement, StockTransfer,
};
use crate::domain::violation::Violation;

impl TryFrom<pb::CreateLocationRequest> for NewLocation {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateLocationRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self { code: message.code, name: message.name, metadata: message.metadata })
    }
}

impl TryFrom<pb::GetLocationRequest> for LocationId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetLocationRequest) -> Result<Self, Vec<Violation>> {
        parse_id("location_id", &message.location_id)
    }
}

impl TryFrom<pb::ListLocationsRequest> for LocationList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListLocationsRequest) -> Result<Self, Vec<Violation>> {
        let (page, mut parser) = (page_request(&mut message), Parser::default());
        let created = parser.created(message.create_time_after, message.create_time_before);
        parser.finish(Some(Self { filter: LocationFilter { code: optional(message.code), created }, page }))
    }
}

impl TryFrom<pb::UpdateLocationRequest> for (LocationId, LocationPatch) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::UpdateLocationRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let id = parser.id("location_id", &message.location_id);
        let (mask, new) = (Mask::from(message.update_mask), message.location.unwrap_or_default());
        let patch = LocationPatch {
            code: mask.required(&mut parser, "location.code", new.code),
            name: mask.required(&mut parser, "location.name", new.name),
            metadata: mask.value("metadata", new.metadata),
        };
        parser.finish(id.map(|id| (id, patch)))
    }
}

impl TryFrom<pb::ListStockLevelsRequest> for StockList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListStockLevelsRequest) -> Result<Self, Vec<Violation>> {
        let (page, mut parser) = (page_request(&mut message), Parser::default());
        let location = parser.maybe_id("location_id", &message.location_id);
        let filter = StockFilter { sku: optional(message.sku), location, available_below: message.available_below };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::AdjustStockRequest> for StockAdjustment {
    type Error = Vec<Violation>;

    fn try_from(message: pb::AdjustStockRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let location = parser.maybe_id("location_id", &message.location_id);
        let adjustment = adjustment(&mut parser, &message);
        parser.finish(adjustment.map(|adjustment| Self {
            sku: message.sku,
            location,
            adjustment,
            reason: message.reason,
        }))
    }
}

/// The contract sees to it that there is a delta or a count.
fn adjustment(parser: &mut Parser, message: &pb::AdjustStockRequest) -> Option<Adjustment> {
    match (message.delta, message.counted, message.expected_on_hand) {
        (Some(delta), _, None) => Some(Adjustment::Delta(delta)),
        (None, Some(counted), Some(expected)) => Some(Adjustment::Counted { counted, expected }),
        (Some(_), _, Some(_)) => {
            let message = "goes with counted, not with delta";
            parser.violations.push(Violation::new("expected_on_hand", "not_allowed", message));
            None
        }
        (None, _, None) => {
            let message = "is what the books said when the count began";
            parser.violations.push(Violation::new("expected_on_hand", "required", message));
            None
        }
        (None, None, Some(_)) => None,
    }
}

impl TryFrom<pb::TransferStockRequest> for StockTransfer {
    type Error = Vec<Violation>;

    fn try_from(message: pb::TransferStockRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let from = parser.maybe_id("from_location_id", &message.from_location_id);
        let to = parser.id("to_location_id", &message.to_location_id);
        parser.finish(to.map(|to| Self {
            sku: message.sku,
            from,
            to,
            quantity: message.quantity,
            reason: message.reason,
        }))
    }
}

impl TryFrom<pb::ListStockMovementsRequest> for MovementList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListStockMovementsRequest) -> Result<Self, Vec<Violation>> {
        let (page, mut parser) = (page_request(&mut message), Parser::default());
        let filter = MovementFilter {
            sku: optional(message.sku),
            location: parser.maybe_id("location_id", &message.location_id),
            order: parser.maybe_id("order_id", &message.order_id),
            reservation: parser.maybe_id("reservation_id", &message.reservation_id),
            created: parser.created(message.create_time_after, message.create_time_before),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

/// A location with everything.
#[must_use]
pub fn location(location: &Location) -> pb::Location {
    pb::Location { metadata: location.metadata.clone(), ..basic_location(location) }
}

/// As much of a location as a view shows.
#[must_use]
pub fn location_in(view: View) -> fn(&Location) -> pb::Location {
    match view {
        View::Basic => basic_location,
        View::Full => location,
    }
}

/// A location as lists and events show it: without metadata.
#[must_use]
pub fn basic_location(location: &Location) -> pb::Location {
    pb::Location {
        id: location.id.to_string(),
        code: location.code.clone(),
        name: location.name.clone(),
        etag: etag(location.version),
        create_time: Some(time(location.create_time)),
        update_time: Some(time(location.update_time)),
        ..Default::default()
    }
}

/// A level, with its numbers for those who may know them.
#[must_use]
pub fn stock_level_for(is_told: bool) -> fn(&StockLevel) -> pb::StockLevel {
    if is_told { stock_level } else { availability }
}

fn stock_level(level: &StockLevel) -> pb::StockLevel {
    pb::StockLevel {
        on_hand: Some(level.counters.on_hand),
        reserved: Some(level.counters.reserved),
        available: Some(level.counters.available()),
        ..availability(level)
    }
}

fn availability(level: &StockLevel) -> pb::StockLevel {
    pb::StockLevel {
        sku: level.sku.clone(),
        product_id: level.place.product.to_string(),
        location_id: level.place.location.to_string(),
        in_stock: level.counters.available() > 0,
        ..Default::default()
    }
}

/// A movement.
#[must_use]
pub fn stock_movement(movement: &StockMovement) -> pb::StockMovement {
    let change = &movement.change;
    let shown = pb::StockMovement {
        id: movement.id.to_string(),
        product_id: change.product.to_string(),
        sku: change.sku.clone(),
        location_id: change.location.to_string(),
        r#type: movement_type(change.movement).into(),
        on_hand_change: change.on_hand,
        reserved_change: change.reserved,
        reason: movement.reason.clone(),
        create_time: Some(time(movement.create_time)),
        ..Default::default()
    };
    match change.source {
        Source::Stock => shown,
        Source::Order(id) => pb::StockMovement { order_id: id.to_string(), ..shown },
        Source::Reservation(id) => pb::StockMovement { reservation_id: id.to_string(), ..shown },
        Source::Shipment(order, id) => {
            pb::StockMovement { order_id: order.to_string(), shipment_id: id.to_string(), ..shown }
        }
        Source::Return(order, id) => {
            pb::StockMovement { order_id: order.to_string(), return_id: id.to_string(), ..shown }
        }
    }
}

fn movement_type(movement: MovementType) -> pb::stock_movement::Type {
    use pb::stock_movement::Type;
    match movement {
        MovementType::Adjusted => Type::Adjusted,
        MovementType::Counted => Type::Counted,
        MovementType::Transferred => Type::Transferred,
        MovementType::Reserved => Type::Reserved,
        MovementType::Released => Type::Released,
        MovementType::Expired => Type::Expired,
        MovementType::Committed => Type::Committed,
        MovementType::Shipped => Type::Shipped,
        MovementType::ShipmentCanceled => Type::ShipmentCanceled,
        MovementType::Restocked => Type::Restocked,
        MovementType::Reconciled => Type::Reconciled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movements_have_the_names_of_the_contract() {
        for known in MovementType::ALL {
            assert_eq!(movement_type(*known).as_str_name(), known.as_str());
        }
    }
}
