//! Streams of events: nothing is skipped, nothing comes twice, and a client that was away goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::Value;
use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::http::{Headers, HttpCall};
use crate::support::on_both_engines;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::{self, TEAPOT, World, order};

on_both_engines! {
    events_come_as_they_happen,
    a_client_that_was_away_goes_on_where_it_was,
    a_stream_tells_what_it_was_asked_for,
    partners_and_strangers_hear_of_their_own_only,
    everybody_hears_everything_once,
    a_revoked_key_hears_no_more,
    a_stream_ends_when_its_time_is_over,
    streams_end_with_the_process,
    server_sent_events_carry_their_ids,
    history_that_is_gone_is_told,
}

fn events(after: Option<i64>) -> pb::WatchEventsRequest {
    pb::WatchEventsRequest { after_sequence: after, ..Default::default() }
}

fn sequence(event: &Value) -> i64 {
    event["sequence"].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no sequence: {event}"))
}

/// The sequence of the last event that there is.
async fn last(client: &Client) -> i64 {
    let newest = pb::ListEventsRequest { page_size: 1, ..Default::default() };
    sequence(&client.call(newest).await.expect("events").json["events"][0])
}

async fn note(client: &Client, order: &str, text: &str) {
    let patch = pb::OrderPatch { note: Some(text.to_owned()), ..Default::default() };
    let request = pb::UpdateOrderRequest { order_id: order.to_owned(), order: Some(patch), ..Default::default() };
    client.call(request).await.expect("a note");
}

async fn events_come_as_they_happen(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let mut all = client.stream(events(None)).await.expect("a stream");
        let mut orders = client.stream(pb::WatchOrdersRequest::default()).await.expect("a stream");
        let customer = world::customer(&client, "Grace").await;
        let placed = client.call(order(&customer, &[(TEAPOT, 1)])).await.expect("an order").id();
        let created = all.next().await;
        let told = all.next().await;
        assert_eq!(
            (created["type"].as_str(), created["resource_id"].as_str()),
            (Some("customer.created"), Some(customer.as_str()))
        );
        assert_eq!(
            (told["type"].as_str(), told["resource_id"].as_str()),
            (Some("order.placed"), Some(placed.as_str()))
        );
        assert!(sequence(&told) > sequence(&created), "in their order");
        assert_eq!(orders.next().await, told, "orders:watch tells the same of orders");
        let event_id = told["id"].as_str().expect("an id").to_owned();
        let read = client.call(pb::GetEventRequest { event_id }).await.expect("the event");
        assert_eq!(read.json, told, "a stream tells what a read tells");
        assert_eq!(told["data"]["id"], placed.as_str());
    }
}

async fn a_client_that_was_away_goes_on_where_it_was(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    for _ in 0..3 {
        staff.call(world.order()).await.expect("an order");
    }
    let first = world.client(Wire::Rest).stream(events(Some(0))).await.expect("a stream").take(6).await;
    assert_eq!(first[0]["type"], "product.created", "from the first event");
    let seen = sequence(&first[3]);
    staff.call(world.order()).await.expect("one while it is away");
    for wire in Wire::ALL {
        let mut stream = world.client(wire).stream(events(Some(seen))).await.expect("a stream");
        let rest = stream.take(3).await;
        assert_eq!(rest[..2], first[4..6], "it goes on after what it has, on {wire:?}");
        assert!(sequence(&rest[2]) > sequence(&first[5]));
        // A client that connects again by itself uses the same address once more, and says what it has.
        let id = seen.to_string();
        let again = world.client(wire).stream_with(&[("last-event-id", &id)], events(Some(0))).await;
        assert_eq!(again.expect("a stream").take(3).await, rest, "on {wire:?}");
    }
    let wrong = world.client(Wire::Rest).stream_with(&[("last-event-id", "yesterday")], events(None)).await;
    let refusal = wrong.expect_err("no sequence").refusal();
    assert_eq!((refusal.code.as_str(), refusal.field.as_deref()), ("validation_failed", Some("Last-Event-ID")));
}

async fn a_stream_tells_what_it_was_asked_for(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let other = world::customer(&staff, "Grace").await;
    let mine = staff.call(world.order()).await.expect("an order").id();
    let theirs = staff.call(order(&other, &[(TEAPOT, 2)])).await.expect("an order").id();
    note(&staff, &mine, "ring twice").await;
    let ids = |events: Vec<Value>| -> Vec<String> {
        events
            .iter()
            .map(|event| {
                format!("{} {}", event["type"].as_str().expect("a type"), event["resource_id"].as_str().expect("an id"))
            })
            .collect()
    };
    let (placed, updated) = (format!("order.placed {mine}"), format!("order.updated {mine}"));
    for wire in [Wire::Grpc, Wire::Rest] {
        let client = world.client(wire);
        let of_thing = pb::WatchEventsRequest { resource_id: mine.clone(), ..events(Some(0)) };
        let told = client.stream(of_thing).await.expect("a stream").take(2).await;
        assert_eq!(ids(told), [placed.clone(), updated.clone()]);
        let of_type = pb::WatchEventsRequest {
            r#type: vec!["order.updated".into(), "customer.created".into()],
            ..events(Some(0))
        };
        let told = client.stream(of_type).await.expect("a stream").take(3).await;
        assert_eq!(ids(told)[2], updated);
        let of_kind = pb::WatchEventsRequest { resource_type: "customer".into(), ..events(Some(0)) };
        assert_eq!(client.stream(of_kind).await.expect("a stream").take(2).await.len(), 2);
        let of_customer =
            pb::WatchOrdersRequest { after_sequence: Some(0), customer_id: other.clone(), ..Default::default() };
        let mut stream = client.stream(of_customer).await.expect("a stream");
        assert_eq!(ids(stream.take(1).await), [format!("order.placed {theirs}")]);
        assert_eq!(stream.within(Duration::from_millis(300)).await.expect("open"), Vec::<Value>::new());
    }
}

async fn partners_and_strangers_hear_of_their_own_only(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    let other = world::customer(&staff, "Grace").await;
    let partner = world.key(pb::Role::Partner, &other).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let (partner, stranger) = (world.client(wire).with_key(&partner), world.stranger(wire).await);
        let from = last(&staff).await;
        let mut all = partner.stream(events(Some(from))).await.expect("a stream");
        let of_others = pb::WatchOrdersRequest { customer_id: world.customer.clone(), ..Default::default() };
        let mut of_others = partner.stream(of_others).await.expect("a stream");
        let mut foreign = stranger.stream(events(Some(from))).await.expect("a stream");
        staff.call(world.order()).await.expect("an order of somebody else");
        let own = staff.call(order(&other, &[(TEAPOT, 1)])).await.expect("an order").id();
        assert_eq!(all.next().await["resource_id"], own.as_str());
        let soon = Duration::from_millis(300);
        assert!(all.within(soon).await.expect("open").is_empty());
        assert!(of_others.within(soon).await.expect("open").is_empty());
        assert!(foreign.within(soon).await.expect("open").is_empty(), "another tenant hears nothing");
    }
}

/// Many write at the same time, in transactions of different lengths, and everybody hears of everything, in order.
async fn everybody_hears_everything_once(engine: Engine) {
    let world = World::new(engine).await;
    let from = last(&world.client(Wire::Grpc)).await;
    let mut readers = JoinSet::new();
    for wire in Wire::ALL {
        let mut stream = world.client(wire).stream(events(Some(from))).await.expect("a stream");
        readers.spawn(async move { stream.take(8 * 12).await });
    }
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let client = world.client(if writer % 2 == 0 { Wire::Grpc } else { Wire::Rest });
        let customer = world.customer.clone();
        writers.spawn(async move {
            for round in 0..6 {
                // More lines take longer, so that some that begin later are done earlier.
                let lines = vec![(TEAPOT, 1); 1 + (writer * 37 + round * 11) % 60];
                let id = client.call(order(&customer, &lines)).await.expect("an order").id();
                note(&client, &id, "noted").await;
            }
        });
    }
    writers.join_all().await;
    let of_list = world
        .client(Wire::Rest)
        .all("events", |page_token| pb::ListEventsRequest { page_size: 100, page_token, ..Default::default() })
        .await;
    let of_list: BTreeSet<String> =
        of_list.iter().filter(|event| sequence(event) > from).map(Value::to_string).collect();
    for heard in readers.join_all().await {
        let sequences: Vec<_> = heard.iter().map(sequence).collect();
        assert!(sequences.is_sorted_by(|one, next| one < next), "in order, each once: {sequences:?}");
        let mut versions: BTreeMap<&str, i64> = BTreeMap::new();
        for event in &heard {
            let version = event["resource_sequence"].as_str().and_then(|text| text.parse().ok()).expect("a number");
            let before = versions.insert(event["resource_id"].as_str().expect("an id"), version);
            assert!(before.is_none_or(|before| before < version), "each thing in its order");
        }
        assert_eq!(heard.iter().map(Value::to_string).collect::<BTreeSet<_>>(), of_list, "all of them");
    }
}

async fn a_revoked_key_hears_no_more(engine: Engine) {
    let world = World::new(engine).await;
    let staff = world.client(Wire::Grpc);
    for wire in Wire::ALL {
        let (api_key_id, secret) = world.new_key(pb::Role::Viewer, "").await;
        let mut stream = world.client(wire).with_key(&secret).stream(events(None)).await.expect("a stream");
        staff.call(pb::RevokeApiKeyRequest { api_key_id, ..Default::default() }).await.expect("revoked");
        assert_eq!(stream.failure().await.code, "unauthenticated", "on {wire:?}");
        assert!(stream.step().await.is_none(), "and that is its end");
    }
}

async fn a_stream_ends_when_its_time_is_over(engine: Engine) {
    let world = World::new(engine).await;
    for (wire, timeout) in [(Wire::Rest, ("request-timeout", "1")), (Wire::Grpc, ("grpc-timeout", "1S"))] {
        let mut stream = world.client(wire).stream_with(&[timeout], events(Some(0))).await.expect("a stream");
        assert!(
            stream.rest().await.len() > 2,
            "what there was; that nobody watched for longer is no failure, on {wire:?}"
        );
        let short = (timeout.0, if wire == Wire::Rest { "0.02" } else { "20m" });
        let mut nothing = world.client(wire).stream_with(&[short], events(None)).await.expect("a stream");
        assert!(nothing.rest().await.is_empty(), "on {wire:?}");
    }
}

async fn streams_end_with_the_process(engine: Engine) {
    let mut world = World::new(engine).await;
    let mut streams = Vec::new();
    for wire in Wire::ALL {
        streams.push(world.client(wire).stream(events(None)).await.expect("a stream"));
    }
    let begun = Instant::now();
    world.service.terminate();
    for mut stream in streams {
        assert_eq!(stream.failure().await.code, "unavailable");
    }
    assert!(world.service.ended().await.success());
    eprintln!("ended after {:?}", begun.elapsed());
    assert!(!world.service.log().contains("did not end in time"));
}

async fn sse(world: &World, headers: Headers<'_>, target: &str, until: &str) -> String {
    let bearer = format!("Bearer {PLATFORM_KEY}");
    let mut all = vec![("authorization", bearer.as_str())];
    all.extend(headers);
    let call = HttpCall { method: Method::GET, target, headers: &all, body: bytes::Bytes::new() };
    let mut opened = call.open(world.service.address).await.expect("an answer");
    assert_eq!((opened.head.status, opened.head.header("content-type")), (200, "text/event-stream"));
    let mut text = String::new();
    while !text.contains(until) {
        let frame = http_body_util::BodyExt::frame(&mut opened.body).await.expect("more").expect("a frame");
        text.push_str(std::str::from_utf8(frame.data_ref().expect("data")).expect("text"));
    }
    text
}

async fn server_sent_events_carry_their_ids(engine: Engine) {
    let world = World::new(engine).await;
    let text = sse(&world, &[], "/v1/events:watch?after_sequence=0", "customer.created").await;
    let mut blocks = text.split("\n\n");
    let first: Vec<_> = blocks.next().expect("an event").lines().collect();
    let data: Value = serde_json::from_str(first[1].strip_prefix("data: ").expect("data")).expect("JSON");
    assert_eq!(first[0], format!("id: {}", sequence(&data)), "the id is where the stream goes on");
    let id = sequence(&data).to_string();
    let again = sse(&world, &[("last-event-id", &id)], "/v1/events:watch?after_sequence=0", "customer.created").await;
    assert!(!again.contains(data["id"].as_str().expect("an id")), "what the client has does not come again");
}

async fn history_that_is_gone_is_told(engine: Engine) {
    let world = World::new(engine).await;
    let kept = last(&world.client(Wire::Grpc)).await;
    world.database.execute(&format!("DELETE FROM event_log WHERE sequence < {kept}")).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let refusal = client.stream(events(Some(1))).await.expect_err("some are gone").refusal();
        assert_eq!(refusal.code, "sequence_expired");
        assert_eq!(refusal.metadata["oldest"], (kept - 1).to_string());
        for from in [0, kept - 1] {
            let told = client.stream(events(Some(from))).await.expect("what is kept").next().await;
            assert_eq!(sequence(&told), kept);
        }
    }
}
