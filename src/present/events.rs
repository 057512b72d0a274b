//! Events: what they carry, which is the resource as lists show it over REST, and how they are asked for and shown.

use prost_types::value::Kind;
use prost_types::{ListValue, Struct};
use serde_json::{Value, json};

use super::approvals::{basic_policy, told_approval};
use super::catalog::basic_product;
use super::inventory::{basic_location, stock_movement};
use super::jobs::job;
use super::orders::basic_order;
use super::parse::{Parser, parse_id};
use super::payments::basic_payment;
use super::quotes::basic_quote;
use super::refunds::basic_refund;
use super::reports::basic_report;
use super::reservations::basic_reservation;
use super::returns::basic_return;
use super::shared::{actor, optional, page_request, time};
use super::shipments::basic_shipment;
use super::webhooks::basic_endpoint;
use crate::contract::{self, pb};
use crate::domain::event::{Event, EventFilter, EventList, EventWatch, OrderEventList, Subject};
use crate::domain::ids::{EventId, OrderId, TypedId};
use crate::domain::resource::{Resource, ResourceType};
use crate::domain::violation::Violation;

/// The data of an event. Of a customer only id and reference, and no reasons, which people type: personal data never enters
/// events.
#[must_use]
pub fn snapshot(subject: Subject<'_>) -> Value {
    match subject {
        Subject::Approval(approval) => contract::to_json(&told_approval(approval)),
        Subject::ApprovalPolicy(policy) => contract::to_json(&basic_policy(policy)),
        Subject::Order(order) => contract::to_json(&pb::Order { cancel_reason: String::new(), ..basic_order(order) }),
        Subject::Payment(payment) => contract::to_json(&basic_payment(payment)),
        Subject::Product(product) => contract::to_json(&basic_product(product)),
        Subject::Return(found) => {
            let (reason, reject_reason) = (String::new(), String::new());
            contract::to_json(&pb::Return { reason, reject_reason, ..basic_return(found) })
        }
        Subject::Shipment(shipment) => {
            contract::to_json(&pb::Shipment { cancel_reason: String::new(), ..basic_shipment(shipment) })
        }
        Subject::Refund(refund) => {
            let no = String::new;
            contract::to_json(&pb::Refund { reason: no(), failure_reason: no(), ..basic_refund(refund) })
        }
        Subject::Customer(customer) => {
            json!({"id": customer.id.to_string(), "reference": customer.reference.clone().unwrap_or_default()})
        }
        Subject::Job(found) => contract::to_json(&job(found)),
        Subject::Location(location) => contract::to_json(&basic_location(location)),
        Subject::Report(report) => contract::to_json(&basic_report(report)),
        Subject::Reservation(reservation) => contract::to_json(&basic_reservation(reservation)),
        Subject::StockMovement(movement) => {
            contract::to_json(&pb::StockMovement { reason: String::new(), ..stock_movement(movement) })
        }
        Subject::Quote(quote) => contract::to_json(&basic_quote(quote)),
        Subject::WebhookEndpoint(endpoint) => contract::to_json(&basic_endpoint(endpoint)),
        Subject::Tenant(tenant) => json!({"id": tenant.id.to_string()}),
        Subject::ApiKey(key) => json!({"id": key.to_string()}),
    }
}

impl TryFrom<pb::GetEventRequest> for EventId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetEventRequest) -> Result<Self, Vec<Violation>> {
        parse_id("event_id", &message.event_id)
    }
}

impl TryFrom<pb::ListEventsRequest> for EventList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListEventsRequest) -> Result<Self, Vec<Violation>> {
        message.r#type.sort_unstable();
        let (mut parser, page) = (Parser::default(), page_request(&mut message));
        let filter = EventFilter {
            resource: parser.resource("resource_id", &message.resource_id),
            created: parser.created(message.create_time_after, message.create_time_before),
            resource_type: optional(message.resource_type),
            types: message.r#type,
            customer: None,
        };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::WatchEventsRequest> for EventWatch {
    type Error = Vec<Violation>;

    fn try_from(message: pb::WatchEventsRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let filter = EventFilter {
            resource: parser.resource("resource_id", &message.resource_id),
            resource_type: optional(message.resource_type),
            types: message.r#type,
            ..Default::default()
        };
        parser.finish(Some(Self { filter, after: message.after_sequence }))
    }
}

impl TryFrom<pb::WatchOrdersRequest> for EventWatch {
    type Error = Vec<Violation>;

    fn try_from(message: pb::WatchOrdersRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let order: Option<OrderId> = parser.maybe_id("order_id", &message.order_id);
        let filter = EventFilter {
            resource_type: Some(ResourceType::Order.as_str().to_owned()),
            customer: parser.maybe_id("customer_id", &message.customer_id),
            resource: order.map(|order| Resource { kind: ResourceType::Order, id: order.uuid() }),
            ..Default::default()
        };
        parser.finish(Some(Self { filter, after: message.after_sequence }))
    }
}

impl TryFrom<pb::ListOrderEventsRequest> for OrderEventList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListOrderEventsRequest) -> Result<Self, Vec<Violation>> {
        let page = page_request(&mut message);
        Ok(Self { order: parse_id("order_id", &message.order_id)?, page })
    }
}

/// An event.
#[must_use]
pub fn event(event: &Event) -> pb::Event {
    pb::Event {
        id: event.id.to_string(),
        sequence: event.sequence,
        r#type: event.event_type.clone(),
        resource_type: event.resource.kind.clone(),
        resource_id: event.resource.to_string(),
        resource_sequence: event.resource_sequence,
        data: Some(structure(&event.data)),
        actor: actor(event.actor),
        create_time: Some(time(event.create_time)),
    }
}

/// A JSON object as Protobuf holds one. The data of an event is one; of anything else nothing would be left.
fn structure(json: &Value) -> Struct {
    let fields = json.as_object().into_iter().flatten();
    Struct { fields: fields.map(|(name, json)| (name.clone(), value(json))).collect() }
}

/// Numbers become doubles (google/protobuf/struct.proto). ProtoJSON has long ones as texts, so that none loses a digit.
fn value(json: &Value) -> prost_types::Value {
    let kind = match json {
        Value::Null => Kind::NullValue(0),
        Value::Bool(value) => Kind::BoolValue(*value),
        Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        Value::String(text) => Kind::StringValue(text.clone()),
        Value::Array(values) => Kind::ListValue(ListValue { values: values.iter().map(value).collect() }),
        Value::Object(_) => Kind::StructValue(structure(json)),
    };
    prost_types::Value { kind: Some(kind) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_shown_as_it_was_stored() {
        let data =
            json!({"id": "ord_1", "total": {"minor_units": "9007199254740993"}, "bps": 2000, "tags": [true, null]});
        assert_eq!(contract::to_json(&structure(&data)), data);
        assert_eq!(structure(&json!("text")), Struct::default());
    }
}
