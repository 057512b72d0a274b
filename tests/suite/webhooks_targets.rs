//! Where webhooks are sent to, and where not: whatever the spelling, nobody reaches our own network through the service.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::cases::webhooks::{endpoint, until_tried};
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::receiver::{Receiver, Reply};
use crate::support::world::World;
use crate::webhooks::{create, try_out, update};

on_both_engines! {
    forbidden_urls_are_refused,
    unknown_types_are_refused,
    names_that_lead_inside_are_never_called,
    redirects_are_not_followed,
}

const FORBIDDEN: [&str; 24] = [
    "http://example.com/",
    "ftp://example.com/",
    "https://example.com:22/",
    "https://me@example.com/",
    "https://example.com/#a",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0x7f.1/",
    "https://2130706433/",
    "https://017700000001/",
    "https://127.0.0.1./",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "example.com",
    "https://",
];

async fn forbidden_urls_are_refused(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let (id, _) = create(&client, "https://shop.example/", &["customer.erased"]).await;
    for url in FORBIDDEN {
        let refusal = client.call(endpoint(url, &["*"])).await.expect_err(url).refusal();
        assert_eq!((refusal.code.as_str(), refusal.fields()), ("validation_failed", vec!["url"]), "{url}");
        let patch = pb::WebhookEndpointPatch { url: Some(url.to_owned()), ..Default::default() };
        let refusal = client.call(update(&id, patch)).await.expect_err(url).refusal();
        assert_eq!(refusal.fields(), ["webhook_endpoint.url"], "{url}");
    }
}

async fn unknown_types_are_refused(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let new = endpoint("https://shop.example/", &["order.placed", "order.lost", "nothing.*", "*"]);
        let refusal = world.client(wire).call(new).await.expect_err("unknown").refusal();
        assert_eq!(refusal.fields(), ["event_types[1]", "event_types[2]"]);
        let refusal =
            world.client(wire).call(endpoint("https://shop.example/", &[])).await.expect_err("none").refusal();
        assert_eq!(refusal.fields(), ["event_types"]);
    }
}

async fn names_that_lead_inside_are_never_called(engine: Engine) {
    let (world, receiver) = (World::new(engine).await, Receiver::new().await);
    let client = world.client(Wire::Grpc);
    let (id, _) = create(&client, "https://localhost/", &["customer.erased"]).await;
    // As if the operator had allowed these once, and does no longer.
    for url in ["https://localhost/", "https://127.0.0.1/", &receiver.url()] {
        world.database.execute(&format!("UPDATE webhook_endpoints SET url = '{url}'")).await;
        let delivery = client.call(try_out(&id)).await.expect("a test").text("/webhook_delivery/id");
        let tried = until_tried(&client, &delivery, 1).await;
        let attempt = &tried["attempts"][0];
        assert_eq!((&attempt["error"], &attempt["response_status"]), (&json!("forbidden_address"), &json!(0)), "{url}");
        assert_eq!((&tried["status"], &attempt["url"]), (&json!("PENDING"), &json!(url)));
        // The next one is about the same thing, and would wait.
        world.database.execute("UPDATE webhook_deliveries SET status = 'FAILED'").await;
    }
    assert!(receiver.got().is_empty());
}

async fn redirects_are_not_followed(engine: Engine) {
    let world = World::hooking(engine).await;
    let (receiver, elsewhere) = (Receiver::new().await, Receiver::new().await);
    receiver.answers(Reply::Redirect(elsewhere.url()));
    let client = world.client(Wire::Grpc);
    let (id, _) = create(&client, &receiver.url(), &["customer.erased"]).await;
    let delivery = client.call(try_out(&id)).await.expect("a test").text("/webhook_delivery/id");
    let tried = until_tried(&client, &delivery, 1).await;
    let attempt = &tried["attempts"][0];
    assert_eq!((&attempt["error"], &attempt["response_status"]), (&json!("redirect"), &json!(307)));
    assert_eq!(attempt["response_body"], json!("seen \u{fffd}"), "as a text that every database keeps");
    assert!(elsewhere.got().is_empty());
}
