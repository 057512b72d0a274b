//! One of two processes dies while it sends: the other one goes on, nothing is lost, and of each thing nothing comes before what
//! was before it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::support::client::{Client, Wire};
use crate::support::database::{Database, Engine};
use crate::support::receiver::{Got, Receiver};
use crate::support::service::{PLATFORM_KEY, Service};
use crate::support::world::{self, HOOKING, TEAPOT, order};
use crate::webhooks::create;
use crate::webhooks_sending::{busy_order, versions};

/// Orders, each with three events.
const ORDERS: usize = 60;

/// A lease, and a little more.
const TAKE_OVER: Duration = Duration::from_secs(45);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_is_followed() {
    let database = Database::new(Engine::Postgres).await;
    let mut services = Vec::new();
    for _ in 0..2 {
        let mut service = Service::launch_set(&database, "info,tradepost=debug", HOOKING);
        service.ready().await;
        services.push(service);
    }
    let receiver = Receiver::new().await;
    let mut client = Client::new(services[1].address, Wire::Grpc, PLATFORM_KEY);
    world::stock(&client).await;
    let customer = world::customer(&client, "Ada").await;
    create(&client, &receiver.url(), &["order.*"]).await;
    let mut orders = Vec::new();
    for number in 0..ORDERS {
        orders.push(busy_order(&client, order(&customer, &[(TEAPOT, 1)])).await);
        // Whoever has the lease by then: kill the one that must be followed, and let the other one take the orders.
        if number == ORDERS / 2 {
            let holder = holder(&database, &services).await;
            services[holder].kill();
            if holder == 1 {
                services[1].restart().await;
                client = Client::new(services[1].address, Wire::Grpc, PLATFORM_KEY);
            }
        }
    }
    let killed = Instant::now();
    let all = |got: &[Got]| orders.iter().map(|id| versions(got, id)).all(|seen| complete(&seen));
    while !all(&receiver.got()) {
        assert!(killed.elapsed() < TAKE_OVER, "some events did not arrive");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for id in &orders {
        let mut seen = versions(&receiver.got(), id);
        // What was on its way at the kill comes twice.
        seen.dedup();
        assert_eq!(seen, [1, 2, 3], "{id}");
    }
    let ids: BTreeSet<_> = receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 3 * ORDERS);
    assert!(receiver.got().len() <= ids.len() + 10, "at most what was on its way comes twice");
}

fn complete(seen: &[i64]) -> bool {
    [1, 2, 3].iter().all(|version| seen.contains(version))
}

/// Which of two services sends: it has logged the name that the lease tells.
async fn holder(database: &Database, services: &[Service]) -> usize {
    let holder = database.texts("SELECT CAST(lease_holder AS TEXT) FROM webhook_endpoints").await;
    services.iter().position(|service| service.log().contains(&holder[0])).expect("one of them")
}
