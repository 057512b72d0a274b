//! Approvals: somebody else's yes to an order, a quote or a refund.
//!
//! What needs one calls [`require`] while it holds its own row, and waits in a pending state; when it changes or goes, it
//! calls [`void`]. What becomes of it after a decision, it is told through `subjects`.

mod ask;
mod decide;
mod expiry;
mod policies;
mod subjects;

pub use ask::{Ask, require, void};
pub use decide::{approve, reject};
pub use expiry::sweep_approvals;
pub use policies::{create_policy, delete_policy, get_policy, list_policies, update_policy};

use super::{Call, Caller, Error, Page, Placed, Read, Thing};
use crate::contract::policy::{self, Role};
use crate::domain::approval::{Approval, ApprovalAction, ApprovalList, Approver, Barred, Party};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{ApprovalId, TypedId};
use crate::domain::states::Machine;
use crate::store::{Position, approvals as rows};

impl Placed for Approval {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

impl From<Barred> for Error {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Own => Self::OwnRequest,
            Barred::Role(approver) => Self::RoleRequired { role: role_of(approver) },
        }
    }
}

/// The approval with this id.
pub async fn get(call: &Read, id: ApprovalId) -> Result<Approval, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    let found = found.ok_or(Error::NotFound { thing: Thing::Approval, field: None })?;
    Ok(found.at(call.app.clock.now()))
}

/// A page of approvals.
pub async fn list(call: &Read, list: &ApprovalList) -> Result<Page<Approval>, Error> {
    let now = call.app.clock.now();
    let fetch = async |after, limit| {
        let found = rows::list(&call.reader, &call.scope(), &list.filter, now, (list.page.sort, after), limit).await?;
        Ok(found.into_iter().map(|approval| approval.at(now)).collect())
    };
    call.page(&list.page, fetch).await
}

/// What this caller may do with an approval now.
#[must_use]
pub fn allowed_actions(caller: &Caller, approval: &Approval) -> Vec<ApprovalAction> {
    if approval.check_decider(&caller.owner, approver(caller.role)).is_err() {
        return Vec::new();
    }
    let may = |action: &ApprovalAction| match action {
        ApprovalAction::Approve => policy::APPROVE_APPROVAL.permission.is_none_or(|needed| caller.may(needed)),
        ApprovalAction::Reject => policy::REJECT_APPROVAL.permission.is_none_or(|needed| caller.may(needed)),
        ApprovalAction::Void | ApprovalAction::Expire => false,
    };
    approval.status.legal().into_iter().filter(may).collect()
}

/// What a role may decide; `None`: nothing.
fn approver(role: Option<Role>) -> Option<Approver> {
    match role? {
        Role::Manager => Some(Approver::Manager),
        Role::Admin => Some(Approver::Admin),
        Role::Platform => Some(Approver::Platform),
        Role::Operator | Role::Viewer | Role::Partner | Role::Agent => None,
    }
}

const fn role_of(approver: Approver) -> Role {
    match approver {
        Approver::Manager => Role::Manager,
        Approver::Admin => Role::Admin,
        Approver::Platform => Role::Platform,
    }
}

fn party(call: &Call) -> Party {
    Party { key: call.caller.key, owner: call.caller.owner.clone() }
}

async fn save(call: &Call, before: i64, approval: &Approval, event: EventType) -> Result<(), Error> {
    rows::save(&call.tx, &call.scope(), before, approval).await?;
    call.tell(event, Subject::Approval(approval));
    Ok(())
}
