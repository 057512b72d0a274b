//! `ApprovalService`.

use super::pages;
use crate::app::approvals::{self, allowed_actions};
use crate::app::{Call, Caller, Error, Read};
use crate::contract::pb;
use crate::domain::approval::{Approval, ApprovalList, ApprovalMove, NewPolicy, PolicyList, PolicyPatch};
use crate::domain::ids::{ApprovalId, ApprovalPolicyId};
use crate::domain::page::View;
use crate::present::approvals as show;

pub(super) async fn create_approval_policy(call: &Call, new: NewPolicy) -> Result<pb::ApprovalPolicy, Error> {
    Ok(show::policy(&approvals::create_policy(call, new).await?))
}

pub(super) async fn get_approval_policy(call: &Read, id: ApprovalPolicyId) -> Result<pb::ApprovalPolicy, Error> {
    Ok(show::policy(&approvals::get_policy(call, id).await?))
}

pub(super) async fn list_approval_policies(
    call: &Read,
    list: PolicyList,
) -> Result<pb::ListApprovalPoliciesResponse, Error> {
    let page = approvals::list_policies(call, &list).await?;
    let (approval_policies, next_page_token) = pages::fit(&page, show::policy_in(list.page.view));
    Ok(pb::ListApprovalPoliciesResponse { approval_policies, next_page_token })
}

pub(super) async fn update_approval_policy(
    call: &Call,
    update: (ApprovalPolicyId, PolicyPatch),
) -> Result<pb::ApprovalPolicy, Error> {
    Ok(show::policy(&approvals::update_policy(call, update).await?))
}

pub(super) async fn delete_approval_policy(call: &Call, id: ApprovalPolicyId) -> Result<(), Error> {
    approvals::delete_policy(call, id).await
}

pub(super) async fn get_approval(call: &Read, id: ApprovalId) -> Result<pb::Approval, Error> {
    Ok(full(&call.caller, &approvals::get(call, id).await?))
}

pub(super) async fn list_approvals(call: &Read, list: ApprovalList) -> Result<pb::ListApprovalsResponse, Error> {
    let page = approvals::list(call, &list).await?;
    let (approvals, next_page_token) = pages::fit(&page, |approval| match list.page.view {
        View::Basic => show::basic_approval(approval),
        View::Full => full(&call.caller, approval),
    });
    Ok(pb::ListApprovalsResponse { approvals, next_page_token })
}

pub(super) async fn approve_approval(call: &Call, step: ApprovalMove) -> Result<pb::Approval, Error> {
    Ok(full(&call.caller, &approvals::approve(call, step).await?))
}

pub(super) async fn reject_approval(call: &Call, step: ApprovalMove) -> Result<pb::Approval, Error> {
    Ok(full(&call.caller, &approvals::reject(call, step).await?))
}

fn full(caller: &Caller, approval: &Approval) -> pb::Approval {
    show::approval(approval, &allowed_actions(caller, approval))
}
