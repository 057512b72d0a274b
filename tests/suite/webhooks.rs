//! Webhook endpoints: what they are made of, their verbs, and where their secrets are not.

use serde_json::json;
use tradepost::contract::pb;

use crate::support::cases::webhooks::endpoint;
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::world::World;

on_both_engines! {
    an_endpoint_has_a_life,
    secrets_are_shown_once_and_kept_nowhere,
    references_are_unique,
    moves_that_are_illegal_are_refused,
    what_is_not_kept_is_not_replayed,
}

pub(crate) fn pause(id: &str) -> pb::PauseWebhookEndpointRequest {
    pb::PauseWebhookEndpointRequest { webhook_endpoint_id: id.to_owned(), ..Default::default() }
}

pub(crate) fn resume(id: &str) -> pb::ResumeWebhookEndpointRequest {
    pb::ResumeWebhookEndpointRequest { webhook_endpoint_id: id.to_owned(), ..Default::default() }
}

pub(crate) fn rotate(id: &str) -> pb::RotateWebhookEndpointSecretRequest {
    pb::RotateWebhookEndpointSecretRequest { webhook_endpoint_id: id.to_owned(), ..Default::default() }
}

pub(crate) fn try_out(id: &str) -> pb::TestWebhookEndpointRequest {
    pb::TestWebhookEndpointRequest { webhook_endpoint_id: id.to_owned(), ..Default::default() }
}

pub(crate) fn replay(id: &str, after_sequence: i64) -> pb::ReplayWebhookEndpointRequest {
    pb::ReplayWebhookEndpointRequest { webhook_endpoint_id: id.to_owned(), after_sequence, ..Default::default() }
}

pub(crate) fn get(id: &str) -> pb::GetWebhookEndpointRequest {
    pb::GetWebhookEndpointRequest { webhook_endpoint_id: id.to_owned() }
}

pub(crate) fn update(id: &str, patch: pb::WebhookEndpointPatch) -> pb::UpdateWebhookEndpointRequest {
    let webhook_endpoint_id = id.to_owned();
    pb::UpdateWebhookEndpointRequest { webhook_endpoint_id, webhook_endpoint: Some(patch), ..Default::default() }
}

/// Creates an endpoint: its id and its secret.
pub(crate) async fn create(client: &Client, url: &str, event_types: &[&str]) -> (String, String) {
    let created = client.call(endpoint(url, event_types)).await.expect("an endpoint");
    (created.text("/webhook_endpoint/id"), created.text("/secret"))
}

async fn an_endpoint_has_a_life(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let new = pb::CreateWebhookEndpointRequest {
            description: "the shop".to_owned(),
            reference: format!("R-{wire:?}"),
            metadata: [("a".to_owned(), "b".to_owned())].into(),
            ..endpoint("https://localhost/a?b=c", &["customer.erased", "location.*"])
        };
        let created = client.call(new).await.expect("an endpoint");
        let shown = &created.json["webhook_endpoint"];
        let id = created.text("/webhook_endpoint/id");
        assert_eq!(
            (shown["url"].as_str(), shown["status"].as_str()),
            (Some("https://localhost/a?b=c"), Some("ENABLED"))
        );
        assert_eq!(shown["event_types"], json!(["customer.erased", "location.*"]));
        assert_eq!((&shown["etag"], &shown["metadata"]), (&json!("v1"), &json!({"a": "b"})));
        assert_eq!(client.call(get(&id)).await.expect("the endpoint").json, *shown);
        let listed = client.call(pb::ListWebhookEndpointsRequest::default()).await.expect("a list");
        assert_eq!(
            (listed.text("/webhook_endpoints/0/id"), &listed.json["webhook_endpoints"][0]["metadata"]),
            (id.clone(), &json!({}))
        );
        let patch = pb::WebhookEndpointPatch { url: Some("https://localhost/b".to_owned()), ..Default::default() };
        let updated = client.call(update(&id, patch.clone())).await.expect("updated");
        assert_eq!((updated.text("/url"), updated.text("/etag")), ("https://localhost/b".to_owned(), "v2".to_owned()));
        let again = client.call(update(&id, patch)).await.expect("nothing to update");
        assert_eq!(again.text("/etag"), "v2");
        for (expected, etag) in [("PAUSED", "v3"), ("PAUSED", "v3")] {
            let paused = client.call(pause(&id)).await.expect("paused");
            assert_eq!((paused.text("/status").as_str(), paused.text("/etag").as_str()), (expected, etag));
        }
        for _ in 0..2 {
            let resumed = client.call(resume(&id)).await.expect("resumed");
            assert_eq!((resumed.text("/status"), resumed.text("/etag")), ("ENABLED".to_owned(), "v4".to_owned()));
        }
        let rotated = client.call(rotate(&id)).await.expect("rotated");
        assert_ne!(rotated.text("/secret"), created.text("/secret"));
        assert!(rotated.json["webhook_endpoint"]["previous_secret_expire_time"].is_string());
        let delete = pb::DeleteWebhookEndpointRequest { webhook_endpoint_id: id.clone(), ..Default::default() };
        client.call(delete).await.expect("deleted");
        assert_eq!(client.call(get(&id)).await.expect_err("gone").refusal().code, "webhook_endpoint_not_found");
        let told = ["1 created", "2 updated", "3 paused", "4 resumed", "5 secret_rotated", "6 deleted"];
        let told = told.map(|text| text.replace(' ', " webhook_endpoint."));
        assert_eq!(world.database.told(&id).await, told);
    }
}

async fn secrets_are_shown_once_and_kept_nowhere(engine: Engine) {
    let world = World::logging(engine, "trace").await;
    let client = world.client(Wire::Rest);
    let key = [("idempotency-key", "a-key")];
    let new = endpoint("https://localhost/", &["customer.erased"]);
    let created = client.call_with(&key, new.clone()).await.expect("an endpoint");
    let again = client.call_with(&key, new).await.expect("another one");
    assert!(!again.is_replay(), "a secret is not stored with a key");
    let id = created.text("/webhook_endpoint/id");
    let mut secrets = vec![created.text("/secret"), again.text("/secret")];
    secrets.push(client.call(rotate(&id)).await.expect("rotated").text("/secret"));
    let check = pb::RotateWebhookEndpointSecretRequest { validate_only: true, ..rotate(&id) };
    assert_eq!(client.call(check).await.expect("checked").text("/secret"), "");
    let shown = client.call(get(&id)).await.expect("the endpoint").json.to_string();
    let events = client.call(pb::ListEventsRequest::default()).await.expect("events").json.to_string();
    let kept = "SELECT CAST(secret AS TEXT) || COALESCE(previous_secret, '') FROM webhook_endpoints";
    let replies = "SELECT CAST(COUNT(*) AS TEXT) FROM idempotency_keys WHERE key = 'a-key'";
    assert_eq!(world.database.texts(replies).await, ["0"]);
    let everything = [shown, events, world.database.texts(kept).await.join(" "), world.service.log()];
    for secret in secrets {
        let (prefix, bare) = secret.split_at("whsec_".len());
        assert_eq!((prefix, bare.len()), ("whsec_", 44), "32 bytes");
        assert!(everything.iter().all(|text| !text.contains(bare)), "a secret is told");
    }
    assert!(everything[2].starts_with("db:"), "{}", everything[2]);
}

async fn references_are_unique(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let named = |reference: &str| pb::CreateWebhookEndpointRequest {
        reference: reference.to_owned(),
        ..endpoint("https://localhost/", &["*"])
    };
    let first = client.call(named("A")).await.expect("an endpoint").text("/webhook_endpoint/id");
    let refusal = client.call(named("A")).await.expect_err("taken").refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.metadata["existing_id"].as_str()),
        ("duplicate_reference", Some(first.as_str()))
    );
    let second = client.call(named("B")).await.expect("an endpoint").text("/webhook_endpoint/id");
    let patch = pb::WebhookEndpointPatch { reference: Some("A".to_owned()), ..Default::default() };
    let refusal = client.call(update(&second, patch)).await.expect_err("taken").refusal();
    assert_eq!(refusal.code, "duplicate_reference");
    let stranger = world.stranger(Wire::Grpc).await;
    stranger.call(named("A")).await.expect("each tenant has its own");
}

async fn moves_that_are_illegal_are_refused(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let (id, _) = create(&client, "https://localhost/", &["customer.erased"]).await;
    client.call(pause(&id)).await.expect("paused");
    let refusal = client.call(try_out(&id)).await.expect_err("paused").refusal();
    assert_eq!(refusal.code, "illegal_transition");
    assert_eq!((&refusal.metadata["from"], &refusal.metadata["allowed"]), (&json!("PAUSED"), &json!("resume,delete")));
    let set = "UPDATE webhook_endpoints SET status = 'DISABLED', disable_reason = 'FAILING', failing_since = 5";
    world.database.execute(set).await;
    let refusal = client.call(pause(&id)).await.map_err(Failed::refusal).expect_err("disabled");
    assert_eq!(refusal.code, "illegal_transition");
    let shown = client.call(get(&id)).await.expect("the endpoint");
    assert_eq!(
        (shown.text("/disable_reason"), shown.json["failing_since_time"].is_string()),
        ("FAILING".to_owned(), true)
    );
    let resumed = client.call(resume(&id)).await.expect("resumed");
    assert_eq!(resumed.text("/disable_reason"), "DISABLE_REASON_UNSPECIFIED");
    assert!(resumed.json["failing_since_time"].is_null());
}

async fn what_is_not_kept_is_not_replayed(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Rest);
    let (id, _) = create(&client, "https://localhost/", &["customer.erased"]).await;
    client.call(world.order()).await.expect("an order");
    let ahead = client.call(replay(&id, 1_000_000)).await.expect("it has not come as far");
    assert_eq!(ahead.text("/etag"), "v1");
    world.database.execute("DELETE FROM event_log WHERE sequence < 3").await;
    let refusal = client.call(replay(&id, 1)).await.expect_err("gone").refusal();
    assert_eq!((refusal.code.as_str(), &refusal.metadata["oldest"]), ("sequence_expired", &json!("2")));
    for (after, etag) in [(2, "v2"), (2, "v2"), (0, "v3")] {
        assert_eq!(client.call(replay(&id, after)).await.expect("replayed").text("/etag"), etag, "after {after}");
    }
}
