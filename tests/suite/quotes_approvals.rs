//! Quotes that need somebody else's yes: what becomes of them when it comes, when it does not, and when nobody waits for it.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;
use tradepost::contract::pb;

use crate::approvals::{approve, guard, person, reject};
use crate::quotes::{accept, get, revise, send, submit, withdraw};
use crate::support::cases::approvals::{of, policy, tier};
use crate::support::client::{Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::world::{TEAPOT, World, after, quote};

on_both_engines! {
    an_approved_quote_needs_no_second_approval,
    a_rejected_quote_is_a_draft_again,
    nobody_decides_on_what_is_gone,
    who_wrote_a_version_does_not_approve_the_next,
}

/// Every quote needs the yes of a manager from now on. Answers a clerk, who writes quotes, and a manager, who decides.
async fn desk(world: &World, wire: Wire) -> (Client, Client) {
    let of_quotes = pb::approval_policy::Subject::Quote.into();
    let all = pb::CreateApprovalPolicyRequest { subject: of_quotes, ..policy(&[tier(None, None, pb::Role::Manager)]) };
    world.client(wire).call(all).await.expect("a policy");
    (person(world, wire, pb::Role::Operator, "clerk").await, person(world, wire, pb::Role::Manager, "mia").await)
}

/// A quote that waits, and its approval.
async fn pending(clerk: &Client, manager: &Client, request: pb::CreateQuoteRequest) -> (String, String) {
    let id = clerk.call(request).await.expect("a quote").id();
    assert_eq!(clerk.call(submit(&id)).await.expect("submitted").text("/status"), "PENDING_APPROVAL");
    let approval = of(manager, &id).await;
    (id, approval)
}

async fn status(manager: &Client, approval_id: &str) -> String {
    crate::approvals::get(manager, approval_id).await.text("/status")
}

async fn an_approved_quote_needs_no_second_approval(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let (clerk, manager) = desk(&world, wire).await;
        let (id, approval) = pending(&clerk, &manager, quote(&world.customer, &[(TEAPOT, 2)])).await;
        let asked = crate::approvals::get(&manager, &approval).await;
        assert_eq!((asked.text("/subject"), asked.text("/amount/minor_units")), ("QUOTE".into(), "3000".into()));
        assert_eq!(
            clerk.call(submit(&id)).await.expect("again").text("/etag"),
            "v2",
            "no second approval is asked for"
        );
        let early = clerk.call(send(&id)).await.expect_err("nobody has decided").refusal();
        assert_eq!((early.code.as_str(), &early.metadata["from"]), ("illegal_transition", &json!("PENDING_APPROVAL")));
        manager.call(approve(&approval)).await.expect("approved");
        let approved = get(&clerk, &id).await;
        assert_eq!((approved.text("/status"), approved.text("/etag")), ("APPROVED".into(), "v3".into()));
        assert_ne!(approved.json["approve_time"], approved.json["submit_time"]);
        clerk.call(send(&id)).await.expect("sent");
        let accepted = clerk.call(accept(&id)).await.expect("accepted");
        let order = clerk.call(pb::GetOrderRequest { order_id: accepted.text("/order_id") }).await.expect("the order");
        assert_eq!((order.text("/status"), order.text("/quote_id")), ("PLACED".into(), id));
    }
}

async fn a_rejected_quote_is_a_draft_again(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let (clerk, manager) = desk(&world, wire).await;
        let (id, first) = pending(&clerk, &manager, quote(&world.customer, &[(TEAPOT, 2)])).await;
        manager.call(reject(&first)).await.expect("rejected");
        let drafted = get(&clerk, &id).await;
        assert_eq!((drafted.text("/status"), drafted.text("/etag")), ("DRAFT".into(), "v3".into()));
        assert_eq!(drafted.json["allowed_actions"], json!(["submit", "withdraw", "update"]));
        let note = pb::QuotePatch { note: Some("cheaper".into()), ..Default::default() };
        let edit = pb::UpdateQuoteRequest { quote_id: id.clone(), quote: Some(note), ..Default::default() };
        clerk.call(edit).await.expect("edited");
        clerk.call(submit(&id)).await.expect("submitted again");
        let second = of(&manager, &id).await;
        assert_ne!(second, first);
        manager.call(approve(&second)).await.expect("approved");
        assert_eq!(get(&clerk, &id).await.text("/status"), "APPROVED");
    }
    let types = world.database.texts("SELECT type FROM events WHERE type LIKE 'quote.%' ORDER BY id").await;
    let expected = ["created", "approval_requested", "rejected", "updated", "approval_requested", "approved"];
    assert_eq!(types, [expected; 2].concat().into_iter().map(|name| format!("quote.{name}")).collect::<Vec<_>>());
}

async fn nobody_decides_on_what_is_gone(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let (clerk, manager) = desk(&world, wire).await;
        let asked = || quote(&world.customer, &[(TEAPOT, 1)]);
        let valid_until = Some(after(Duration::from_millis(2_500)));
        let (late, of_late) = pending(&clerk, &manager, pb::CreateQuoteRequest { valid_until, ..asked() }).await;
        let (withdrawn, of_withdrawn) = pending(&clerk, &manager, asked()).await;
        let (revised, of_revised) = pending(&clerk, &manager, asked()).await;
        clerk.call(withdraw(&withdrawn)).await.expect("withdrawn");
        let next = clerk.call(revise(&revised)).await.expect("revised");
        assert_eq!((next.text("/status"), next.json["version"].clone()), ("DRAFT".into(), json!(2)));
        for approval in [of_withdrawn, of_revised] {
            assert_eq!(status(&manager, &approval).await, "VOIDED");
            let refusal = manager.call(approve(&approval)).await.expect_err("voided").refusal();
            assert_eq!(refusal.code, "illegal_transition");
        }
        sleep(Duration::from_millis(2_600)).await;
        assert_eq!(get(&clerk, &late).await.text("/status"), "EXPIRED");
        let refusal = manager.call(approve(&of_late)).await.expect_err("too late").refusal();
        assert!(["quote_expired", "illegal_transition"].contains(&refusal.code.as_str()), "{refusal:?}");
        for _ in 0..50 {
            if status(&manager, &of_late).await == "VOIDED" {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(status(&manager, &of_late).await, "VOIDED");
    }
}

async fn who_wrote_a_version_does_not_approve_the_next(engine: Engine) {
    let world = World::new(engine).await;
    for wire in [Wire::Grpc, Wire::Rest] {
        let (clerk, author) = desk(&world, wire).await;
        let other = person(&world, wire, pb::Role::Manager, "noa").await;
        let first = author.call(quote(&world.customer, &[(TEAPOT, 2)])).await.expect("a quote").id();
        author.call(submit(&first)).await.expect("submitted");
        let second = clerk.call(revise(&first)).await.expect("revised").id();
        clerk.call(submit(&second)).await.expect("submitted");
        let approval = of(&other, &second).await;
        let refusal = author.call(approve(&approval)).await.expect_err("their own words").refusal();
        assert_eq!(refusal.code, "permission_denied");
        other.call(approve(&approval)).await.expect("approved");
        assert_eq!(get(&clerk, &second).await.text("/status"), "APPROVED");
    }
}
