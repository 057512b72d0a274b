//! How approvals end: by one decision, with what they are about, or because nobody decided in time.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tradepost::contract::pb;

use crate::approvals::{approve, get, guard, person, reject};
use crate::order_moves::cancel;
use crate::support::cases::approvals::of;
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Failed;
use crate::support::world::World;

on_both_engines! {
    one_no_ends_it,
    what_goes_takes_its_approval_along,
    nobody_decides_after_its_time,
    of_many_decisions_one_counts,
    a_decision_and_a_cancellation_do_not_both_happen,
    lists_find_approvals,
}

/// An order that waits, and its approval.
async fn waiting(world: &World, clerk: &Client) -> (String, String) {
    let placed = clerk.call(world.order()).await.expect("an order");
    assert_eq!(placed.text("/status"), "PENDING_APPROVAL");
    let approval = of(clerk, &placed.id()).await;
    (placed.id(), approval)
}

async fn order(client: &Client, order_id: &str) -> Answer {
    client.call(pb::GetOrderRequest { order_id: order_id.to_owned() }).await.expect("the order")
}

/// Somebody who places orders, and somebody who decides.
async fn people(world: &World, wire: Wire) -> (Client, Client) {
    let clerk = person(world, wire, pb::Role::Operator, "ada").await;
    (clerk, person(world, wire, pb::Role::Manager, "bob").await)
}

async fn one_no_ends_it(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    for wire in Wire::ALL {
        let (clerk, bob) = people(&world, wire).await;
        let (order_id, id) = waiting(&world, &clerk).await;
        let rejected = bob.call(reject(&id)).await.expect("rejected");
        assert_eq!(
            (rejected.text("/status"), rejected.text("/reason")),
            ("REJECTED".to_owned(), "too much".to_owned())
        );
        let seen = order(&clerk, &order_id).await;
        assert_eq!((seen.text("/status"), seen.text("/cancel_reason")), ("REJECTED".to_owned(), "too much".to_owned()));
        let refusal = bob.call(approve(&id)).await.expect_err("it is over").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!("REJECTED")));
        assert_eq!(world.database.told(&order_id).await, ["1 order.approval_requested", "2 order.rejected"]);
    }
}

async fn what_goes_takes_its_approval_along(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    for wire in Wire::ALL {
        let (clerk, bob) = people(&world, wire).await;
        let (order_id, id) = waiting(&world, &clerk).await;
        clerk.call(cancel(&order_id)).await.expect("canceled");
        let voided = get(&bob, &id).await;
        assert_eq!((voided.text("/status"), voided.text("/etag")), ("VOIDED".to_owned(), "v2".to_owned()));
        assert_eq!((voided.text("/decided_by"), &voided.json["allowed_actions"]), (String::new(), &json!([])));
        let refusal = bob.call(approve(&id)).await.expect_err("gone").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!("VOIDED")));
        assert_eq!(world.database.told(&id).await, ["1 approval.requested", "2 approval.voided"]);
        assert_eq!(order(&clerk, &order_id).await.text("/status"), "CANCELED");
    }
}

async fn nobody_decides_after_its_time(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    let (clerk, bob) = people(&world, Wire::Rest).await;
    let (order_id, id) = waiting(&world, &clerk).await;
    let (other, kept) = waiting(&world, &clerk).await;
    let past = "UPDATE approvals SET expire_time = create_time + 1";
    let sql_id = format!(
        "{past} WHERE subject_id = (SELECT resource_id FROM events WHERE type = 'order.approval_requested' ORDER BY id LIMIT 1)"
    );
    world.database.execute(&sql_id).await;
    // Whether or not the service has noticed yet.
    let expired = get(&bob, &id).await;
    assert_eq!((expired.text("/status"), expired.text("/etag")), ("EXPIRED".to_owned(), "v2".to_owned()));
    assert_eq!(
        (expired.text("/update_time"), &expired.json["allowed_actions"]),
        (expired.text("/expire_time"), &json!([]))
    );
    let refusal = bob.call(approve(&id)).await.expect_err("too late").refusal();
    assert_eq!((refusal.code.as_str(), &refusal.metadata["from"]), ("illegal_transition", &json!("EXPIRED")));
    for (status, expected) in [("PENDING", &kept), ("EXPIRED", &id)] {
        let listed = world.rest("GET", &format!("/v1/approvals?status={status}"), &[], b"").await.json();
        let ids: Vec<_> = listed["approvals"].as_array().expect("a list").iter().map(|row| &row["id"]).collect();
        assert_eq!(ids, [&json!(expected)], "{status}");
    }
    for _ in 0..100 {
        if order(&clerk, &order_id).await.text("/status") == "EXPIRED" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(order(&clerk, &order_id).await.text("/status"), "EXPIRED");
    assert_eq!(get(&bob, &id).await.json, expired.json, "what was written down is what was seen");
    assert_eq!(world.database.told(&id).await, ["1 approval.requested", "2 approval.expired"]);
    assert_eq!(world.database.told(&order_id).await, ["1 order.approval_requested", "2 order.expired"]);
    let events = pb::ListEventsRequest { resource_id: id.clone(), ..Default::default() };
    let events = world.client(Wire::Grpc).call(events).await.expect("events");
    assert_eq!(
        (events.text("/events/0/type"), events.text("/events/0/actor")),
        ("approval.expired".to_owned(), String::new())
    );
    bob.call(approve(&kept)).await.expect("the other one is not over");
    assert_eq!(order(&clerk, &other).await.text("/status"), "PLACED");
}

/// Calls at the same time: how many did what they say, and how many came too late.
async fn race(calls: Vec<(Client, bool)>, id: &str) -> (Vec<String>, usize) {
    let mut racers = JoinSet::new();
    for (client, is_yes) in calls {
        let id = id.to_owned();
        racers.spawn(
            async move { if is_yes { client.call(approve(&id)).await } else { client.call(reject(&id)).await } },
        );
    }
    let (mut done, mut late) = (Vec::new(), 0);
    for outcome in racers.join_all().await {
        match outcome.map_err(Failed::refusal) {
            Ok(answer) => done.push(answer.text("/status")),
            Err(refusal) => {
                assert_eq!(refusal.code, "illegal_transition", "{refusal:?}");
                late += 1;
            }
        }
    }
    (done, late)
}

async fn of_many_decisions_one_counts(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    let (clerk, _) = people(&world, Wire::Grpc).await;
    let mut deciders = Vec::new();
    for (place, wire) in Wire::ALL.into_iter().cycle().take(16).enumerate() {
        let owner = format!("decider {}", place % 5);
        deciders.push((person(&world, wire, pb::Role::Manager, &owner).await, place % 2 == 0));
    }
    for _ in 0..8 {
        let (order_id, id) = waiting(&world, &clerk).await;
        let (done, late) = race(deciders.clone(), &id).await;
        let status = get(&clerk, &id).await.text("/status");
        assert!(!done.is_empty() && done.iter().all(|seen| *seen == status), "{done:?} {status}");
        assert_eq!((done.len(), late), (8, 8), "the same decision again succeeds, the other one does not");
        let expected = if status == "APPROVED" { "PLACED" } else { "REJECTED" };
        let seen = order(&clerk, &order_id).await;
        assert_eq!((seen.text("/status"), seen.text("/etag")), (expected.to_owned(), "v2".to_owned()));
        assert_eq!(world.database.told(&id).await.len(), 2, "one decision");
    }
}

async fn a_decision_and_a_cancellation_do_not_both_happen(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    let (clerk, bob) = people(&world, Wire::Rest).await;
    let (mut order_id, mut id);
    for _ in 0..8 {
        (order_id, id) = waiting(&world, &clerk).await;
        let (decided, canceled) = tokio::join!(bob.call(reject(&id)), clerk.call(cancel(&order_id)));
        let statuses = (get(&clerk, &id).await.text("/status"), order(&clerk, &order_id).await.text("/status"));
        let statuses = (statuses.0.as_str(), statuses.1.as_str());
        match (decided.map_err(Failed::refusal), canceled.map_err(Failed::refusal)) {
            (Ok(_), Err(late)) => {
                assert_eq!((late.code.as_str(), statuses), ("illegal_transition", ("REJECTED", "REJECTED")));
            }
            (Err(late), Ok(_)) => {
                assert_eq!((late.code.as_str(), statuses), ("illegal_transition", ("VOIDED", "CANCELED")));
            }
            both => panic!("{both:?} {statuses:?}"),
        }
    }
}

async fn lists_find_approvals(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    let (clerk, bob) = people(&world, Wire::Grpc).await;
    let (first, second) = (waiting(&world, &clerk).await, waiting(&world, &clerk).await);
    bob.call(approve(&first.1)).await.expect("approved");
    let of_order = format!("/v1/approvals?subject_id={}", first.0);
    for (target, expected) in [
        ("/v1/approvals", vec![&second.1, &first.1]),
        ("/v1/approvals?order_by=create_time", vec![&first.1, &second.1]),
        ("/v1/approvals?status=PENDING&status=VOIDED", vec![&second.1]),
        ("/v1/approvals?status=APPROVED", vec![&first.1]),
        ("/v1/approvals?status=EXPIRED", vec![]),
        ("/v1/approvals?subject=ORDER&status=PENDING&status=APPROVED", vec![&second.1, &first.1]),
        ("/v1/approvals?subject=REFUND", vec![]),
        (&of_order, vec![&first.1]),
        (&format!("{of_order}&status=EXPIRED&status=PENDING"), vec![]),
        (&format!("{of_order}&status=EXPIRED&status=APPROVED"), vec![&first.1]),
    ] {
        let listed = world.rest("GET", target, &[], b"").await.json();
        let ids: Vec<_> = listed["approvals"].as_array().expect("a list").iter().map(|row| &row["id"]).collect();
        assert_eq!(
            ids,
            expected.into_iter().map(|id| json!(id)).collect::<Vec<_>>().iter().collect::<Vec<_>>(),
            "{target}"
        );
    }
    let listed = bob.call(pb::ListApprovalsRequest { view: pb::View::Full.into(), ..Default::default() }).await;
    let listed = listed.expect("a list");
    assert_eq!(listed.json["approvals"][0]["allowed_actions"], json!(["approve", "reject"]));
    assert_eq!(listed.json["approvals"][1]["allowed_actions"], json!([]));
}
