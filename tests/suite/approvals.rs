//! Approval policies, and who may decide on what they catch.

use serde_json::json;
use tradepost::contract::pb;

use crate::order_moves::place;
use crate::support::cases::approvals::{of, policy, tier};
use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::refusal::Refusal;
use crate::support::world::{TEAPOT, World, money, order};

on_both_engines! {
    policies_are_kept,
    policies_that_say_nothing_are_refused,
    nobody_decides_on_what_they_asked_for,
    nobody_decides_on_what_they_wrote,
    limits_have_a_currency_a_discount_and_a_role,
    what_nobody_could_approve_is_refused,
    keys_without_a_role_decide_nothing,
}

/// What says yes.
pub(crate) fn approve(approval_id: &str) -> pb::ApproveApprovalRequest {
    pb::ApproveApprovalRequest {
        approval_id: approval_id.to_owned(),
        reason: "looks right".to_owned(),
        ..Default::default()
    }
}

/// What says no.
pub(crate) fn reject(approval_id: &str) -> pb::RejectApprovalRequest {
    pb::RejectApprovalRequest {
        approval_id: approval_id.to_owned(),
        reason: "too much".to_owned(),
        ..Default::default()
    }
}

/// The approval with this id, as a client sees it.
pub(crate) async fn get(client: &Client, approval_id: &str) -> Answer {
    client.call(pb::GetApprovalRequest { approval_id: approval_id.to_owned() }).await.expect("an approval")
}

/// A client with a new key of this role and this person.
pub(crate) async fn person(world: &World, wire: Wire, role: pb::Role, owner: &str) -> Client {
    world.client(wire).with_key(&world.key_of(role, owner).await)
}

/// Every order needs the yes of a manager from now on.
pub(crate) async fn guard(world: &World) -> String {
    let all = policy(&[tier(None, None, pb::Role::Manager)]);
    world.client(Wire::Grpc).call(all).await.expect("a policy").id()
}

async fn policies_are_kept(engine: Engine) {
    let world = World::new(engine).await;
    for wire in Wire::ALL {
        let client = world.client(wire);
        let tiers = [
            tier(Some(money("GBP", 100_000)), None, pb::Role::Manager),
            tier(None, Some(0), pb::Role::Admin),
            tier(Some(money("JPY", 0)), Some(1000), pb::Role::Platform),
        ];
        let request = pb::CreateApprovalPolicyRequest { metadata: [("a".into(), "b".into())].into(), ..policy(&tiers) };
        let created = client.call(request).await.expect("a policy");
        assert_eq!(created.text("/expires_after"), "604800s", "seven days");
        assert_eq!(created.json["tiers"][0]["amount_over"], json!({"currency_code": "GBP", "minor_units": "100000"}));
        assert_eq!(created.json["tiers"][1]["discount_over_bps"], 0);
        assert_eq!(created.json["tiers"][2]["role"], "PLATFORM");
        let approval_policy_id = created.id();
        let get = pb::GetApprovalPolicyRequest { approval_policy_id: approval_policy_id.clone() };
        assert_eq!(client.call(get.clone()).await.expect("the policy").json, created.json);
        policies_are_listed(&client, &approval_policy_id).await;
        let patch = pb::ApprovalPolicyPatch {
            tiers: vec![tier(None, Some(500), pb::Role::Manager)],
            expires_after: Some(prost_types::Duration { seconds: 60, nanos: 0 }),
            ..Default::default()
        };
        let update = |patch, paths: &[&str]| pb::UpdateApprovalPolicyRequest {
            approval_policy_id: approval_policy_id.clone(),
            approval_policy: Some(patch),
            update_mask: Some(prost_types::FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() }),
            ..Default::default()
        };
        let changed = client.call(update(patch, &["tiers", "expires_after"])).await.expect("changed");
        assert_eq!((changed.text("/expires_after"), changed.text("/etag")), ("60s".to_owned(), "v2".to_owned()));
        assert_eq!(changed.json["tiers"].as_array().map(Vec::len), Some(1));
        let cleared =
            client.call(update(pb::ApprovalPolicyPatch::default(), &["expires_after"])).await.expect("cleared");
        assert_eq!(cleared.text("/expires_after"), "604800s");
        for field in ["name", "subject", "tiers"] {
            let refusal = client.call(update(pb::ApprovalPolicyPatch::default(), &[field])).await;
            let refusal = refusal.expect_err("cannot be cleared").refusal();
            let expected = format!("approval_policy.{field}");
            assert_eq!((refusal.code.as_str(), refusal.field), ("validation_failed", Some(expected)));
        }
        let delete =
            pb::DeleteApprovalPolicyRequest { approval_policy_id: approval_policy_id.clone(), ..Default::default() };
        client.call(delete).await.expect("deleted");
        assert_eq!(client.call(get).await.expect_err("gone").refusal().code, "approval_policy_not_found");
        let told = [
            "1 approval_policy.created",
            "2 approval_policy.updated",
            "3 approval_policy.updated",
            "4 approval_policy.deleted",
        ];
        assert_eq!(world.database.told(&approval_policy_id).await, told);
    }
}

async fn policies_are_listed(client: &Client, approval_policy_id: &str) {
    let list =
        pb::ListApprovalPoliciesRequest { subject: pb::approval_policy::Subject::Order.into(), ..Default::default() };
    let listed = client.call(list.clone()).await.expect("policies");
    assert_eq!(
        (listed.text("/approval_policies/0/id"), &listed.json["approval_policies"][0]["metadata"]),
        (approval_policy_id.to_owned(), &json!({}))
    );
    let quotes = pb::approval_policy::Subject::Quote;
    let others = client.call(pb::ListApprovalPoliciesRequest { subject: quotes.into(), ..list }).await;
    assert_eq!(others.expect("policies").json["approval_policies"], json!([]));
}

async fn policies_that_say_nothing_are_refused(engine: Engine) {
    let world = World::new(engine).await;
    let manager = || tier(None, None, pb::Role::Manager);
    let lasting = |seconds, nanos| pb::CreateApprovalPolicyRequest {
        expires_after: Some(prost_types::Duration { seconds, nanos }),
        ..policy(&[manager()])
    };
    for (request, field) in [
        (policy(&[]), "tiers"),
        (policy(&vec![manager(); 11]), "tiers"),
        (policy(&[tier(None, None, pb::Role::Operator)]), "tiers[0].role"),
        (policy(&[manager(), tier(None, None, pb::Role::Unspecified)]), "tiers[1].role"),
        (policy(&[tier(Some(money("GBP", -1)), None, pb::Role::Admin)]), "tiers[0].amount_over.minor_units"),
        (policy(&[tier(Some(money("ZZZ", 1)), None, pb::Role::Admin)]), "tiers[0].amount_over.currency_code"),
        (policy(&[tier(None, Some(10_001), pb::Role::Admin)]), "tiers[0].discount_over_bps"),
        (policy(&[tier(None, Some(-1), pb::Role::Admin)]), "tiers[0].discount_over_bps"),
        (pb::CreateApprovalPolicyRequest { name: String::new(), ..policy(&[manager()]) }, "name"),
        (pb::CreateApprovalPolicyRequest { subject: 0, ..policy(&[manager()]) }, "subject"),
        (lasting(59, 999_999_999), "expires_after"),
        (lasting(90 * 86_400, 1_000), "expires_after"),
        (lasting(-60, 0), "expires_after"),
    ] {
        for wire in [Wire::Grpc, Wire::Rest] {
            let refusal = world.client(wire).call(request.clone()).await.expect_err(field).refusal();
            let found = (refusal.code.as_str(), refusal.field.as_deref());
            assert_eq!(found, ("validation_failed", Some(field)), "{wire:?}");
        }
    }
    let wrong = world.rest("GET", "/v1/approvals?subject_id=cus_01h455vb4pex5vsknk084sn02q", &[], b"").await;
    assert_eq!(wrong.status, 422, "only what can be approved");
}

/// Refused for who asks, not for what the key may do in general.
fn barred(refusal: &Refusal) {
    assert_eq!(refusal.code, "permission_denied", "{refusal:?}");
    assert_eq!(refusal.metadata.get("permission"), None, "{refusal:?}");
}

async fn nobody_decides_on_what_they_asked_for(engine: Engine) {
    let world = World::new(engine).await;
    let by = guard(&world).await;
    for wire in Wire::ALL {
        let clerk = person(&world, wire, pb::Role::Operator, "ada").await;
        let ada = person(&world, wire, pb::Role::Admin, "ada").await;
        let bob = person(&world, wire, pb::Role::Manager, "bob").await;
        let placed = clerk.call(world.order()).await.expect("an order");
        assert_eq!(placed.text("/status"), "PENDING_APPROVAL");
        let id = of(&bob, &placed.id()).await;
        let seen = get(&bob, &id).await;
        assert_eq!((seen.text("/status"), seen.text("/requested_by")), ("PENDING".to_owned(), "ada".to_owned()));
        assert_eq!((seen.text("/subject"), seen.text("/subject_id")), ("ORDER".to_owned(), placed.id()));
        assert_eq!((&seen.json["amount"], seen.json["policy_ids"][0].as_str()), (&placed.json["total"], Some(&*by)));
        assert_eq!(
            (seen.text("/role"), &seen.json["allowed_actions"]),
            ("MANAGER".to_owned(), &json!(["approve", "reject"]))
        );
        assert_eq!(get(&ada, &id).await.json["allowed_actions"], json!([]), "it is hers");
        barred(&ada.call(approve(&id)).await.expect_err("her own").refusal());
        barred(&ada.call(reject(&id)).await.expect_err("her own").refusal());
        let refusal = clerk.call(approve(&id)).await.expect_err("a clerk").refusal();
        assert_eq!(refusal.metadata["permission"], "approvals.decide");
        let approved = bob.call(approve(&id)).await.expect("approved");
        assert_eq!((approved.text("/status"), approved.text("/decided_by")), ("APPROVED".to_owned(), "bob".to_owned()));
        assert_eq!((approved.text("/reason"), approved.text("/etag")), ("looks right".to_owned(), "v2".to_owned()));
        assert_eq!(
            (approved.text("/decide_time"), &approved.json["allowed_actions"]),
            (approved.text("/update_time"), &json!([]))
        );
        let order = clerk.call(pb::GetOrderRequest { order_id: placed.id() }).await.expect("the order");
        assert_eq!((order.text("/status"), order.text("/etag")), ("PLACED".to_owned(), "v2".to_owned()));
        assert_eq!(bob.call(approve(&id)).await.expect("again").json, approved.json, "the same decision again");
        let refusal = bob.call(reject(&id)).await.expect_err("decided").refusal();
        assert_eq!(refusal.metadata, json!({"from": "APPROVED", "action": "reject", "allowed": ""}));
        assert_eq!(refusal.code, "illegal_transition");
        assert_eq!(world.database.told(&id).await, ["1 approval.requested", "2 approval.approved"]);
    }
    let told = world.database.texts("SELECT CAST(data AS TEXT) FROM events WHERE type = 'approval.approved'").await;
    assert!(told.iter().all(|data| !data.contains("looks right") && !data.contains("bob")), "{told:?}");
}

async fn nobody_decides_on_what_they_wrote(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    let clerk = person(&world, Wire::Rest, pb::Role::Operator, "ada").await;
    let bob = person(&world, Wire::Grpc, pb::Role::Manager, "bob").await;
    let eve = person(&world, Wire::Rest, pb::Role::Manager, "eve").await;
    let drafted = clerk.call(crate::order_moves::draft(&world)).await.expect("a draft").id();
    let more = |order_id: &str, quantity| {
        let items = order(&world.customer, &[(TEAPOT, quantity)]).items;
        let patch = pb::OrderPatch { items, ..Default::default() };
        pb::UpdateOrderRequest { order_id: order_id.to_owned(), order: Some(patch), ..Default::default() }
    };
    bob.call(more(&drafted, 50)).await.expect("an edit");
    clerk.call(place(&drafted)).await.expect("placed");
    let id = of(&bob, &drafted).await;
    barred(&bob.call(approve(&id)).await.expect_err("his own edit").refusal());
    eve.call(approve(&id)).await.expect("approved");
    // What was approved is no longer what it is: the yes does not count for it, and who changed it does not decide.
    let edited = bob.call(more(&drafted, 60)).await.expect("an edit");
    assert_eq!(edited.text("/status"), "PENDING_APPROVAL");
    let second = of(&bob, &drafted).await;
    assert_ne!(second, id);
    barred(&bob.call(approve(&second)).await.expect_err("his own edit").refusal());
    assert_eq!(eve.call(approve(&id)).await.expect("the old one").text("/status"), "APPROVED");
    let order = clerk.call(pb::GetOrderRequest { order_id: drafted.clone() }).await.expect("the order");
    assert_eq!(order.text("/status"), "PENDING_APPROVAL", "the old yes changes nothing");
    eve.call(approve(&second)).await.expect("approved: she decided before, and wrote nothing");
}

async fn limits_have_a_currency_a_discount_and_a_role(engine: Engine) {
    let world = World::new(engine).await;
    let tiers = [
        tier(Some(money("GBP", 1500)), None, pb::Role::Manager),
        tier(Some(money("GBP", 15_000)), None, pb::Role::Admin),
        tier(Some(money("EUR", 1_000_000)), None, pb::Role::Manager),
    ];
    world.client(Wire::Grpc).call(policy(&tiers)).await.expect("a policy");
    let hour = Some(prost_types::Duration { seconds: 3600, nanos: 0 });
    let discounts = policy(&[tier(None, Some(1000), pb::Role::Platform)]);
    let discounts = pb::CreateApprovalPolicyRequest { expires_after: hour, ..discounts };
    world.client(Wire::Rest).call(discounts).await.expect("a policy");
    let clerk = person(&world, Wire::Grpc, pb::Role::Admin, "ada").await;
    let percent = |bps| Some(pb::Discount { amount: None, percent_bps: Some(bps) });
    for (quantity, currency, discount, role) in [
        (1, "GBP", None, ""),
        (2, "GBP", None, "MANAGER"),
        (10, "GBP", None, "MANAGER"),
        (11, "GBP", None, "ADMIN"),
        (11, "EUR", None, ""),
        (1, "GBP", percent(1000), ""),
        (1, "EUR", percent(1034), "PLATFORM"),
        (2, "GBP", percent(2000), "PLATFORM"),
    ] {
        let request = pb::CreateOrderRequest {
            currency_code: currency.to_owned(),
            discount: discount.clone(),
            ..order(&world.customer, &[(TEAPOT, quantity)])
        };
        let placed = clerk.call(request).await.expect("an order");
        let expected = if role.is_empty() { "PLACED" } else { "PENDING_APPROVAL" };
        assert_eq!(placed.text("/status"), expected, "{quantity} {currency} {discount:?}");
        if role.is_empty() {
            continue;
        }
        let id = of(&clerk, &placed.id()).await;
        assert_eq!(get(&clerk, &id).await.text("/role"), role, "{quantity} {currency} {discount:?}");
        for (rank, level) in [pb::Role::Manager, pb::Role::Admin, pb::Role::Platform].into_iter().enumerate() {
            let bob = person(&world, Wire::Rest, level, "bob").await;
            let needed = ["MANAGER", "ADMIN", "PLATFORM"].iter().position(|name| *name == role).expect("a role");
            let expected = if rank < needed { json!([]) } else { json!(["approve", "reject"]) };
            assert_eq!(get(&bob, &id).await.json["allowed_actions"], expected);
            if rank < needed {
                let refusal = bob.call(approve(&id)).await.expect_err("too low").refusal();
                assert_eq!((refusal.code.as_str(), &refusal.metadata["role"]), ("permission_denied", &json!(role)));
            } else {
                bob.call(approve(&id)).await.expect("high enough");
                break;
            }
        }
    }
}

async fn what_nobody_could_approve_is_refused(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    let staff = world.client(Wire::Grpc);
    let unsatisfiable = async |wire: Wire| {
        let refusal = world.client(wire).call(world.order()).await.expect_err("nobody else").refusal();
        assert_eq!((refusal.code.as_str(), &refusal.metadata["role"]), ("policy_unsatisfiable", &json!("MANAGER")));
    };
    unsatisfiable(Wire::Grpc).await;
    // The same person with another key is nobody else, and those who may not decide do not help.
    let itself = staff.call(pb::WhoamiRequest {}).await.expect("me").text("/owner");
    world.key_of(pb::Role::Admin, &itself).await;
    world.key_of(pb::Role::Operator, "ada").await;
    let expiring = pb::CreateApiKeyRequest {
        name: "soon over".to_owned(),
        role: pb::Role::Manager.into(),
        owner: "bob".to_owned(),
        ..Default::default()
    };
    let key = staff.call(expiring).await.expect("a key").text("/api_key/id");
    staff.call(world.order()).await.expect("bob could approve it");
    world.database.execute("UPDATE api_keys SET expire_time = 1 WHERE owner = 'bob'").await;
    unsatisfiable(Wire::Rest).await;
    world.database.execute("UPDATE api_keys SET expire_time = NULL WHERE owner = 'bob'").await;
    staff.call(pb::RevokeApiKeyRequest { api_key_id: key, ..Default::default() }).await.expect("revoked");
    unsatisfiable(Wire::GrpcWeb).await;
    assert_eq!(world.database.count("SELECT count(*) FROM orders").await, 1, "what was refused left nothing");
    assert_eq!(world.database.count("SELECT count(*) FROM approvals").await, 1);
    let drafted = staff.call(crate::order_moves::draft(&world)).await.expect("drafts need none").id();
    let refusal = staff.call(place(&drafted)).await.expect_err("nobody else").refusal();
    assert_eq!(refusal.code, "policy_unsatisfiable");
    // A person of another tenant is none of this one.
    world.stranger(Wire::Rest).await;
    unsatisfiable(Wire::Rest).await;
}

async fn keys_without_a_role_decide_nothing(engine: Engine) {
    let world = World::new(engine).await;
    guard(&world).await;
    let clerk = person(&world, Wire::Rest, pb::Role::Operator, "ada").await;
    let boss = person(&world, Wire::Rest, pb::Role::Manager, "bob").await;
    let one_by_one = pb::CreateApiKeyRequest {
        name: "robot".to_owned(),
        permissions: vec!["approvals.read".to_owned(), "approvals.decide".to_owned()],
        owner: "eve".to_owned(),
        ..Default::default()
    };
    let robot = world.client(Wire::Grpc).call(one_by_one).await.expect("a key").text("/key");
    let robot = world.client(Wire::Grpc).with_key(&robot);
    let placed = clerk.call(world.order()).await.expect("an order");
    let id = of(&robot, &placed.id()).await;
    assert_eq!(get(&robot, &id).await.json["allowed_actions"], json!([]));
    let refusal = robot.call(approve(&id)).await.expect_err("no role").refusal();
    assert_eq!((refusal.code.as_str(), &refusal.metadata["role"]), ("permission_denied", &json!("MANAGER")));
    boss.call(reject(&id)).await.expect("rejected");
}
