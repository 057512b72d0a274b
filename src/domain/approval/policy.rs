//! Approval policies: which orders, quotes and refunds need somebody else's yes, and whose.
//!
//! An amount is compared only with amounts in its own currency: a limit in GBP says nothing about an order in EUR.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{ApprovalSubject, Approver};
use crate::domain::Metadata;
use crate::domain::etag::Versioned;
use crate::domain::ids::ApprovalPolicyId;
use crate::domain::money::Money;
use crate::domain::page::PageRequest;
use crate::domain::time::{Time, TimeRange};

/// A hundred percent, in basis points.
const WHOLE_BPS: i32 = 10_000;

/// How long an approval waits for a decision when nobody says.
pub const DEFAULT_EXPIRY: Duration = Duration::from_hours(7 * 24);

/// How long an approval may wait: a minute to 90 days.
pub const EXPIRIES: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(90 * 24);

/// A limit, and who may let things pass that are beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// It catches what is over this amount, in the currency of this amount; `None`: whatever the amount.
    pub amount_over: Option<Money>,
    /// It catches discounts over this, in basis points; `None`: whatever the discount.
    pub discount_over_bps: Option<i32>,
    /// The role that a decision takes.
    pub role: Approver,
}

/// An approval policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalPolicy {
    /// Its id.
    pub id: ApprovalPolicyId,
    /// What people call it.
    pub name: String,
    /// What it is about.
    pub subject: ApprovalSubject,
    /// Its limits.
    pub tiers: Vec<Tier>,
    /// How long its approvals wait for a decision.
    pub expires_after: Duration,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// What a new policy is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of ApprovalPolicy")]
pub struct NewPolicy {
    pub name: String,
    pub subject: ApprovalSubject,
    pub tiers: Vec<Tier>,
    pub expires_after: Duration,
    pub metadata: Metadata,
}

/// What an update makes of a policy: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of ApprovalPolicy")]
pub struct PolicyPatch {
    pub name: Option<String>,
    pub subject: Option<ApprovalSubject>,
    pub tiers: Option<Vec<Tier>>,
    pub expires_after: Option<Duration>,
    pub metadata: Option<Metadata>,
}

/// Which policies a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyFilter {
    /// Only those about this.
    pub subject: Option<ApprovalSubject>,
    /// Only those created in this time.
    pub created: TimeRange,
}

/// A list of policies, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyList {
    /// Which.
    pub filter: PolicyFilter,
    /// Which page.
    pub page: PageRequest,
}

/// What policies look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matter {
    /// What it is.
    pub subject: ApprovalSubject,
    /// How much money it is about.
    pub amount: Money,
    /// The discount in it, in basis points: 0 to 10,000.
    pub discount_bps: i32,
}

/// What the policies ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The role that a decision takes.
    pub role: Approver,
    /// The policies that ask for it.
    pub policies: Vec<ApprovalPolicyId>,
    /// How long it waits for a decision.
    pub expires_after: Duration,
}

impl Matter {
    /// An order, a quote or a refund. The discount is told in basis points of the subtotal, rounded up: what is a little
    /// over a limit must not pass as being at it.
    #[must_use]
    pub fn new(subject: ApprovalSubject, amount: Money, discount_bps: i32) -> Self {
        Self { subject, amount, discount_bps: discount_bps.clamp(0, WHOLE_BPS) }
    }
}

/// A discount in basis points of what it is taken off, rounded up; 0 of nothing.
#[must_use]
pub fn discount_bps(discount: Money, subtotal: Money) -> i32 {
    let (discount, subtotal) = (i128::from(discount.minor_units()), i128::from(subtotal.minor_units()));
    if subtotal <= 0 || discount <= 0 {
        return 0;
    }
    let whole = i128::from(WHOLE_BPS);
    let bps = (discount * whole + subtotal - 1) / subtotal;
    i32::try_from(bps.min(whole)).unwrap_or(WHOLE_BPS)
}

impl Tier {
    /// Whether every condition that it gives holds; without one it catches everything.
    #[must_use]
    pub fn catches(&self, matter: &Matter) -> bool {
        let is_over = |limit: Money| {
            limit.currency() == matter.amount.currency() && matter.amount.minor_units() > limit.minor_units()
        };
        self.amount_over.is_none_or(is_over) && self.discount_over_bps.is_none_or(|limit| matter.discount_bps > limit)
    }
}

/// What these policies ask for together: of all the tiers that catch it, the highest role; of all the policies, the soonest
/// end. `None`: nothing catches it.
#[must_use]
pub fn need(policies: &[ApprovalPolicy], matter: &Matter) -> Option<Need> {
    let caught = policies.iter().filter(|policy| policy.subject == matter.subject);
    let caught = caught.filter_map(|policy| Some((policy, policy.role_for(matter)?)));
    caught.fold(None, |need: Option<Need>, (policy, role)| match need {
        None => Some(Need { role, policies: vec![policy.id], expires_after: policy.expires_after }),
        Some(mut need) => {
            need.role = need.role.max(role);
            need.policies.push(policy.id);
            need.expires_after = need.expires_after.min(policy.expires_after);
            Some(need)
        }
    })
}

impl ApprovalPolicy {
    /// A new policy.
    #[must_use]
    pub fn new(id: ApprovalPolicyId, new: NewPolicy, now: Time) -> Self {
        Self {
            id,
            name: new.name,
            subject: new.subject,
            tiers: new.tiers,
            expires_after: new.expires_after,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
        }
    }

    /// The highest role of its tiers that catch something; `None`: none does.
    fn role_for(&self, matter: &Matter) -> Option<Approver> {
        self.tiers.iter().filter(|tier| tier.catches(matter)).map(|tier| tier.role).max()
    }

    /// The policy after an update; the same one when the update changes nothing.
    #[must_use]
    pub fn updated(&self, patch: PolicyPatch, now: Time) -> Self {
        let updated = Self {
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            subject: patch.subject.unwrap_or(self.subject),
            tiers: patch.tiers.unwrap_or_else(|| self.tiers.clone()),
            expires_after: patch.expires_after.unwrap_or(self.expires_after),
            metadata: patch.metadata.unwrap_or_else(|| self.metadata.clone()),
            ..self.clone()
        };
        if updated == *self { updated } else { updated.moved(now) }
    }

    /// The policy when it is gone: as the event of its end tells it.
    #[must_use]
    pub fn deleted(&self, now: Time) -> Self {
        self.clone().moved(now)
    }

    /// Every visible change moves the version by one.
    fn moved(self, now: Time) -> Self {
        Self { version: self.version + 1, update_time: now, ..self }
    }
}

impl Versioned for ApprovalPolicy {
    fn version(&self) -> i64 {
        self.version
    }
}
