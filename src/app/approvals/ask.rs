//! Asking for an approval, and taking that back.

use uuid::Uuid;

use super::{party, role_of, save, subjects};
use crate::app::{Call, Error};
use crate::domain::approval::{Approval, ApprovalStatus, ApprovalSubject, Approver, Matter, NewApproval, need};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{CustomerId, QuoteId, TypedId};
use crate::domain::money::Money;
use crate::domain::resource::{Resource, ResourceType};
use crate::store::{approval_policies, approvals as rows, audit, keys, quotes};

/// Something that may need an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// What it is.
    pub subject: ApprovalSubject,
    /// Which one.
    pub id: Uuid,
    /// Whose it is.
    pub customer: CustomerId,
    /// How much money it is about: the total of an order or a quote. Of a refund, all that would then be given back or
    /// claimed of its order: many small refunds do not pass where a large one would not.
    pub amount: Money,
    /// The discount in it, as `domain::approval::discount_bps` tells it; 0 of a refund.
    pub discount_bps: i32,
    /// The quote that it goes back to: who wrote that, or one that it revises, has written this.
    pub quote: Option<QuoteId>,
}

/// Quotes looked through for who wrote them: nobody revises more often.
const MOST_REVISIONS: u32 = 100;

/// Asks for an approval if a policy wants one: `true` when there is one to wait for now. One that was pending for the same
/// subject is voided. Whoever calls holds the row of the subject, and moves it into its pending state.
///
/// # Errors
/// `PolicyUnsatisfiable` when nobody could give it but those who made or changed the subject.
pub async fn require(call: &Call, ask: &Ask) -> Result<bool, Error> {
    void(call, ask.subject, ask.id).await?;
    let policies = approval_policies::about(&call.tx, &call.scope(), ask.subject).await?;
    let matter = Matter::new(ask.subject, ask.amount, ask.discount_bps);
    let Some(need) = need(&policies, &matter) else { return Ok(false) };
    let authors = authors(call, ask).await?;
    let roles: Vec<_> = Approver::ALL.iter().filter(|role| **role >= need.role).map(|role| role_of(*role)).collect();
    if !keys::somebody_else(&call.tx, &call.scope(), &roles, &authors, call.now).await? {
        return Err(Error::PolicyUnsatisfiable { role: role_of(need.role) });
    }
    let (subject_id, customer) = (ask.id, ask.customer);
    let new = NewApproval { subject_id, customer, matter, need, requested_by: party(call), authors };
    let approval = Approval::new(call.id(), new, call.now);
    rows::insert(&call.tx, &call.scope(), &approval).await?;
    call.tell(EventType::ApprovalRequested, Subject::Approval(&approval));
    Ok(true)
}

/// Voids the pending approval of a subject, if there is one; one that is due has expired instead. Whoever calls holds the row
/// of the subject.
pub async fn void(call: &Call, subject: ApprovalSubject, id: Uuid) -> Result<(), Error> {
    let Some(before) = rows::pending(&call.tx, &call.scope(), subject, id).await? else { return Ok(()) };
    let version = before.version;
    let seen = before.at(call.now);
    if seen.status == ApprovalStatus::Expired {
        return save(call, version, &seen, EventType::ApprovalExpired).await;
    }
    save(call, version, &seen.voided(call.now), EventType::ApprovalVoided).await
}

/// The owners of everybody who made or changed the subject since it was last approved, as the audit tells it, and of the
/// caller, whose change is not in there yet.
async fn authors(call: &Call, ask: &Ask) -> Result<Vec<String>, Error> {
    let since = rows::last_approved(&call.tx, &call.scope(), ask.subject, ask.id).await?;
    let thing = Resource { kind: subjects::kind(ask.subject), id: ask.id };
    let methods = subjects::writers(ask.subject);
    let mut authors = audit::owners_of(&call.tx, &call.scope(), thing, &methods, since).await?;
    authors.extend(writers_of(call, ask.quote).await?);
    authors.push(call.caller.owner.clone());
    authors.sort_unstable();
    authors.dedup();
    Ok(authors)
}

/// The owners of everybody who wrote a quote, or one that it revises.
async fn writers_of(call: &Call, quote: Option<QuoteId>) -> Result<Vec<String>, Error> {
    let methods = subjects::writers(ApprovalSubject::Quote);
    let (mut next, mut owners) = (quote, Vec::new());
    for _ in 0..MOST_REVISIONS {
        let Some(id) = next else { break };
        let thing = Resource { kind: ResourceType::Quote, id: id.uuid() };
        owners.extend(audit::owners_of(&call.tx, &call.scope(), thing, &methods, None).await?);
        next = quotes::revised_by(&call.tx, &call.scope(), id).await?;
    }
    Ok(owners)
}
