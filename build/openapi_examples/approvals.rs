//! The examples of approvals and their policies: an order that is large enough needs somebody else's yes.

use transcode_build::object;
use transcode_build::openapi::Object;

use super::{CUSTOMER, KEY, ORDER, TIME, gbp};

pub(super) const POLICY: &str = "pol_01h455vb4pex5vsknk084sn02q";
pub(super) const APPROVAL: &str = "apr_01h455vb4pex5vsknk084sn02q";

/// The example of a message.
pub(super) fn message(name: &str) -> Option<Object> {
    Some(match name {
        "CreateApprovalPolicyRequest" => policy_fields(),
        "ApprovalPolicy" => policy(),
        "ApprovalPolicyPatch" => object! { "expires_after": "86400s" },
        "ListApprovalPoliciesResponse" => object! { "approval_policies": vec![policy()], "next_page_token": "" },
        "Approval" => approval(),
        "ListApprovalsResponse" => object! { "approvals": vec![approval()], "next_page_token": "" },
        "ApproveApprovalRequest" => object! { "reason": "within the budget" },
        "RejectApprovalRequest" => object! { "reason": "too large for a new customer" },
        _ => return None,
    })
}

fn policy_fields() -> Object {
    object! {
        "name": "Large orders",
        "subject": "ORDER",
        "tiers": vec![
            object! { "amount_over": gbp("100000"), "role": "MANAGER" },
            object! { "amount_over": gbp("1000000"), "role": "ADMIN" },
        ],
        "expires_after": "604800s",
    }
}

fn policy() -> Object {
    let mut policy = object! { "id": POLICY };
    policy.extend(policy_fields());
    policy.extend(object! { "metadata": Object::new(), "etag": "v1", "create_time": TIME, "update_time": TIME });
    policy
}

fn approval() -> Object {
    object! {
        "id": APPROVAL,
        "subject": "ORDER",
        "subject_id": ORDER,
        "customer_id": CUSTOMER,
        "status": "PENDING",
        "amount": gbp("300000"),
        "discount_bps": 0,
        "role": "MANAGER",
        "policy_ids": vec![POLICY],
        "requested_by": "ada",
        "requester": KEY,
        "reason": "",
        "decided_by": "",
        "decider": "",
        "expire_time": "2026-03-08T09:30:00.123456Z",
        "allowed_actions": vec!["approve", "reject"],
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}
