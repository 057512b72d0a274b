//! Racing twins: many identical calls at the same time have one effect, and never end in a fault of the service.

use std::collections::BTreeSet;

use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::support::client::{Answer, Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::service::{PLATFORM_KEY, Service};
use crate::support::world::{World, product};

on_both_engines! {
    sixty_four_twins_make_one_order,
    many_keys_with_twins_make_one_order_each,
    racing_references_have_one_winner,
    racing_skus_have_one_winner,
}

/// Sends a call until it is answered by more than "still running".
async fn until_known(client: Client, key: String, request: pb::CreateOrderRequest) -> Answer {
    loop {
        match client.keyed(&key, request.clone()).await.map_err(Failed::refusal) {
            Ok(answer) => return answer,
            Err(refusal) => assert_eq!(refusal.code, "idempotency_in_flight", "{refusal:?}"),
        }
    }
}

/// What all of them answered: it must be one answer, and one of them was the first.
async fn one_answer(mut twins: JoinSet<Answer>) -> String {
    let (mut bodies, mut firsts) = (BTreeSet::new(), 0);
    while let Some(answer) = twins.join_next().await {
        let answer = answer.expect("a twin");
        firsts += usize::from(!answer.is_replay());
        assert_eq!(answer.header("location"), format!("/v1/orders/{}", answer.id()));
        bodies.insert(answer.json.to_string());
    }
    assert!(firsts <= 1, "{firsts} answers say that they were the first");
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    bodies.pop_first().expect("one answer")
}

async fn sixty_four_twins_make_one_order(engine: Engine) {
    let world = World::new(engine).await;
    for round in 1..=3_i64 {
        let mut twins = JoinSet::new();
        for wire in Wire::ALL.into_iter().cycle().take(64) {
            twins.spawn(until_known(world.client(wire), format!("round-{round}"), world.order()));
        }
        one_answer(twins).await;
        for table in ["orders", "events WHERE type = 'order.placed'", "audit_events WHERE resource_type = 'order'"] {
            assert_eq!(world.database.count(&format!("SELECT count(*) FROM {table}")).await, round, "{table}");
        }
    }
}

async fn many_keys_with_twins_make_one_order_each(engine: Engine) {
    let world = World::new(engine).await;
    let mut keys = JoinSet::new();
    for key in 0..50 {
        let mut twins = JoinSet::new();
        for wire in Wire::ALL {
            twins.spawn(until_known(world.client(wire), format!("key-{key}"), world.order()));
        }
        keys.spawn(one_answer(twins));
    }
    let answers: BTreeSet<_> = keys.join_all().await.into_iter().collect();
    assert_eq!(answers.len(), 50, "one answer for each key");
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 50);
}

async fn racing_references_have_one_winner(engine: Engine) {
    let world = World::new(engine).await;
    for round in 0..5 {
        let request = pb::CreateOrderRequest { reference: format!("PO-{round}"), ..world.order() };
        one_winner(&world, request, "duplicate_reference").await;
    }
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 5);
}

async fn racing_skus_have_one_winner(engine: Engine) {
    let world = World::new(engine).await;
    for round in 0..5 {
        one_winner(&world, product(&format!("NEW-{round}"), &[("GBP", 1)], 0), "duplicate_sku").await;
    }
    assert_eq!(world.database.count("SELECT count(*) FROM products WHERE sku LIKE 'NEW-%'").await, 5);
}

/// Of sixteen calls without a key one succeeds, and the others name what it made.
async fn one_winner<Q: crate::support::rpc::Rpc>(world: &World, request: Q, code: &str) {
    let mut racers = JoinSet::new();
    for wire in Wire::ALL.into_iter().cycle().take(16) {
        let (client, request) = (world.client(wire), request.clone());
        racers.spawn(async move { client.call(request).await });
    }
    let (won, lost): (Vec<_>, Vec<_>) = racers.join_all().await.into_iter().partition(Result::is_ok);
    let ids: Vec<_> = won.into_iter().flatten().map(|answer| answer.id()).collect();
    assert_eq!(ids.len(), 1, "one wins: {lost:?}");
    for failed in lost {
        let refusal = failed.expect_err("lost").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["existing_id"]), (code, &ids[0].as_str().into()));
    }
}

/// Two processes that know nothing of each other, on one database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_meet_across_processes() {
    let database = Database::new(Engine::Postgres).await;
    let (one, two) = (Service::start(&database).await, Service::start(&database).await);
    let seller = Client::new(one.address, Wire::Grpc, PLATFORM_KEY);
    crate::support::world::stock(&seller).await;
    let customer = crate::support::world::customer(&seller, "Ada").await;
    let order = crate::support::world::order(&customer, &[(crate::support::world::TEAPOT, 1)]);
    let mut keys = JoinSet::new();
    for key in 0..50 {
        let mut twins = JoinSet::new();
        for (wire, address) in Wire::ALL.into_iter().zip([one.address, two.address].into_iter().cycle()) {
            let client = Client::new(address, wire, PLATFORM_KEY);
            twins.spawn(until_known(client, format!("key-{key}"), order.clone()));
        }
        keys.spawn(one_answer(twins));
    }
    let answers: BTreeSet<_> = keys.join_all().await.into_iter().collect();
    assert_eq!(answers.len(), 50, "one answer for each key");
    let mut twins = JoinSet::new();
    for (wire, address) in Wire::ALL.into_iter().cycle().zip([one.address, two.address].into_iter().cycle()).take(64) {
        twins.spawn(until_known(Client::new(address, wire, PLATFORM_KEY), "all".to_owned(), order.clone()));
    }
    one_answer(twins).await;
    assert_eq!(database.count("SELECT count(*) FROM orders").await, 51);
    assert_eq!(database.count("SELECT count(*) FROM events WHERE type = 'order.placed'").await, 51);
}
