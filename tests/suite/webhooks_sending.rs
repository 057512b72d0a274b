//! What receivers get: which events, in which order, signed how; and who waits for whom.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::receiver::{Got, Receiver, Reply};
use crate::support::world::{self, World};
use crate::webhooks::{create, get, pause, replay, resume, rotate, try_out};

on_both_engines! {
    events_arrive_as_rest_shows_them_and_signed,
    subscriptions_and_tenants_are_kept_apart,
    what_happens_in_a_pause_arrives_after_it,
    a_replay_sends_again_under_the_same_id,
    a_rotated_secret_signs_beside_the_new_one,
    a_test_reaches_only_the_endpoint_that_is_tried,
    hanging_receivers_delay_nobody_else,
    a_stop_leaves_nothing_behind,
}

/// Events of one order: placed, held, released.
pub(crate) async fn busy_order(client: &Client, order: pb::CreateOrderRequest) -> String {
    let order_id = client.call(order).await.expect("an order").id();
    let held = client.call(pb::HoldOrderRequest { order_id: order_id.clone(), ..Default::default() }).await;
    let hold_id = held.expect("held").text("/holds/0/id");
    let release = pb::ReleaseOrderHoldRequest { order_id: order_id.clone(), hold_id, ..Default::default() };
    client.call(release).await.expect("released");
    order_id
}

/// What was got of a thing, by the version that it tells of.
pub(crate) fn versions(got: &[Got], id: &str) -> Vec<i64> {
    let of_it = got.iter().filter(|got| got.text("resource_id") == id);
    of_it.map(|got| got.text("resource_sequence").parse().expect("a number")).collect()
}

#[allow(clippy::disallowed_methods, reason = "a receiver has a clock of its own")]
fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

async fn events_arrive_as_rest_shows_them_and_signed(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    let client = world.client(Wire::Rest);
    let (_, secret) = create(&client, &receiver.url(), &["order.*"]).await;
    let orders = [busy_order(&client, world.order()).await, busy_order(&client, world.order()).await];
    let got = receiver.wait_for(6).await;
    for order in &orders {
        assert_eq!(versions(&got, order), [1, 2, 3]);
    }
    for got in &got {
        let event = client.call(pb::GetEventRequest { event_id: got.text("id") }).await.expect("the event");
        assert_eq!(got.json(), event.json, "the body is the event as REST shows it");
        assert_eq!((got.header("webhook-id"), got.header("content-type")), (event.id().as_str(), "application/json"));
        assert_eq!(got.header("user-agent"), concat!("Tradepost/", env!("CARGO_PKG_VERSION")));
        let sent: u64 = got.header("webhook-timestamp").parse().expect("seconds");
        assert!(unix_now().abs_diff(sent) < 60);
        assert!(got.is_signed_with(&secret));
        assert_eq!(got.header("webhook-signature").split(' ').count(), 1);
    }
    let all = pb::ListWebhookDeliveriesRequest { view: pb::View::Full.into(), ..Default::default() };
    let delivered = settled(&client, all, 6).await;
    for delivery in &delivered {
        assert_eq!((&delivery["status"], &delivery["attempt_count"]), (&json!("SUCCEEDED"), &json!(1)));
        assert!(delivery["deliver_time"].is_string() && delivery["next_attempt_time"].is_null());
        let attempt = &delivery["attempts"][0];
        assert_eq!(
            (&attempt["number"], &attempt["response_status"], &attempt["error"]),
            (&json!(1), &json!(200), &json!(""))
        );
    }
    let basic = client.call(pb::ListWebhookDeliveriesRequest::default()).await.expect("a list");
    assert_eq!(basic.json["webhook_deliveries"][0]["attempts"], json!([]));
}

/// Waits until so many deliveries have arrived, and answers them.
pub(crate) async fn settled(client: &Client, list: pb::ListWebhookDeliveriesRequest, count: usize) -> Vec<Value> {
    let status = vec![pb::webhook_delivery::Status::Succeeded.into()];
    let list = pb::ListWebhookDeliveriesRequest { status, page_size: 100, ..list };
    for _ in 0..1_000 {
        let page = client.call(list.clone()).await.expect("a list");
        let found = page.json["webhook_deliveries"].as_array().expect("a list").clone();
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("there are not {count} deliveries");
}

async fn subscriptions_and_tenants_are_kept_apart(engine: Engine) {
    let world = World::hooking(engine).await;
    let [all, placed, foreign] = [Receiver::new().await, Receiver::new().await, Receiver::new().await];
    let (client, stranger) = (world.client(Wire::Grpc), world.stranger(Wire::Grpc).await);
    create(&client, &all.url(), &["*"]).await;
    create(&client, &placed.url(), &["order.placed", "quote.*"]).await;
    create(&stranger, &foreign.url(), &["*"]).await;
    busy_order(&client, world.order()).await;
    world::customer(&stranger, "Grace").await;
    let got = all.wait_for(5).await;
    let types: Vec<_> = got.iter().map(|got| got.text("type")).collect();
    let held = types.iter().filter(|name| name.starts_with("order.hold_") || *name == "order.held").count();
    assert_eq!((types.len(), held), (5, 2), "{types:?}: two endpoints, and three of the order");
    let placed = placed.wait_for(1).await;
    assert_eq!(placed.iter().map(|got| got.text("type")).collect::<Vec<_>>(), ["order.placed"]);
    let foreign = foreign.wait_for(2).await;
    let mut types: Vec<_> = foreign.iter().map(|got| got.text("type")).collect();
    types.sort();
    assert_eq!(types, ["customer.created", "webhook_endpoint.created"]);
}

async fn what_happens_in_a_pause_arrives_after_it(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    let client = world.client(Wire::Grpc);
    let (id, _) = create(&client, &receiver.url(), &["order.*"]).await;
    let order = client.call(world.order()).await.expect("an order").id();
    receiver.wait_for(1).await;
    client.call(pause(&id)).await.expect("paused");
    let hold = |order_id: String| pb::HoldOrderRequest { order_id, ..Default::default() };
    for _ in 0..20 {
        client.call(hold(order.clone())).await.expect("held");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(receiver.got().len(), 1, "nothing is sent in a pause");
    client.call(resume(&id)).await.expect("resumed");
    let got = receiver.wait_for(21).await;
    assert_eq!(versions(&got, &order), (1..=21).collect::<Vec<_>>());
}

async fn a_replay_sends_again_under_the_same_id(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    let client = world.client(Wire::Rest);
    let (id, secret) = create(&client, &receiver.url(), &["order.*"]).await;
    let order = busy_order(&client, world.order()).await;
    let first = receiver.wait_for(3).await;
    settled(&client, pb::ListWebhookDeliveriesRequest::default(), 3).await;
    let after: i64 = first[0].text("sequence").parse().expect("a number");
    client.call(replay(&id, after)).await.expect("replayed");
    let got = receiver.wait_for(5).await;
    assert_eq!(versions(&got, &order), [1, 2, 3, 2, 3]);
    assert!(got.iter().all(|got| got.is_signed_with(&secret)));
    let ids = |got: &[Got]| got.iter().map(|got| got.header("webhook-id").to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&got[3..]), ids(&first[1..]));
    let deliveries = settled(&client, pb::ListWebhookDeliveriesRequest::default(), 3).await;
    assert_eq!(deliveries.len(), 3, "an event has one delivery");
    let of_first = pb::ListWebhookDeliveriesRequest { event_id: first[0].text("id"), ..Default::default() };
    let again = settled(&client, of_first, 1).await[0]["id"].as_str().expect("an id").to_owned();
    let again = pb::RedeliverWebhookDeliveryRequest { webhook_delivery_id: again, ..Default::default() };
    let answer = client.call(again).await.expect("redelivered");
    assert_eq!(
        (answer.text("/status"), answer.json["attempts"][0]["number"].clone()),
        ("PENDING".to_owned(), json!(1))
    );
    let got = receiver.wait_for(6).await;
    assert_eq!(got[5].text("id"), first[0].text("id"));
}

async fn a_rotated_secret_signs_beside_the_new_one(engine: Engine) {
    let (world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    let client = world.client(Wire::Grpc);
    let (id, old) = create(&client, &receiver.url(), &["order.placed"]).await;
    let new = client.call(rotate(&id)).await.expect("rotated").text("/secret");
    client.call(world.order()).await.expect("an order");
    let got = receiver.wait_for(1).await;
    assert_eq!(got[0].header("webhook-signature").split(' ').count(), 2);
    assert!(got[0].is_signed_with(&old) && got[0].is_signed_with(&new));
    world.database.execute("UPDATE webhook_endpoints SET previous_secret_expire_time = 1").await;
    client.call(world.order()).await.expect("an order");
    let got = receiver.wait_for(2).await;
    assert!(!got[1].is_signed_with(&old) && got[1].is_signed_with(&new));
    let newer = client.call(rotate(&id)).await.expect("rotated").text("/secret");
    client.call(world.order()).await.expect("an order");
    let got = receiver.wait_for(3).await;
    assert_eq!([&old, &new, &newer].map(|secret| got[2].is_signed_with(secret)), [false, true, true]);
}

async fn a_test_reaches_only_the_endpoint_that_is_tried(engine: Engine) {
    let world = World::hooking(engine).await;
    let (receiver, other) = (Receiver::new().await, Receiver::new().await);
    let client = world.client(Wire::Rest);
    let (id, _) = create(&client, &receiver.url(), &["customer.erased"]).await;
    create(&client, &other.url(), &["webhook_endpoint.*", "order.placed"]).await;
    let tested = client.call(try_out(&id)).await.expect("a test");
    assert_eq!((tested.text("/webhook_endpoint/etag"), tested.header("etag")), ("v2".to_owned(), "\"v2\""));
    let got = receiver.wait_for(1).await;
    assert_eq!((got[0].text("type"), got[0].text("resource_id")), ("webhook_endpoint.tested".to_owned(), id));
    assert_eq!(got[0].text("id"), tested.text("/webhook_delivery/event_id"));
    assert!(got[0].text("sequence").parse::<i64>().expect("a number") > 0);
    client.call(world.order()).await.expect("an order");
    let types: Vec<_> = other.wait_for(2).await.iter().map(|got| got.text("type")).collect();
    assert_eq!(types, ["webhook_endpoint.created", "order.placed"], "its own, and not the test of the other one");
}

async fn hanging_receivers_delay_nobody_else(engine: Engine) {
    let world = World::hooking(engine).await;
    let (hanging, healthy) = (Receiver::new().await, Receiver::new().await);
    hanging.answers(Reply::Hang);
    let client = world.client(Wire::Grpc);
    for _ in 0..30 {
        create(&client, &hanging.url(), &["order.*"]).await;
    }
    create(&client, &healthy.url(), &["order.placed"]).await;
    let mut slowest = Duration::ZERO;
    for number in 1..=20 {
        let begun = Instant::now();
        client.call(world.order()).await.expect("an order");
        let got = healthy.wait_for(number).await;
        slowest = slowest.max(got[number - 1].at.duration_since(begun));
    }
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    assert!(!hanging.got().is_empty());
}

/// What is on its way does not keep the service from stopping, and arrives after it started again.
async fn a_stop_leaves_nothing_behind(engine: Engine) {
    let (mut world, receiver) = (World::hooking(engine).await, Receiver::new().await);
    receiver.answers(Reply::Hang);
    let client = world.client(Wire::Grpc);
    let (id, _) = create(&client, &receiver.url(), &["order.placed"]).await;
    let order = client.call(world.order()).await.expect("an order").id();
    receiver.wait_for(1).await;
    world.service.terminate();
    assert!(world.service.ended().await.success());
    receiver.answers(Reply::Status(204));
    let begun = Instant::now();
    world.service.restart().await;
    let got = receiver.wait_for(2).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "the lease was given back");
    assert_eq!(versions(&got, &order), [1, 1]);
    let shown = world.client(Wire::Rest).call(get(&id)).await.expect("the endpoint");
    assert_eq!(shown.text("/status"), "ENABLED");
}
