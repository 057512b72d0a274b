//! The examples of webhooks: the shop wants to know of orders.

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

use super::{EVENT, TIME};

pub(super) const ENDPOINT: &str = "whe_01h455vb4pex5vsknk084sn02q";
pub(super) const DELIVERY: &str = "dlv_01h455vb4pex5vsknk084sn02q";
const URL: &str = "https://shop.example/hooks";
const SECRET: &str = "whsec_…";

/// The example of a message.
pub(super) fn message(name: &str) -> Option<Object> {
    Some(match name {
        "CreateWebhookEndpointRequest" => object! { "url": URL, "event_types": types(), "description": "Web shop" },
        "CreateWebhookEndpointResponse" => object! { "webhook_endpoint": endpoint(1), "secret": SECRET },
        "RotateWebhookEndpointSecretResponse" => {
            let rotated = endpoint(2).with("previous_secret_expire_time", "2026-03-02T09:30:00.123456Z");
            object! { "webhook_endpoint": rotated, "secret": SECRET }
        }
        "WebhookEndpoint" => endpoint(1),
        "WebhookEndpointPatch" => object! { "event_types": vec!["*"] },
        "ListWebhookEndpointsResponse" => object! { "webhook_endpoints": vec![endpoint(1)], "next_page_token": "" },
        "RotateWebhookEndpointSecretRequest"
        | "TestWebhookEndpointRequest"
        | "PauseWebhookEndpointRequest"
        | "ResumeWebhookEndpointRequest"
        | "RedeliverWebhookDeliveryRequest" => object! { "etag": "v1" },
        "ReplayWebhookEndpointRequest" => object! { "after_sequence": "1204" },
        "TestWebhookEndpointResponse" => {
            let waiting = delivery(false).with("event_type", "webhook_endpoint.tested");
            object! { "webhook_endpoint": endpoint(2), "webhook_delivery": waiting }
        }
        "WebhookDelivery" => delivery(true),
        "ListWebhookDeliveriesResponse" => {
            object! { "webhook_deliveries": vec![delivery(false)], "next_page_token": "" }
        }
        _ => return None,
    })
}

fn types() -> Vec<Json> {
    ["order.*", "refund.succeeded"].map(Json::from).into()
}

fn endpoint(version: i64) -> Object {
    object! {
        "id": ENDPOINT,
        "url": URL,
        "event_types": types(),
        "description": "Web shop",
        "status": "ENABLED",
        "disable_reason": "DISABLE_REASON_UNSPECIFIED",
        "reference": "",
        "metadata": Object::new(),
        "etag": format!("v{version}"),
        "create_time": TIME,
        "update_time": TIME,
    }
}

/// One that has arrived, or one that is on its way.
fn delivery(arrived: bool) -> Object {
    let attempt = || {
        object! {
            "number": 1,
            "url": URL,
            "response_status": 204,
            "response_body": "",
            "error": "",
            "duration": "0.083s",
            "create_time": TIME,
        }
    };
    let shown = object! {
        "id": DELIVERY,
        "webhook_endpoint_id": ENDPOINT,
        "event_id": EVENT,
        "event_type": "order.placed",
        "status": if arrived { "SUCCEEDED" } else { "PENDING" },
        "attempt_count": i64::from(arrived),
        "attempts": if arrived { vec![attempt()] } else { Vec::new() },
        "etag": if arrived { "v2" } else { "v1" },
        "create_time": TIME,
        "update_time": TIME,
    };
    shown.with(if arrived { "deliver_time" } else { "next_attempt_time" }, TIME)
}
