//! Approvals: somebody else's yes to an order, a quote or a refund. What is asked for, who may decide, and what becomes of it.
//! When one is needed, the policies say (`policy`).

mod policy;

pub use policy::{
    ApprovalPolicy, DEFAULT_EXPIRY, EXPIRIES, Matter, Need, NewPolicy, PolicyFilter, PolicyList, PolicyPatch, Tier,
    discount_bps, need,
};

use uuid::Uuid;

use super::etag::Versioned;
use super::ids::{ApiKeyId, ApprovalId, ApprovalPolicyId, CustomerId};
use super::money::Money;
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

text_enum! {
    /// What can need an approval.
    ApprovalSubject {
        /// An order that is placed or edited.
        Order = "ORDER",
        /// A quote that is to be sent.
        Quote = "QUOTE",
        /// A refund.
        Refund = "REFUND",
    }
}

text_enum! {
    /// The role that a decision takes, from the lowest to the highest: each may decide what the lower ones may.
    Approver {
        /// Who runs the desk.
        Manager = "MANAGER",
        /// Who runs the tenant.
        Admin = "ADMIN",
        /// Who runs the installation.
        Platform = "PLATFORM",
    }
}

text_enum! {
    /// Where an approval stands.
    ApprovalStatus {
        /// Nobody has decided.
        Pending = "PENDING",
        /// Somebody said yes.
        Approved = "APPROVED",
        /// Somebody said no.
        Rejected = "REJECTED",
        /// What it was about has changed or gone.
        Voided = "VOIDED",
        /// Nobody decided in time.
        Expired = "EXPIRED",
    }
}

text_enum! {
    /// What can be done with an approval: by callers, as REST names it, or by the service.
    ApprovalAction {
        /// A yes.
        Approve = "approve",
        /// A no, which ends it.
        Reject = "reject",
        /// What it was about has changed or gone.
        Void = "void",
        /// Its time is over.
        Expire = "expire",
    }
}

const fn from_pending(action: ApprovalAction, to: ApprovalStatus) -> Move<ApprovalStatus, ApprovalAction> {
    Move { from: ApprovalStatus::Pending, action, to: Some(to) }
}

impl Machine for ApprovalStatus {
    type Action = ApprovalAction;

    const MOVES: &'static [Move<Self, ApprovalAction>] = &[
        from_pending(ApprovalAction::Approve, Self::Approved),
        from_pending(ApprovalAction::Reject, Self::Rejected),
        from_pending(ApprovalAction::Void, Self::Voided),
        from_pending(ApprovalAction::Expire, Self::Expired),
    ];

    const STARTS: &'static [Self] = &[Self::Pending];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: ApprovalAction) -> &'static str {
        action.as_str()
    }
}

/// A decision that callers can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Approve,
    /// No.
    Reject,
}

impl Verdict {
    /// The move that it is.
    #[must_use]
    pub const fn action(self) -> ApprovalAction {
        match self {
            Self::Approve => ApprovalAction::Approve,
            Self::Reject => ApprovalAction::Reject,
        }
    }

    /// Where the approval stands afterwards.
    const fn status(self) -> ApprovalStatus {
        match self {
            Self::Approve => ApprovalStatus::Approved,
            Self::Reject => ApprovalStatus::Rejected,
        }
    }
}

/// Somebody with a key: who asks for an approval, or decides on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The key.
    pub key: ApiKeyId,
    /// The person behind it.
    pub owner: String,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// By whom.
    pub by: Party,
    /// When.
    pub time: Time,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The kind of thing that it is about.
    pub subject: ApprovalSubject,
    /// Which one.
    pub subject_id: Uuid,
    /// Whose that is.
    pub customer: CustomerId,
    /// Where it stands.
    pub status: ApprovalStatus,
    /// How much money it is about.
    pub amount: Money,
    /// The discount in it, in basis points.
    pub discount_bps: i32,
    /// The role that a decision takes.
    pub role: Approver,
    /// The policies that ask for it.
    pub policies: Vec<ApprovalPolicyId>,
    /// Who asks for it.
    pub requested_by: Party,
    /// The owners of everybody who made or changed what it is about since that was last approved. None of them decides.
    pub authors: Vec<String>,
    /// Why it was decided so.
    pub reason: String,
    /// The decision, once there is one.
    pub decision: Option<Decision>,
    /// When its time is over.
    pub expire_time: Time,
    /// Moved by every change.
    pub version: i64,
    /// When it was asked for.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// What a new approval is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Approval")]
pub struct NewApproval {
    pub subject_id: Uuid,
    pub customer: CustomerId,
    pub matter: Matter,
    pub need: Need,
    pub requested_by: Party,
    pub authors: Vec<String>,
}

/// Which approvals a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovalFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<ApprovalStatus>,
    /// Only those about this kind of thing.
    pub subject: Option<ApprovalSubject>,
    /// Only those about this thing.
    pub subject_id: Option<Uuid>,
    /// Only those created in this time.
    pub created: TimeRange,
}

/// Approvals, as a client asks for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalList {
    /// Which.
    pub filter: ApprovalFilter,
    /// Which page.
    pub page: PageRequest,
}

/// A decision, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalMove {
    /// The approval.
    pub id: ApprovalId,
    /// Why.
    pub reason: String,
}

/// Why somebody may not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// The person behind the key asked for it, or had a hand in what it is about.
    Own,
    /// It takes this role.
    Role(Approver),
}

impl Approval {
    /// A new approval, which waits for a decision.
    #[must_use]
    pub fn new(id: ApprovalId, new: NewApproval, now: Time) -> Self {
        Self {
            id,
            subject: new.matter.subject,
            subject_id: new.subject_id,
            customer: new.customer,
            status: ApprovalStatus::Pending,
            amount: new.matter.amount,
            discount_bps: new.matter.discount_bps,
            role: new.need.role,
            policies: new.need.policies,
            requested_by: new.requested_by,
            authors: new.authors,
            reason: String::new(),
            decision: None,
            expire_time: now.plus(new.need.expires_after),
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// Whether somebody with this role may decide; none: permissions given one by one are no role.
    ///
    /// # Errors
    /// Why not.
    pub fn check_decider(&self, owner: &str, role: Option<Approver>) -> Result<(), Barred> {
        if self.requested_by.owner == owner || self.authors.iter().any(|author| author == owner) {
            return Err(Barred::Own);
        }
        if role.is_none_or(|role| role < self.role) {
            return Err(Barred::Role(self.role));
        }
        Ok(())
    }

    /// It as it is at this time: one that is due counts as expired, whether or not that was written down already. What is
    /// written down later is the same, so that nobody sees an etag twice.
    #[must_use]
    pub fn at(self, now: Time) -> Self {
        if self.is_due(now) { self.expired() } else { self }
    }

    /// Whether its time is over and nobody has decided.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.status == ApprovalStatus::Pending && now >= self.expire_time
    }

    /// A pending one after a decision.
    #[must_use]
    pub fn decided(&self, verdict: Verdict, by: Party, reason: String, now: Time) -> Self {
        let decision = Some(Decision { by, time: now });
        Self { status: verdict.status(), reason, decision, ..self.clone() }.moved(now)
    }

    /// A pending one whose subject has changed or gone.
    #[must_use]
    pub fn voided(&self, now: Time) -> Self {
        Self { status: ApprovalStatus::Voided, ..self.clone() }.moved(now)
    }

    fn expired(self) -> Self {
        let end = self.expire_time;
        Self { status: ApprovalStatus::Expired, ..self }.moved(end)
    }

    /// Every visible change moves the version by one.
    fn moved(self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self }
    }
}

impl Versioned for Approval {
    fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests;
