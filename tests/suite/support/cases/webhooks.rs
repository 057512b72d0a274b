//! The cases of `WebhookService`, and the endpoints and the delivery that they are about. Nothing is sent to anybody: the name
//! leads to this machine, which no service may call unless it is told that it may.

use std::time::Duration;

use tradepost::contract::pb;

use super::{Case, Hidden, Things};
use crate::support::client::Client;

/// Endpoints and a delivery.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hooks {
    /// An endpoint that is enabled.
    pub(crate) endpoint: String,
    /// An endpoint that is paused.
    pub(crate) paused: String,
    /// A delivery to it.
    pub(crate) delivery: String,
}

impl Hooks {
    pub(crate) async fn new(owner: &Client) -> Self {
        let create = || endpoint("https://localhost/hook", &["customer.erased"]);
        let created = || async { owner.call(create()).await.expect("an endpoint").text("/webhook_endpoint/id") };
        let (endpoint, paused) = (created().await, created().await);
        let test = pb::TestWebhookEndpointRequest { webhook_endpoint_id: paused.clone(), ..Default::default() };
        let delivery = owner.call(test).await.expect("a test").text("/webhook_delivery/id");
        until_tried(owner, &delivery, 1).await;
        let pause = pb::PauseWebhookEndpointRequest { webhook_endpoint_id: paused.clone(), ..Default::default() };
        owner.call(pause).await.expect("paused");
        Self { endpoint, paused, delivery }
    }

    pub(super) fn ids(&self) -> [&str; 3] {
        [&self.endpoint, &self.paused, &self.delivery]
    }

    pub(super) fn absent(&self) -> Self {
        use crate::access::sibling;
        Self { endpoint: sibling(&self.endpoint), paused: sibling(&self.paused), delivery: sibling(&self.delivery) }
    }
}

/// What creates an endpoint.
pub(crate) fn endpoint(url: &str, event_types: &[&str]) -> pb::CreateWebhookEndpointRequest {
    pb::CreateWebhookEndpointRequest {
        url: url.to_owned(),
        event_types: event_types.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    }
}

/// Waits until a delivery was tried so often, and answers it.
pub(crate) async fn until_tried(client: &Client, id: &str, times: u64) -> serde_json::Value {
    for _ in 0..3_000 {
        let get = pb::GetWebhookDeliveryRequest { webhook_delivery_id: id.to_owned() };
        let found = client.call(get).await.expect("a delivery").json;
        if found["attempt_count"].as_u64() >= Some(times) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{id} is not tried");
}

pub(super) fn case(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("webhook_delivery_not_found");
    let webhook_delivery_id = things.hooks.delivery.clone();
    match name {
        "GetWebhookDelivery" => Case::new(pb::GetWebhookDeliveryRequest { webhook_delivery_id }, hidden),
        "ListWebhookDeliveries" => {
            Case::new(pb::ListWebhookDeliveriesRequest::default(), Hidden::Empty("webhook_deliveries"))
        }
        "RedeliverWebhookDelivery" => {
            Case::new(pb::RedeliverWebhookDeliveryRequest { webhook_delivery_id, ..Default::default() }, hidden)
        }
        other => of_endpoints(other, things),
    }
}

fn of_endpoints(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("webhook_endpoint_not_found");
    let webhook_endpoint_id = things.hooks.endpoint.clone();
    match name {
        "CreateWebhookEndpoint" => Case::new(endpoint("https://shop.example/", &["customer.erased"]), Hidden::Nothing),
        "GetWebhookEndpoint" => Case::new(pb::GetWebhookEndpointRequest { webhook_endpoint_id }, hidden),
        "ListWebhookEndpoints" => {
            Case::new(pb::ListWebhookEndpointsRequest::default(), Hidden::Empty("webhook_endpoints"))
        }
        "UpdateWebhookEndpoint" => {
            let patch = pb::WebhookEndpointPatch { description: Some(things.new_name.clone()), ..Default::default() };
            let webhook_endpoint = Some(patch);
            let update =
                pb::UpdateWebhookEndpointRequest { webhook_endpoint_id, webhook_endpoint, ..Default::default() };
            Case::new(update, hidden)
        }
        "DeleteWebhookEndpoint" => {
            Case::new(pb::DeleteWebhookEndpointRequest { webhook_endpoint_id, ..Default::default() }, hidden)
        }
        "RotateWebhookEndpointSecret" => {
            Case::new(pb::RotateWebhookEndpointSecretRequest { webhook_endpoint_id, ..Default::default() }, hidden)
        }
        "TestWebhookEndpoint" => {
            Case::new(pb::TestWebhookEndpointRequest { webhook_endpoint_id, ..Default::default() }, hidden)
        }
        "PauseWebhookEndpoint" => {
            Case::new(pb::PauseWebhookEndpointRequest { webhook_endpoint_id, ..Default::default() }, hidden)
        }
        "ResumeWebhookEndpoint" => {
            let webhook_endpoint_id = things.hooks.paused.clone();
            Case::new(pb::ResumeWebhookEndpointRequest { webhook_endpoint_id, ..Default::default() }, hidden)
        }
        "ReplayWebhookEndpoint" => {
            Case::new(pb::ReplayWebhookEndpointRequest { webhook_endpoint_id, ..Default::default() }, hidden)
        }
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
