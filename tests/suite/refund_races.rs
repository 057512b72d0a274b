//! Racing refunds: whatever meets, never more is given back than was paid, one outcome holds, and no client sees a fault.

use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::money_drifts::check_books;
use crate::payments::{keyed, void};
use crate::refunds::{cancel, failed, paid, remaining, retry, succeeded};
use crate::support::cases::payments::{pay, refund};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::world::World;

on_both_engines! {
    of_two_large_refunds_one_wins,
    many_refunds_take_exactly_what_was_paid,
    a_payment_is_voided_or_given_back,
    of_two_retries_one_wins,
    a_refund_has_one_end,
}

/// The codes of what failed, and how many did not.
fn told(outcomes: Vec<Result<Answer, Failed>>) -> (usize, Vec<String>) {
    let all = outcomes.len();
    let codes: Vec<_> = outcomes.into_iter().filter_map(Result::err).map(|failed| failed.refusal().code).collect();
    (all - codes.len(), codes)
}

fn wires() -> impl Iterator<Item = Wire> {
    [Wire::Grpc, Wire::Rest].into_iter().cycle()
}

async fn of_two_large_refunds_one_wins(engine: Engine) {
    let world = World::new(engine).await;
    for round in 0..8 {
        let id = paid(&world, &world.client(Wire::Grpc)).await;
        let mut racers = JoinSet::new();
        for wire in wires().take(if round < 4 { 2 } else { 16 }) {
            let (client, request) = (world.client(wire), refund(&id, 900));
            racers.spawn(async move { keyed(&client, request).await });
        }
        let (won, codes) = told(racers.join_all().await);
        assert_eq!(won, 1, "900 of 1500, round {round}: {codes:?}");
        assert!(codes.iter().all(|code| code == "refund_exceeds_remaining"), "{codes:?}");
    }
    check_books(&world).await;
}

async fn many_refunds_take_exactly_what_was_paid(engine: Engine) {
    let world = World::new(engine).await;
    let client = world.client(Wire::Grpc);
    let id = client.call(world.order()).await.expect("an order").id();
    let payment = keyed(&client, pay(&id, 1000, "named")).await.expect("a payment").id();
    keyed(&client, pay(&id, 500, "other")).await.expect("a payment");
    let line = client.call(pb::GetOrderRequest { order_id: id.clone() }).await.expect("the order").text("/items/0/id");
    let mut racers = JoinSet::new();
    for (place, wire) in wires().take(48).enumerate() {
        let request = match place % 4 {
            0 => pb::CreateRefundRequest { payment_id: payment.clone(), ..refund(&id, 110) },
            1 => remaining(&id),
            2 => {
                let items = vec![pb::create_refund_request::Item { item_id: line.clone(), quantity: 1 }];
                pb::CreateRefundRequest { amount: None, items, ..refund(&id, 0) }
            }
            _ => refund(&id, 70),
        };
        racers.spawn(lives(world.client(wire), request, place));
    }
    let codes: Vec<String> = racers.join_all().await.into_iter().flatten().collect();
    assert!(codes.iter().all(|code| code == "refund_exceeds_remaining"), "{codes:?}");
    check_books(&world).await;
    let claims = "SELECT CAST(SUM(amount) AS BIGINT) FROM refunds WHERE status IN ('PENDING', 'SUCCEEDED')";
    let before = world.database.count(&format!("SELECT COALESCE(({claims}), 0)")).await;
    assert!(before <= 1500, "{before}");
    if before < 1500 {
        keyed(&client, remaining(&id)).await.expect("the rest");
    }
    assert_eq!(world.database.count(claims).await, 1500);
    check_books(&world).await;
}

/// Asks for a refund, which fails and is tried again, succeeds or is canceled; the codes of what was refused.
async fn lives(client: Client, request: pb::CreateRefundRequest, place: usize) -> Vec<String> {
    let asked = match keyed(&client, request).await {
        Ok(asked) => asked.id(),
        Err(failed) => return vec![failed.refusal().code],
    };
    let steps = match place % 3 {
        0 => {
            client.call(failed(&asked)).await.expect("it is pending");
            vec![client.call(retry(&asked)).await]
        }
        1 => vec![client.call(succeeded(&asked)).await],
        _ => vec![client.call(cancel(&asked)).await],
    };
    told(steps).1
}

async fn a_payment_is_voided_or_given_back(engine: Engine) {
    let world = World::new(engine).await;
    for round in 0..8 {
        let staff = world.client(Wire::Grpc);
        let id = staff.call(world.order()).await.expect("an order").id();
        let payment = keyed(&staff, pay(&id, 1500, &id)).await.expect("a payment").id();
        let mut racers = JoinSet::new();
        for (place, wire) in wires().take(12).enumerate() {
            let (client, void) = (world.client(wire), void(&payment));
            let named = if round % 2 == 0 { payment.clone() } else { String::new() };
            let give = pb::CreateRefundRequest { payment_id: named, ..refund(&id, 1500) };
            racers
                .spawn(async move { if place % 4 < 2 { client.call(void).await } else { keyed(&client, give).await } });
        }
        let (won, codes) = told(racers.join_all().await);
        let count = |code: &str| codes.iter().filter(|found| *found == code).count();
        let (kept, refused) = (count("payment_in_use"), count("refund_exceeds_remaining"));
        assert_eq!(kept + refused + won, 12, "{codes:?}");
        // Voiding again is no fault: either all six are through, or one of the six refunds is.
        assert!((won, kept, refused) == (6, 0, 6) || (won, kept, refused) == (1, 6, 5), "{won} won, {codes:?}");
    }
    check_books(&world).await;
}

async fn of_two_retries_one_wins(engine: Engine) {
    let world = World::new(engine).await;
    for _ in 0..8 {
        let staff = world.client(Wire::Grpc);
        let id = paid(&world, &staff).await;
        let mut ids = Vec::new();
        for _ in 0..4 {
            let asked = keyed(&staff, refund(&id, 900)).await.expect("a refund").id();
            staff.call(failed(&asked)).await.expect("failed");
            ids.push(asked);
        }
        let mut racers = JoinSet::new();
        for (asked, wire) in ids.into_iter().zip(wires()) {
            let client = world.client(wire);
            racers.spawn(async move { client.call(retry(&asked)).await });
        }
        let (won, codes) = told(racers.join_all().await);
        assert_eq!((won, codes), (1, vec!["refund_exceeds_remaining".to_owned(); 3]));
    }
    check_books(&world).await;
}

async fn a_refund_has_one_end(engine: Engine) {
    let world = World::new(engine).await;
    for _ in 0..8 {
        let staff = world.client(Wire::Grpc);
        let id = paid(&world, &staff).await;
        let asked = keyed(&staff, refund(&id, 900)).await.expect("a refund").id();
        let mut racers = JoinSet::new();
        for (place, wire) in wires().take(12).enumerate() {
            let (client, asked) = (world.client(wire), asked.clone());
            racers.spawn(async move {
                if place % 4 < 2 { client.call(succeeded(&asked)).await } else { client.call(cancel(&asked)).await }
            });
        }
        let (won, codes) = told(racers.join_all().await);
        assert_eq!((won, codes), (6, vec!["illegal_transition".to_owned(); 6]), "the same move again is none");
        let told = world.database.told(&asked).await;
        assert_eq!(told.len(), 2, "{told:?}");
    }
    check_books(&world).await;
}
