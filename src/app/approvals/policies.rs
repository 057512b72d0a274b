//! Use cases of approval policies. What was asked for stays as it was asked, whatever becomes of the policy.

use crate::app::{Call, Error, Page, Placed, Read, Thing};
use crate::domain::approval::{ApprovalPolicy, NewPolicy, PolicyList, PolicyPatch};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{ApprovalPolicyId, TypedId};
use crate::store::{Position, approval_policies as rows};

impl Placed for ApprovalPolicy {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates a policy.
pub async fn create_policy(call: &Call, new: NewPolicy) -> Result<ApprovalPolicy, Error> {
    let policy = ApprovalPolicy::new(call.id(), new, call.now);
    rows::insert(&call.tx, &call.scope(), &policy).await?;
    call.tell(EventType::ApprovalPolicyCreated, Subject::ApprovalPolicy(&policy));
    Ok(policy)
}

/// The policy with this id.
pub async fn get_policy(call: &Read, id: ApprovalPolicyId) -> Result<ApprovalPolicy, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::ApprovalPolicy, field: None })
}

/// A page of policies.
pub async fn list_policies(call: &Read, list: &PolicyList) -> Result<Page<ApprovalPolicy>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// Changes a policy. An update that changes nothing leaves no trace.
pub async fn update_policy(call: &Call, (id, patch): (ApprovalPolicyId, PolicyPatch)) -> Result<ApprovalPolicy, Error> {
    let before = for_write(call, id).await?;
    let policy = before.updated(patch, call.now);
    if policy != before {
        rows::save(&call.tx, &call.scope(), &before, &policy).await?;
        call.tell(EventType::ApprovalPolicyUpdated, Subject::ApprovalPolicy(&policy));
    }
    Ok(policy)
}

/// Deletes a policy.
pub async fn delete_policy(call: &Call, id: ApprovalPolicyId) -> Result<(), Error> {
    let before = for_write(call, id).await?;
    rows::delete(&call.tx, &call.scope(), &before).await?;
    call.tell(EventType::ApprovalPolicyDeleted, Subject::ApprovalPolicy(&before.deleted(call.now)));
    Ok(())
}

async fn for_write(call: &Call, id: ApprovalPolicyId) -> Result<ApprovalPolicy, Error> {
    call.expect(Thing::ApprovalPolicy, rows::get_for_write(&call.tx, &call.scope(), id).await?)
}
