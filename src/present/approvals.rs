//! Approvals and their policies.

use super::mask::Mask;
use super::parse::{Parser, parse_id};
use super::shared::{actor, money, page_request, time};
use crate::contract::pb;
use crate::domain::approval::{
    Approval, ApprovalAction, ApprovalFilter, ApprovalList, ApprovalMove, ApprovalPolicy, ApprovalStatus,
    ApprovalSubject, Approver, DEFAULT_EXPIRY, EXPIRIES, NewPolicy, PolicyFilter, PolicyList, PolicyPatch, Tier,
};
use crate::domain::etag::etag;
use crate::domain::ids::{ApprovalId, ApprovalPolicyId, OrderId, QuoteId, RefundId, TypedId};
use crate::domain::page::View;
use crate::domain::resource::Resource;
use crate::domain::violation::Violation;

/// What the contract says of how long approvals may wait.
const EXPIRY_RULE: &str = "must be 60s to 7776000s (90 days)";

impl TryFrom<pb::CreateApprovalPolicyRequest> for NewPolicy {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateApprovalPolicyRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let tiers = tiers(&mut parser, "tiers", &message.tiers);
        let expires_after = parser.duration("expires_after", message.expires_after, &EXPIRIES, EXPIRY_RULE);
        let subject = message.subject().as_str_name().parse().ok();
        parser.finish(subject.map(|subject| NewPolicy {
            name: message.name,
            subject,
            tiers,
            expires_after: expires_after.unwrap_or(DEFAULT_EXPIRY),
            metadata: message.metadata,
        }))
    }
}

/// The contract sees to it that each has a role that decides.
fn tiers(parser: &mut Parser, field: &str, messages: &[pb::approval_policy::Tier]) -> Vec<Tier> {
    let tiers = messages.iter().enumerate().filter_map(|(place, tier)| {
        let limit = |amount: &pb::Money| parser.price(&format!("{field}[{place}].amount_over"), amount);
        let amount_over = tier.amount_over.as_ref().and_then(limit);
        let role = tier.role().as_str_name().parse().ok()?;
        Some(Tier { amount_over, discount_over_bps: tier.discount_over_bps, role })
    });
    tiers.collect()
}

impl TryFrom<pb::GetApprovalPolicyRequest> for ApprovalPolicyId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetApprovalPolicyRequest) -> Result<Self, Vec<Violation>> {
        parse_id("approval_policy_id", &message.approval_policy_id)
    }
}

impl TryFrom<pb::ListApprovalPoliciesRequest> for PolicyList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListApprovalPoliciesRequest) -> Result<Self, Vec<Violation>> {
        let (mut parser, page) = (Parser::default(), page_request(&mut message));
        let filter = PolicyFilter {
            subject: message.subject().as_str_name().parse().ok(),
            created: parser.created(message.create_time_after, message.create_time_before),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::UpdateApprovalPolicyRequest> for (ApprovalPolicyId, PolicyPatch) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::UpdateApprovalPolicyRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let id = parser.id("approval_policy_id", &message.approval_policy_id);
        let (mask, new) = (Mask::from(message.update_mask), message.approval_policy.unwrap_or_default());
        let subject = new.subject.and_then(|_| new.subject().as_str_name().parse().ok());
        let field = "approval_policy.expires_after";
        let expires_after = parser.duration(field, new.expires_after, &EXPIRIES, EXPIRY_RULE);
        let tiers = tiers(&mut parser, "approval_policy.tiers", &new.tiers);
        let tiers = (!new.tiers.is_empty()).then_some(tiers);
        let patch = PolicyPatch {
            name: mask.required(&mut parser, "approval_policy.name", new.name),
            subject: mask.required(&mut parser, "approval_policy.subject", subject),
            tiers: mask.required(&mut parser, "approval_policy.tiers", tiers),
            expires_after: mask.value("expires_after", expires_after.unwrap_or(DEFAULT_EXPIRY)),
            metadata: mask.value("metadata", new.metadata),
        };
        parser.finish(id.map(|id| (id, patch)))
    }
}

impl TryFrom<pb::DeleteApprovalPolicyRequest> for ApprovalPolicyId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::DeleteApprovalPolicyRequest) -> Result<Self, Vec<Violation>> {
        parse_id("approval_policy_id", &message.approval_policy_id)
    }
}

impl TryFrom<pb::GetApprovalRequest> for ApprovalId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetApprovalRequest) -> Result<Self, Vec<Violation>> {
        parse_id("approval_id", &message.approval_id)
    }
}

impl TryFrom<pb::ListApprovalsRequest> for ApprovalList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListApprovalsRequest) -> Result<Self, Vec<Violation>> {
        message.status.sort_unstable();
        let (mut parser, page) = (Parser::default(), page_request(&mut message));
        let filter = ApprovalFilter {
            statuses: message.status().filter_map(|status| status.as_str_name().parse().ok()).collect(),
            subject: message.subject().as_str_name().parse().ok(),
            subject_id: parser.resource("subject_id", &message.subject_id).map(|thing: Resource| thing.id),
            created: parser.created(message.create_time_after, message.create_time_before),
        };
        parser.finish(Some(Self { filter, page }))
    }
}

impl TryFrom<pb::ApproveApprovalRequest> for ApprovalMove {
    type Error = Vec<Violation>;

    fn try_from(message: pb::ApproveApprovalRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self { id: parse_id("approval_id", &message.approval_id)?, reason: message.reason })
    }
}

impl TryFrom<pb::RejectApprovalRequest> for ApprovalMove {
    type Error = Vec<Violation>;

    fn try_from(message: pb::RejectApprovalRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self { id: parse_id("approval_id", &message.approval_id)?, reason: message.reason })
    }
}

/// A policy with everything.
#[must_use]
pub fn policy(policy: &ApprovalPolicy) -> pb::ApprovalPolicy {
    pb::ApprovalPolicy { metadata: policy.metadata.clone(), ..basic_policy(policy) }
}

/// As much of a policy as a view shows.
#[must_use]
pub fn policy_in(view: View) -> fn(&ApprovalPolicy) -> pb::ApprovalPolicy {
    match view {
        View::Basic => basic_policy,
        View::Full => policy,
    }
}

/// A policy as lists and events show it: without metadata.
#[must_use]
pub fn basic_policy(policy: &ApprovalPolicy) -> pb::ApprovalPolicy {
    let tier = |tier: &Tier| pb::approval_policy::Tier {
        amount_over: tier.amount_over.map(money),
        discount_over_bps: tier.discount_over_bps,
        role: role(tier.role).into(),
    };
    pb::ApprovalPolicy {
        id: policy.id.to_string(),
        name: policy.name.clone(),
        subject: subject(policy.subject).into(),
        tiers: policy.tiers.iter().map(tier).collect(),
        expires_after: policy.expires_after.try_into().ok(),
        etag: etag(policy.version),
        create_time: Some(time(policy.create_time)),
        update_time: Some(time(policy.update_time)),
        ..Default::default()
    }
}

/// An approval with everything.
#[must_use]
pub fn approval(approval: &Approval, actions: &[ApprovalAction]) -> pb::Approval {
    let allowed_actions = actions.iter().map(|action| action.as_str().to_owned()).collect();
    pb::Approval { allowed_actions, ..basic_approval(approval) }
}

/// An approval as lists show it.
#[must_use]
pub fn basic_approval(approval: &Approval) -> pb::Approval {
    let decision = approval.decision.as_ref();
    pb::Approval {
        id: approval.id.to_string(),
        subject: subject(approval.subject).into(),
        subject_id: subject_id(approval),
        customer_id: approval.customer.to_string(),
        status: status(approval.status).into(),
        amount: Some(money(approval.amount)),
        discount_bps: approval.discount_bps,
        role: role(approval.role).into(),
        policy_ids: approval.policies.iter().map(ToString::to_string).collect(),
        requested_by: approval.requested_by.owner.clone(),
        requester: actor(approval.requested_by.key),
        reason: approval.reason.clone(),
        decided_by: decision.map(|decision| decision.by.owner.clone()).unwrap_or_default(),
        decider: decision.map(|decision| actor(decision.by.key)).unwrap_or_default(),
        decide_time: decision.map(|decision| time(decision.time)),
        expire_time: Some(time(approval.expire_time)),
        etag: etag(approval.version),
        create_time: Some(time(approval.create_time)),
        update_time: Some(time(approval.update_time)),
        ..Default::default()
    }
}

/// An approval as events show it: without names of people and what they typed.
#[must_use]
pub fn told_approval(approval: &Approval) -> pb::Approval {
    let (requested_by, decided_by, reason) = Default::default();
    pb::Approval { requested_by, decided_by, reason, ..basic_approval(approval) }
}

fn subject_id(approval: &Approval) -> String {
    match approval.subject {
        ApprovalSubject::Order => OrderId::from_uuid(approval.subject_id).to_string(),
        ApprovalSubject::Quote => QuoteId::from_uuid(approval.subject_id).to_string(),
        ApprovalSubject::Refund => RefundId::from_uuid(approval.subject_id).to_string(),
    }
}

fn subject(subject: ApprovalSubject) -> pb::approval_policy::Subject {
    match subject {
        ApprovalSubject::Order => pb::approval_policy::Subject::Order,
        ApprovalSubject::Quote => pb::approval_policy::Subject::Quote,
        ApprovalSubject::Refund => pb::approval_policy::Subject::Refund,
    }
}

fn status(status: ApprovalStatus) -> pb::approval::Status {
    match status {
        ApprovalStatus::Pending => pb::approval::Status::Pending,
        ApprovalStatus::Approved => pb::approval::Status::Approved,
        ApprovalStatus::Rejected => pb::approval::Status::Rejected,
        ApprovalStatus::Voided => pb::approval::Status::Voided,
        ApprovalStatus::Expired => pb::approval::Status::Expired,
    }
}

fn role(approver: Approver) -> pb::Role {
    match approver {
        Approver::Manager => pb::Role::Manager,
        Approver::Admin => pb::Role::Admin,
        Approver::Platform => pb::Role::Platform,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enums_have_the_names_of_the_contract() {
        for known in ApprovalSubject::ALL {
            assert_eq!(subject(*known).as_str_name(), known.as_str());
        }
        for known in ApprovalStatus::ALL {
            assert_eq!(status(*known).as_str_name(), known.as_str());
        }
        for known in Approver::ALL {
            assert_eq!(role(*known).as_str_name(), known.as_str());
        }
    }
}
