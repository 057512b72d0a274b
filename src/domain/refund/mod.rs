//! Refunds: their shape and their states. How much one gives back is decided in `plan`.

mod plan;
#[cfg(test)]
mod tests;

pub use plan::{Given, Plan, RefundError, Wish, check_retry, plan, rest};

use super::Metadata;
use super::etag::Versioned;
use super::ids::{CustomerId, OrderId, OrderItemId, PaymentId, RefundId};
use super::money::{MAX_MINOR_UNITS, Money};
use super::page::PageRequest;
use super::states::{Machine, Move};
use super::text_enum::text_enum;
use super::time::{Time, TimeRange};

text_enum! {
    /// Where a refund stands.
    RefundStatus {
        /// Waits for approval.
        PendingApproval = "PENDING_APPROVAL",
        /// To be given back by the provider.
        Pending = "PENDING",
        /// Given back.
        Succeeded = "SUCCEEDED",
        /// The provider did not do it.
        Failed = "FAILED",
        /// Given up.
        Canceled = "CANCELED",
        /// Refused by an approver, or not approved in time.
        Rejected = "REJECTED",
    }
}

text_enum! {
    /// What can be done with a refund: by callers, as REST names it, and by the service itself.
    RefundAction {
        /// The provider gave the money back.
        MarkSucceeded = "markSucceeded",
        /// The provider did not.
        MarkFailed = "markFailed",
        /// It is tried again.
        Retry = "retry",
        /// It is given up.
        Cancel = "cancel",
        /// An approver agreed.
        Approve = "(approved)",
        /// An approver refused.
        Reject = "(rejected)",
        /// Nobody decided in time.
        Expire = "(expired)",
    }
}

impl RefundAction {
    /// Whether callers do it, and not the service itself.
    #[must_use]
    pub const fn is_of_callers(self) -> bool {
        match self {
            Self::MarkSucceeded | Self::MarkFailed | Self::Retry | Self::Cancel => true,
            Self::Approve | Self::Reject | Self::Expire => false,
        }
    }
}

const fn step(from: RefundStatus, action: RefundAction, to: RefundStatus) -> Move<RefundStatus, RefundAction> {
    Move { from, action, to: Some(to) }
}

impl Machine for RefundStatus {
    type Action = RefundAction;

    const MOVES: &'static [Move<Self, RefundAction>] = {
        use RefundAction::{Approve, Cancel, Expire, MarkFailed, MarkSucceeded, Reject, Retry};
        &[
            step(Self::PendingApproval, Approve, Self::Pending),
            step(Self::PendingApproval, Reject, Self::Rejected),
            step(Self::PendingApproval, Expire, Self::Rejected),
            step(Self::PendingApproval, Cancel, Self::Canceled),
            step(Self::Pending, MarkSucceeded, Self::Succeeded),
            step(Self::Pending, MarkFailed, Self::Failed),
            step(Self::Pending, Cancel, Self::Canceled),
            step(Self::Failed, Retry, Self::Pending),
            step(Self::Failed, Cancel, Self::Canceled),
        ]
    };

    const STARTS: &'static [Self] = &[Self::PendingApproval, Self::Pending];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: RefundAction) -> &'static str {
        action.as_str()
    }
}

impl RefundStatus {
    /// Whether a refund in this state counts against what was paid.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::PendingApproval | Self::Pending | Self::Succeeded => true,
            Self::Failed | Self::Canceled | Self::Rejected => false,
        }
    }
}

/// Units of a line that are given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundItem {
    /// The line.
    pub item: OrderItemId,
    /// Units.
    pub quantity: i32,
    /// What they are given back with.
    pub amount: Money,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The order that it is of.
    pub order: OrderId,
    /// The customer of that order.
    pub customer: CustomerId,
    /// The payment that it is taken from; `None`: nobody said.
    pub payment: Option<PaymentId>,
    /// What is given back, in the currency of the order; above zero.
    pub amount: Money,
    /// The lines that it is for, each once; none when it was asked for as an amount.
    pub items: Vec<RefundItem>,
    /// Where it stands.
    pub status: RefundStatus,
    /// Why it was asked for; empty: nobody said.
    pub reason: String,
    /// Why it failed, or an approver refused it; empty: neither, or nobody said.
    pub failure_reason: String,
    /// The client's own id, unique among the customer's refunds.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was asked for.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When it succeeded.
    pub succeed_time: Option<Time>,
    /// When it failed.
    pub fail_time: Option<Time>,
    /// When it was canceled or rejected.
    pub cancel_time: Option<Time>,
}

/// What a new refund is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Refund")]
pub struct NewRefund {
    pub order: OrderId,
    /// How much.
    pub wish: Wish,
    pub reason: String,
    pub payment: Option<PaymentId>,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// A refund that is to make a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundMove {
    /// Which one.
    pub id: RefundId,
    /// Why; empty: nobody said.
    pub reason: String,
}

/// Which refunds a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundFilter {
    /// Only these states; empty: all.
    pub statuses: Vec<RefundStatus>,
    /// Only this order's.
    pub order: Option<OrderId>,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only those taken from this payment.
    pub payment: Option<PaymentId>,
    /// Only those that were asked for in this time.
    pub created: TimeRange,
}

/// A list of refunds, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundList {
    /// Which refunds.
    pub filter: RefundFilter,
    /// Which page.
    pub page: PageRequest,
}

impl Refund {
    /// A new refund of an order of this customer, as it was planned; it waits for nobody.
    #[must_use]
    pub fn new(id: RefundId, customer: CustomerId, new: NewRefund, plan: Plan, now: Time) -> Self {
        Self {
            id,
            order: new.order,
            customer,
            payment: new.payment,
            amount: plan.amount,
            items: plan.items,
            status: RefundStatus::Pending,
            reason: new.reason,
            failure_reason: String::new(),
            reference: new.reference,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            succeed_time: None,
            fail_time: None,
            cancel_time: None,
        }
    }

    /// The refund after a move, which is legal and changes something only when its state says so ([`Machine::asks`]).
    #[must_use]
    pub fn after(&self, action: RefundAction, reason: &str, now: Time) -> Self {
        let found = RefundStatus::MOVES.iter().find(|step| step.from == self.status && step.action == action);
        let Some(status) = found.and_then(|step| step.to) else { return self.clone() };
        let moved = Self { status, version: self.version + 1, update_time: now, ..self.clone() };
        match status {
            RefundStatus::PendingApproval => moved,
            // A refund that is tried again has not failed.
            RefundStatus::Pending => Self { failure_reason: String::new(), fail_time: None, ..moved },
            RefundStatus::Succeeded => Self { succeed_time: Some(now), ..moved },
            RefundStatus::Failed => Self { failure_reason: reason.to_owned(), fail_time: Some(now), ..moved },
            RefundStatus::Canceled => Self { cancel_time: Some(now), ..moved },
            RefundStatus::Rejected => Self { failure_reason: reason.to_owned(), cancel_time: Some(now), ..moved },
        }
    }

    /// What it holds of what was paid, in minor units.
    #[must_use]
    pub fn claim(&self) -> i64 {
        if self.status.counts() { self.amount.minor_units() } else { 0 }
    }
}

/// What an approver is asked about: this refund together with the others of its order that may still give something back.
/// Failed ones are among them, since they can be tried again. Above all amounts, it is the greatest.
#[must_use]
pub fn weight(refund: Money, others: impl IntoIterator<Item = i64>) -> Money {
    let sum = others.into_iter().fold(refund.minor_units(), i64::saturating_add);
    Money::new(refund.currency(), sum.min(MAX_MINOR_UNITS)).unwrap_or(refund)
}

impl Versioned for Refund {
    fn version(&self) -> i64 {
        self.version
    }
}
