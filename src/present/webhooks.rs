//! Webhook endpoints and their deliveries; and what is sent to receivers.

use super::events;
use super::mask::Mask;
use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, time};
use crate::contract::{self, pb};
use crate::domain::etag::etag;
use crate::domain::event::Event;
use crate::domain::ids::{WebhookDeliveryId, WebhookEndpointId};
use crate::domain::page::View;
use crate::domain::violation::Violation;
use crate::domain::webhook::{
    Attempt, AttemptError, DeliveryFilter, DeliveryList, DeliveryStatus, DisableReason, EndpointList, EndpointPatch,
    EndpointStatus, NewEndpoint, Replay, WebhookDelivery, WebhookEndpoint, is_known_type,
};

/// The largest body that is sent, in bytes.
const MAX_BODY: usize = 64 * 1024;

impl TryFrom<pb::CreateWebhookEndpointRequest> for NewEndpoint {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateWebhookEndpointRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        check_types(&mut parser, "event_types", &message.event_types);
        parser.finish(Some(Self {
            url: message.url,
            event_types: message.event_types,
            description: message.description,
            reference: optional(message.reference),
            metadata: message.metadata,
        }))
    }
}

fn check_types(parser: &mut Parser, field: &str, types: &[String]) {
    let unknown = types.iter().enumerate().filter(|(_, name)| !is_known_type(name));
    let text = "must be the type of an event, like order.placed, or all of a kind, like order.*, or *";
    parser
        .violations
        .extend(unknown.map(|(place, _)| Violation::new(format!("{field}[{place}]"), "unknown_event_type", text)));
}

macro_rules! by_endpoint {
    ($($message:ident)+) => {$(
        impl TryFrom<pb::$message> for WebhookEndpointId {
            type Error = Vec<Violation>;

            fn try_from(message: pb::$message) -> Result<Self, Vec<Violation>> {
                parse_id("webhook_endpoint_id", &message.webhook_endpoint_id)
            }
        }
    )+};
}

by_endpoint! {
    GetWebhookEndpointRequest
    DeleteWebhookEndpointRequest
    RotateWebhookEndpointSecretRequest
    TestWebhookEndpointRequest
    PauseWebhookEndpointRequest
    ResumeWebhookEndpointRequest
}

impl TryFrom<pb::ListWebhookEndpointsRequest> for EndpointList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListWebhookEndpointsRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self { page: page_request(&mut message) })
    }
}

impl TryFrom<pb::UpdateWebhookEndpointRequest> for (WebhookEndpointId, EndpointPatch) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::UpdateWebhookEndpointRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let id = parser.id("webhook_endpoint_id", &message.webhook_endpoint_id);
        let (mask, new) = (Mask::from(message.update_mask), message.webhook_endpoint.unwrap_or_default());
        check_types(&mut parser, "webhook_endpoint.event_types", &new.event_types);
        let event_types = (!new.event_types.is_empty()).then_some(new.event_types);
        let patch = EndpointPatch {
            url: mask.required(&mut parser, "webhook_endpoint.url", new.url),
            event_types: mask.required(&mut parser, "webhook_endpoint.event_types", event_types),
            description: mask.value("description", new.description.unwrap_or_default()),
            reference: mask.value("reference", optional(new.reference.unwrap_or_default())),
            metadata: mask.value("metadata", new.metadata),
        };
        parser.finish(id.map(|id| (id, patch)))
    }
}

impl TryFrom<pb::ReplayWebhookEndpointRequest> for Replay {
    type Error = Vec<Violation>;

    fn try_from(message: pb::ReplayWebhookEndpointRequest) -> Result<Self, Vec<Violation>> {
        let id = parse_id("webhook_endpoint_id", &message.webhook_endpoint_id)?;
        Ok(Self { id, after: message.after_sequence })
    }
}

impl TryFrom<pb::GetWebhookDeliveryRequest> for WebhookDeliveryId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetWebhookDeliveryRequest) -> Result<Self, Vec<Violation>> {
        parse_id("webhook_delivery_id", &message.webhook_delivery_id)
    }
}

impl TryFrom<pb::RedeliverWebhookDeliveryRequest> for WebhookDeliveryId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::RedeliverWebhookDeliveryRequest) -> Result<Self, Vec<Violation>> {
        parse_id("webhook_delivery_id", &message.webhook_delivery_id)
    }
}

impl TryFrom<pb::ListWebhookDeliveriesRequest> for DeliveryList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListWebhookDeliveriesRequest) -> Result<Self, Vec<Violation>> {
        message.status.sort_unstable();
        let (mut parser, page) = (Parser::default(), page_request(&mut message));
        let filter = DeliveryFilter {
            endpoint: parser.maybe_id("webhook_endpoint_id", &message.webhook_endpoint_id),
            event: parser.maybe_id("event_id", &message.event_id),
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

/// An endpoint with everything.
#[must_use]
pub fn endpoint(endpoint: &WebhookEndpoint) -> pb::WebhookEndpoint {
    pb::WebhookEndpoint { metadata: endpoint.metadata.clone(), ..basic_endpoint(endpoint) }
}

/// As much of an endpoint as a view shows.
#[must_use]
pub fn endpoint_in(view: View) -> fn(&WebhookEndpoint) -> pb::WebhookEndpoint {
    match view {
        View::Basic => basic_endpoint,
        View::Full => endpoint,
    }
}

/// An endpoint as lists and events show it: without metadata.
#[must_use]
pub fn basic_endpoint(endpoint: &WebhookEndpoint) -> pb::WebhookEndpoint {
    pb::WebhookEndpoint {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        event_types: endpoint.event_types.clone(),
        description: endpoint.description.clone(),
        status: status(endpoint.status).into(),
        disable_reason: endpoint.disable_reason.map(disable_reason).unwrap_or_default().into(),
        previous_secret_expire_time: endpoint.previous_secret_expire_time.map(time),
        failing_since_time: endpoint.failing_since.map(time),
        reference: endpoint.reference.clone().unwrap_or_default(),
        etag: etag(endpoint.version),
        create_time: Some(time(endpoint.create_time)),
        update_time: Some(time(endpoint.update_time)),
        ..Default::default()
    }
}

/// A delivery and its attempts.
#[must_use]
pub fn delivery((delivery, attempts): &(WebhookDelivery, Vec<Attempt>)) -> pb::WebhookDelivery {
    pb::WebhookDelivery {
        id: delivery.id.to_string(),
        webhook_endpoint_id: delivery.endpoint.to_string(),
        event_id: delivery.event.to_string(),
        event_type: delivery.event_type.clone(),
        status: delivery_status(delivery.status).into(),
        attempt_count: delivery.attempt_count,
        next_attempt_time: delivery.next_attempt_time.map(time),
        attempts: attempts.iter().map(attempt).collect(),
        deliver_time: delivery.deliver_time.map(time),
        etag: etag(delivery.version),
        create_time: Some(time(delivery.create_time)),
        update_time: Some(time(delivery.update_time)),
    }
}

fn attempt(attempt: &Attempt) -> pb::WebhookAttempt {
    let outcome = &attempt.outcome;
    pb::WebhookAttempt {
        number: attempt.number,
        url: attempt.url.clone(),
        response_status: outcome.status.into(),
        response_body: outcome.body.clone(),
        error: outcome.error.map(AttemptError::as_str).unwrap_or_default().to_owned(),
        duration: outcome.duration.try_into().ok(),
        create_time: Some(time(attempt.create_time)),
    }
}

/// What receivers get: the event as REST shows it. Of one that is too large, only the id of the thing.
#[must_use]
pub fn body(event: &Event) -> Vec<u8> {
    let mut shown = events::event(event);
    let whole = contract::to_json_text(&shown);
    if whole.len() <= MAX_BODY {
        return whole;
    }
    if let Some(data) = &mut shown.data {
        data.fields.retain(|name, _| name == "id");
    }
    contract::to_json_text(&shown)
}

fn status(status: EndpointStatus) -> pb::webhook_endpoint::Status {
    match status {
        EndpointStatus::Enabled => pb::webhook_endpoint::Status::Enabled,
        EndpointStatus::Paused => pb::webhook_endpoint::Status::Paused,
        EndpointStatus::Disabled => pb::webhook_endpoint::Status::Disabled,
    }
}

fn disable_reason(reason: DisableReason) -> pb::webhook_endpoint::DisableReason {
    match reason {
        DisableReason::Gone => pb::webhook_endpoint::DisableReason::Gone,
        DisableReason::Failing => pb::webhook_endpoint::DisableReason::Failing,
    }
}

fn delivery_status(status: DeliveryStatus) -> pb::webhook_delivery::Status {
    match status {
        DeliveryStatus::Pending => pb::webhook_delivery::Status::Pending,
        DeliveryStatus::Succeeded => pb::webhook_delivery::Status::Succeeded,
        DeliveryStatus::Failed => pb::webhook_delivery::Status::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ApiKeyId, EventId, TypedId};
    use crate::domain::resource::RecordedResource;
    use crate::domain::time::Time;
    use serde_json::{Value, json};
    use uuid::Uuid;

    #[test]
    fn enums_have_the_names_of_the_contract() {
        for known in EndpointStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
        for known in DisableReason::ALL {
            assert_eq!(disable_reason(*known).as_str_name(), known.as_str());
        }
        for known in DeliveryStatus::ALL {
            assert_eq!(delivery_status(*known).as_str_name(), known.as_str());
        }
    }

    #[test]
    fn what_is_sent_is_the_event_and_never_too_large() {
        let event = |note: String| Event {
            id: EventId::from_uuid(Uuid::nil()),
            sequence: 7,
            event_type: "order.placed".to_owned(),
            resource: RecordedResource { kind: "order".to_owned(), id: Uuid::nil() },
            resource_sequence: 1,
            data: json!({"id": "ord_1", "note": note}),
            actor: ApiKeyId::from_uuid(Uuid::nil()),
            create_time: Time::from_micros(0),
        };
        for (letters, expected) in
            [(10, json!({"id": "ord_1", "note": "x".repeat(10)})), (70_000, json!({"id": "ord_1"}))]
        {
            let sent = body(&event("x".repeat(letters)));
            assert!(sent.len() <= MAX_BODY);
            let sent: Value = serde_json::from_slice(&sent).expect("JSON");
            assert_eq!(
                (&sent["data"], &sent["sequence"], &sent["type"]),
                (&expected, &json!("7"), &json!("order.placed"))
            );
        }
    }
}
