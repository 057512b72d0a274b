//! Shipments: requests as domain values, and shipments as messages.

use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, time};
use crate::contract::pb;
use crate::domain::etag::etag;
use crate::domain::ids::ShipmentId;
use crate::domain::page::View;
use crate::domain::shipment::{
    NewShipment, Shipment, ShipmentFilter, ShipmentHead, ShipmentItem, ShipmentList, ShipmentMove, ShipmentStatus,
};
use crate::domain::units::LineUnits;
use crate::domain::violation::Violation;

type Invalid = Vec<Violation>;

impl TryFrom<pb::CreateShipmentRequest> for NewShipment {
    type Error = Invalid;

    fn try_from(message: pb::CreateShipmentRequest) -> Result<Self, Invalid> {
        let mut parser = Parser::default();
        let order = parser.id("order_id", &message.order_id);
        let location = parser.maybe_id("location_id", &message.location_id);
        let units = message.items.iter().enumerate();
        let units = units.filter_map(|(place, item)| {
            let id = parser.id(&format!("items[{place}].item_id"), &item.item_id);
            id.map(|id| LineUnits { item: id, quantity: item.quantity })
        });
        let units = units.collect();
        parser.finish(order.map(|order| Self {
            order,
            units,
            location,
            carrier: message.carrier,
            tracking_number: optional(message.tracking_number),
            tracking_url: message.tracking_url,
            reference: optional(message.reference),
            metadata: message.metadata,
        }))
    }
}

impl TryFrom<pb::GetShipmentRequest> for ShipmentId {
    type Error = Invalid;

    fn try_from(message: pb::GetShipmentRequest) -> Result<Self, Invalid> {
        parse_id("shipment_id", &message.shipment_id)
    }
}

impl TryFrom<pb::ListShipmentsRequest> for ShipmentList {
    type Error = Invalid;

    fn try_from(mut message: pb::ListShipmentsRequest) -> Result<Self, Invalid> {
        message.status.sort_unstable();
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        let filter = ShipmentFilter {
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            order: parser.maybe_id("order_id", &message.order_id),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            created: parser.created(message.create_time_after, message.create_time_before),
            tracking_number: optional(message.tracking_number),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::MarkShipmentDeliveredRequest> for ShipmentMove {
    type Error = Invalid;

    fn try_from(message: pb::MarkShipmentDeliveredRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("shipment_id", &message.shipment_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::CancelShipmentRequest> for ShipmentMove {
    type Error = Invalid;

    fn try_from(message: pb::CancelShipmentRequest) -> Result<Self, Invalid> {
        Ok(Self { id: parse_id("shipment_id", &message.shipment_id)?, reason: message.reason })
    }
}

/// A shipment with everything.
#[must_use]
pub fn shipment(shipment: &Shipment) -> pb::Shipment {
    pb::Shipment {
        items: shipment.items.iter().map(item).collect(),
        metadata: shipment.head.metadata.clone(),
        ..basic_shipment(&shipment.head)
    }
}

/// As much of a shipment as a view shows.
#[must_use]
pub fn shipment_in(view: View) -> fn(&Shipment) -> pb::Shipment {
    match view {
        View::Basic => |shipment| basic_shipment(&shipment.head),
        View::Full => shipment,
    }
}

/// A shipment as lists show it: without lines and metadata.
#[must_use]
pub fn basic_shipment(head: &ShipmentHead) -> pb::Shipment {
    pb::Shipment {
        id: head.id.to_string(),
        order_id: head.order.to_string(),
        customer_id: head.customer.to_string(),
        location_id: head.location.map(|location| location.to_string()).unwrap_or_default(),
        carrier: head.carrier.clone(),
        tracking_number: head.tracking_number.clone().unwrap_or_default(),
        tracking_url: head.tracking_url.clone(),
        status: status(head.status).into(),
        reference: head.reference.clone().unwrap_or_default(),
        cancel_reason: head.cancel_reason.clone(),
        etag: etag(head.version),
        create_time: Some(time(head.create_time)),
        update_time: Some(time(head.update_time)),
        deliver_time: head.deliver_time.map(time),
        cancel_time: head.cancel_time.map(time),
        ..Default::default()
    }
}

fn item(item: &ShipmentItem) -> pb::shipment::Item {
    pb::shipment::Item { item_id: item.item.to_string(), sku: item.sku.clone(), quantity: item.quantity }
}

fn status(status: ShipmentStatus) -> pb::shipment::Status {
    match status {
        ShipmentStatus::Shipped => pb::shipment::Status::Shipped,
        ShipmentStatus::Delivered => pb::shipment::Status::Delivered,
        ShipmentStatus::Canceled => pb::shipment::Status::Canceled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_the_names_of_the_contract() {
        for known in ShipmentStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
    }
}
