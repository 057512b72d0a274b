//! Deciding on an approval. One decision ends it, and its subject moves on in the same transaction.

use super::{allowed_actions, approver, party, save, subjects};
use crate::app::{Call, Error, Thing};
use crate::domain::approval::{Approval, ApprovalAction, ApprovalMove, Verdict};
use crate::domain::event::EventType;
use crate::domain::ids::ApprovalId;
use crate::domain::states::Machine;
use crate::store::approvals as rows;

/// Says yes.
pub async fn approve(call: &Call, step: ApprovalMove) -> Result<Approval, Error> {
    let (approval, is_news) = decide(call, step, Verdict::Approve, EventType::ApprovalApproved).await?;
    if is_news {
        subjects::approved(call, approval.subject, approval.subject_id).await?;
    }
    Ok(approval)
}

/// Says no.
pub async fn reject(call: &Call, step: ApprovalMove) -> Result<Approval, Error> {
    let (approval, is_news) = decide(call, step, Verdict::Reject, EventType::ApprovalRejected).await?;
    if is_news {
        subjects::rejected(call, approval.subject, approval.subject_id, &approval.reason).await?;
    }
    Ok(approval)
}

/// The approval after a decision, and whether it was made only now. Who may not decide is told so whatever was decided.
async fn decide(
    call: &Call,
    step: ApprovalMove,
    verdict: Verdict,
    event: EventType,
) -> Result<(Approval, bool), Error> {
    let (before, kept) = lock(call, step.id).await?;
    before.check_decider(&call.caller.owner, approver(call.caller.role))?;
    match before.status.asks(verdict.action()) {
        None => Err(Error::IllegalTransition {
            from: before.status.as_str(),
            action: verdict.action().as_str(),
            allowed: allowed_actions(&call.caller, &before).into_iter().map(ApprovalAction::as_str).collect(),
            field: None,
        }),
        Some(false) => Ok((before, false)),
        Some(true) => {
            let approval = before.decided(verdict, party(call), step.reason, call.now);
            call.because(&approval.reason);
            save(call, kept, &approval, event).await?;
            Ok((approval, true))
        }
    }
}

/// Locks the subject and then the approval, as those do who move the subject: in the other order, the two would wait for
/// each other. Answers the approval as it is now, and the version that is kept of it.
async fn lock(call: &Call, id: ApprovalId) -> Result<(Approval, i64), Error> {
    let found = rows::get(&call.tx, &call.scope(), id).await?;
    let found = found.ok_or(Error::NotFound { thing: Thing::Approval, field: None })?;
    subjects::lock(call, found.subject, found.subject_id).await?;
    let kept = rows::get_for_write(&call.tx, &call.scope(), id).await?;
    let version = kept.as_ref().map_or(0, |approval| approval.version);
    let approval = call.expect(Thing::Approval, kept.map(|approval| approval.at(call.now)))?;
    Ok((approval, version))
}
