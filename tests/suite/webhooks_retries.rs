//! What becomes of deliveries that fail, and of their endpoints.

use std::time::{Duration, Instant};

use serde_json::json;
use tradepost::contract::pb;

use crate::support::cases::webhooks::until_tried;
use crate::support::client::Wire;
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::receiver::{Receiver, Reply};
use crate::support::world::World;
use crate::webhooks::{create, get, resume, try_out, update};
use crate::webhooks_sending::{busy_order, settled, versions};

on_both_engines! {
    a_failure_is_tried_again_and_keeps_the_order,
    a_receiver_that_is_gone_ends_it,
    an_endpoint_that_fails_for_days_is_disabled,
    the_first_success_after_an_outage_calls_for_all,
    an_answer_that_never_comes_is_a_timeout,
    what_waits_goes_where_the_endpoint_points_then,
}

async fn a_failure_is_tried_again_and_keeps_the_order(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    let client = world.client(Wire::Rest);
    let (id, secret) = create(&client, &receiver.url(), &["order.*"]).await;
    receiver.answers_first([Reply::Status(500)]);
    let begun = Instant::now();
    let order = busy_order(&client, world.order()).await;
    receiver.wait_for(1).await;
    let other = client.call(world.order()).await.expect("an order").id();
    let got = receiver.wait_for(2).await;
    assert_eq!(got[1].text("resource_id"), other, "what is about other things goes on");
    assert!(got[1].at.duration_since(begun) < Duration::from_secs(4));
    let got = receiver.wait_for(5).await;
    assert_eq!(versions(&got, &order), [1, 1, 2, 3]);
    let wait = got[2].at.duration_since(got[0].at);
    assert!((Duration::from_secs(5)..Duration::from_secs(8)).contains(&wait), "{wait:?}");
    assert_eq!(got[0].header("webhook-id"), got[2].header("webhook-id"));
    assert_ne!(got[0].header("webhook-timestamp"), got[2].header("webhook-timestamp"));
    assert!(got[2].is_signed_with(&secret));
    let event_id = got[0].text("id");
    let of_it = pb::ListWebhookDeliveriesRequest { event_id, view: pb::View::Full.into(), ..Default::default() };
    let delivery = &settled(&client, of_it, 1).await[0];
    let errors: Vec<_> = (0..2).map(|place| delivery["attempts"][place]["error"].clone()).collect();
    assert_eq!((errors, &delivery["attempt_count"]), (vec![json!("bad_status"), json!("")], &json!(2)));
    settled(&client, pb::ListWebhookDeliveriesRequest::default(), 4).await;
    assert!(client.call(get(&id)).await.expect("the endpoint").json["failing_since_time"].is_null());
}

async fn a_receiver_that_is_gone_ends_it(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    let client = world.client(Wire::Rest);
    let (id, _) = create(&client, &receiver.url(), &["order.placed"]).await;
    receiver.answers_first([Reply::Status(410)]);
    let order = client.call(world.order()).await.expect("an order").id();
    receiver.wait_for(1).await;
    let disabled = until(&world, &id, "DISABLED").await;
    assert_eq!((&disabled["disable_reason"], &disabled["etag"]), (&json!("GONE"), &json!("v2")));
    assert_eq!(world.database.told(&id).await, ["1 webhook_endpoint.created", "2 webhook_endpoint.disabled"]);
    let second = client.call(world.order()).await.expect("an order").id();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(receiver.got().len(), 1, "nothing is sent any more");
    client.call(resume(&id)).await.expect("resumed");
    let got = receiver.wait_for(3).await;
    assert_eq!((versions(&got, &order), versions(&got, &second)), (vec![1, 1], vec![1]), "nothing is lost");
}

/// Waits until an endpoint is in a state.
async fn until(world: &World, id: &str, status: &str) -> serde_json::Value {
    for _ in 0..1_000 {
        let shown = world.client(Wire::Grpc).call(get(id)).await.expect("the endpoint").json;
        if shown["status"] == status {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{id} does not get {status}");
}

async fn an_endpoint_that_fails_for_days_is_disabled(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    receiver.answers(Reply::Status(503));
    let client = world.client(Wire::Grpc);
    let (id, _) = create(&client, &receiver.url(), &["order.placed"]).await;
    client.call(world.order()).await.expect("an order");
    receiver.wait_for(1).await;
    world.database.execute("UPDATE webhook_endpoints SET failing_since = failing_since - 432000000000").await;
    client.call(world.order()).await.expect("an order");
    let disabled = until(&world, &id, "DISABLED").await;
    assert_eq!(disabled["disable_reason"], json!("FAILING"));
}

async fn the_first_success_after_an_outage_calls_for_all(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    receiver.answers(Reply::Status(503));
    let client = world.client(Wire::Grpc);
    let (id, _) = create(&client, &receiver.url(), &["order.placed"]).await;
    for _ in 0..3 {
        client.call(world.order()).await.expect("an order");
    }
    let got = receiver.wait_for(3).await;
    // As if that had been going on for hours.
    let later = "UPDATE webhook_deliveries SET next_attempt_time = next_attempt_time + 7200000000, \
                 scheduled_time = scheduled_time + 7200000000, step = 4 WHERE status = 'PENDING'";
    settle_failures(&world, &id, 3).await;
    world.database.execute(later).await;
    world.database.execute("UPDATE webhook_endpoints SET failing_since = failing_since - 7200000000").await;
    receiver.answers(Reply::Status(200));
    client.call(try_out(&id)).await.expect("a test");
    let all = receiver.wait_for(7).await;
    let again: Vec<_> = all[4..].iter().map(|got| got.text("id")).collect();
    assert!(got.iter().all(|got| again.contains(&got.text("id"))), "{again:?}");
}

/// Waits until so many deliveries have failed once.
async fn settle_failures(world: &World, id: &str, count: i64) {
    let tried = "SELECT count(*) FROM webhook_deliveries WHERE attempt_count = 1";
    for _ in 0..500 {
        if world.database.count(tried).await >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the deliveries of {id} are not written down");
}

async fn an_answer_that_never_comes_is_a_timeout(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    receiver.answers(Reply::Hang);
    let client = world.client(Wire::Grpc);
    let (id, _) = create(&client, &receiver.url(), &["order.placed"]).await;
    let delivery = client.call(try_out(&id)).await.expect("a test").text("/webhook_delivery/id");
    let begun = Instant::now();
    let tried = until_tried(&client, &delivery, 1).await;
    assert_eq!(tried["attempts"][0]["error"], json!("timeout"));
    assert!((Duration::from_secs(14)..Duration::from_secs(20)).contains(&begun.elapsed()));
    assert!(client.call(get(&id)).await.expect("the endpoint").json["failing_since_time"].is_string());
}

async fn what_waits_goes_where_the_endpoint_points_then(engine: Engine) {
    let world = World::hooking(engine).await;
    let (old, new) = (Receiver::new().await, Receiver::new().await);
    old.answers(Reply::Status(500));
    let client = world.client(Wire::Rest);
    let (id, _) = create(&client, &old.url(), &["order.placed"]).await;
    let order = client.call(world.order()).await.expect("an order").id();
    old.wait_for(1).await;
    let patch = pb::WebhookEndpointPatch { url: Some(new.url()), ..Default::default() };
    client.call(update(&id, patch)).await.expect("updated");
    assert_eq!(new.wait_for(1).await[0].text("resource_id"), order);
    assert_eq!(old.got().len(), 1);
}
