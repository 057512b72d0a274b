//! The cases of `ApprovalService`, and the approval that they are about.

use tradepost::contract::pb;

use super::{Case, Hidden, Things};
use crate::support::client::{Client, Wire};
use crate::support::world::{self, TEAPOT, World, money, order};

/// What an order must cost to need an approval: more than those of other cases do.
const LIMIT: i64 = 100_000_000;

/// A policy that only very large orders meet, and an approval of one that somebody else placed: the ids of both.
pub(crate) async fn pending(world: &World, customer: &str) -> (String, String) {
    let staff = world.client(Wire::Grpc);
    let policy = staff.call(policy(&[tier(Some(money("GBP", LIMIT)), None, pb::Role::Manager)])).await;
    let clerk = staff.with_key(&world.key_of(pb::Role::Operator, "clerk").await);
    let placed = clerk.call(order(customer, &[(TEAPOT, 1_000_000)])).await.expect("an order");
    assert_eq!(placed.text("/status"), "PENDING_APPROVAL");
    (policy.expect("a policy").id(), of(&staff, &placed.id()).await)
}

/// The newest approval of an order.
pub(crate) async fn of(client: &Client, order_id: &str) -> String {
    let list = pb::ListApprovalsRequest { subject_id: order_id.to_owned(), ..Default::default() };
    client.call(list).await.expect("approvals").text("/approvals/0/id")
}

/// What creates a policy about orders.
pub(crate) fn policy(tiers: &[pb::approval_policy::Tier]) -> pb::CreateApprovalPolicyRequest {
    pb::CreateApprovalPolicyRequest {
        name: "limits".to_owned(),
        subject: pb::approval_policy::Subject::Order.into(),
        tiers: tiers.to_vec(),
        ..Default::default()
    }
}

/// A limit.
pub(crate) fn tier(amount: Option<pb::Money>, discount: Option<i32>, role: pb::Role) -> pb::approval_policy::Tier {
    pb::approval_policy::Tier { amount_over: amount, discount_over_bps: discount, role: role.into() }
}

pub(super) fn case(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("approval_not_found");
    let approval_id = things.approval.clone();
    match name {
        "GetApproval" => Case::new(pb::GetApprovalRequest { approval_id }, hidden),
        "ListApprovals" => Case::new(pb::ListApprovalsRequest::default(), Hidden::Empty("approvals")),
        "ApproveApproval" => Case::new(pb::ApproveApprovalRequest { approval_id, ..Default::default() }, hidden),
        "RejectApproval" => Case::new(pb::RejectApprovalRequest { approval_id, ..Default::default() }, hidden),
        other => of_policies(other, things),
    }
}

fn of_policies(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("approval_policy_not_found");
    let approval_policy_id = things.policy.clone();
    match name {
        "CreateApprovalPolicy" => {
            let limit = tier(Some(world::money("GBP", LIMIT)), Some(9_999), pb::Role::Admin);
            Case::new(policy(&[limit]), Hidden::Nothing)
        }
        "GetApprovalPolicy" => Case::new(pb::GetApprovalPolicyRequest { approval_policy_id }, hidden),
        "ListApprovalPolicies" => {
            Case::new(pb::ListApprovalPoliciesRequest::default(), Hidden::Empty("approval_policies"))
        }
        "UpdateApprovalPolicy" => {
            let patch = pb::ApprovalPolicyPatch { name: Some(things.new_name.clone()), ..Default::default() };
            let approval_policy = Some(patch);
            Case::new(
                pb::UpdateApprovalPolicyRequest { approval_policy_id, approval_policy, ..Default::default() },
                hidden,
            )
        }
        "DeleteApprovalPolicy" => {
            Case::new(pb::DeleteApprovalPolicyRequest { approval_policy_id, ..Default::default() }, hidden)
        }
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
