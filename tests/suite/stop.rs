//! SIGTERM: what was asked before is answered, balancers are told first, and the exit is clean.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tradepost::contract::pb;

use crate::edge::health;
use crate::support::client::{Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::grpc::channel;
use crate::support::http::get;
use crate::support::on_both_engines;
use crate::support::refusal::{Failed, from_rest};
use crate::support::world::World;

on_both_engines! {
    a_stop_under_load_cuts_nobody,
    a_write_that_has_begun_is_answered,
    a_second_signal_ends_it_at_once,
    idle_peers_do_not_hold_it_up,
    watchers_are_told_and_do_not_hold_it_up,
}

/// Waits until the service tells that it stops.
async fn lame_duck(address: SocketAddr) {
    loop {
        let answer = get(address, "/readyz").await.expect("still serving");
        if answer.status != 200 {
            assert_eq!(from_rest(&answer).code, "unavailable");
            return;
        }
    }
}

/// Waits until nobody listens any more.
async fn closed(address: SocketAddr) {
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Creates orders until the service turns it away. Answers what was acknowledged.
async fn work(client: Client, order: pb::CreateOrderRequest, signaled: Arc<AtomicBool>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    loop {
        let before = !signaled.load(Ordering::SeqCst);
        match client.call(order.clone()).await {
            Ok(answer) => acknowledged.push(answer.id()),
            Err(failed) if before => panic!("cut, though it was sent before the signal: {failed:?}"),
            Err(Failed::Refused(refusal)) => {
                assert_eq!(refusal.code, "unavailable");
                return acknowledged;
            }
            Err(Failed::Lost(_)) => return acknowledged,
        }
    }
}

async fn a_stop_under_load_cuts_nobody(engine: Engine) {
    let mut world = World::new(engine).await;
    for _ in 0..2 {
        let signaled = Arc::new(AtomicBool::new(false));
        let mut workers = JoinSet::new();
        for wire in Wire::ALL.into_iter().cycle().take(16) {
            workers.spawn(work(world.client(wire), world.order(), Arc::clone(&signaled)));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        signaled.store(true, Ordering::SeqCst);
        world.service.terminate();
        lame_duck(world.service.address).await;
        let admin = get(world.service.admin_address, "/readyz").await.expect("the admin port serves");
        assert_eq!(admin.status, 503);
        assert_eq!(get(world.service.admin_address, "/healthz").await.expect("it lives").status, 200);
        assert_eq!(health(world.service.address, "").await.expect("a status"), ServingStatus::NotServing);
        let acknowledged: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
        assert_eq!(world.service.ended().await.code(), Some(0));
        world.service.restart().await;
        for order_id in acknowledged {
            world.client(Wire::Grpc).call(pb::GetOrderRequest { order_id }).await.expect("it was acknowledged");
        }
    }
}

/// Holds every order back until it is rolled back.
async fn lock_orders(database: &Database) -> DatabaseTransaction {
    let options =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let transaction = database.connect().await.begin_with_options(options).await.expect("a transaction");
    if database.engine == Engine::Postgres {
        transaction.execute_unprepared("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await.expect("the lock");
    }
    transaction
}

async fn a_write_that_has_begun_is_answered(engine: Engine) {
    let mut world = World::new(engine).await;
    let mut waiting = JoinSet::new();
    let lock = lock_orders(&world.database).await;
    world.service.terminate();
    lame_duck(world.service.address).await;
    for wire in Wire::ALL {
        let (client, order) = (world.client(wire), world.order());
        waiting.spawn(async move { client.call(order).await });
    }
    closed(world.service.address).await;
    lock.rollback().await.expect("a rollback");
    for answer in waiting.join_all().await {
        answer.expect("it was sent while the service was open");
    }
    assert_eq!(world.service.ended().await.code(), Some(0));
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 4);
}

async fn a_second_signal_ends_it_at_once(engine: Engine) {
    let mut world = World::new(engine).await;
    world.service.terminate();
    lame_duck(world.service.address).await;
    world.service.terminate();
    assert_eq!(world.service.ended().await.code(), Some(130), "not the code of a clean stop");
    world.service.restart().await;
    world.client(Wire::Rest).call(world.order()).await.expect("an order");
}

async fn idle_peers_do_not_hold_it_up(engine: Engine) {
    let mut world = World::new(engine).await;
    let silent = TcpStream::connect(world.service.address).await.expect("a connection");
    let idle = world.client(Wire::Grpc);
    idle.call(world.order()).await.expect("an order");
    world.service.terminate();
    assert_eq!(world.service.ended().await.code(), Some(0));
    drop((silent, idle));
}

/// A health watch would go on for ever: it is told, and then it ends with a status.
async fn watchers_are_told_and_do_not_hold_it_up(engine: Engine) {
    let mut world = World::new(engine).await;
    let request = HealthCheckRequest { service: "tradepost.v1.OrderService".to_owned() };
    let mut health = HealthClient::new(channel(world.service.address));
    let mut told = health.watch(request).await.expect("a watch").into_inner();
    let first = told.message().await.expect("a message").expect("a status");
    assert_eq!(first.status(), ServingStatus::Serving);
    world.service.terminate();
    let second = told.message().await.expect("a message").expect("a status");
    assert_eq!(second.status(), ServingStatus::NotServing);
    let end = told.message().await.expect_err("the end of the service");
    assert_eq!(end.code(), tonic::Code::Unavailable);
    assert!(world.service.ended().await.success());
    assert!(!world.service.log().contains("did not end in time"), "{}", world.service.log());
}
