//! The moves of a quote: which are legal in which state, and what they do.

use super::{Quote, QuoteHead};
use crate::domain::states::{Machine, Move};
use crate::domain::text_enum::text_enum;
use crate::domain::time::Time;

text_enum! {
    /// Where a quote stands.
    QuoteStatus {
        /// Being written.
        Draft = "DRAFT",
        /// Waits for approval.
        PendingApproval = "PENDING_APPROVAL",
        /// May be sent.
        Approved = "APPROVED",
        /// The customer may accept it.
        Sent = "SENT",
        /// It has become an order.
        Accepted = "ACCEPTED",
        /// The customer does not want it.
        Declined = "DECLINED",
        /// Nobody accepted it in time.
        Expired = "EXPIRED",
        /// Taken back by us.
        Withdrawn = "WITHDRAWN",
        /// There is a newer version of it.
        Superseded = "SUPERSEDED",
    }
}

text_enum! {
    /// What can be done with a quote that is there: by callers, as REST names it, or by the service itself.
    QuoteAction {
        /// A draft is submitted for approval.
        Submit = "submit",
        /// It goes to the customer.
        Send = "send",
        /// The customer accepts it: it becomes an order.
        Accept = "accept",
        /// The customer does not want it.
        Decline = "decline",
        /// A new version is made of it.
        Revise = "revise",
        /// We take it back.
        Withdraw = "withdraw",
        /// Some fields of a draft change.
        Update = "update",
        /// An approver agrees.
        Approve = "approve",
        /// An approver refuses, or nobody decides in time.
        Reject = "reject",
        /// It runs out.
        Expire = "expire",
    }
}

/// A move that is not legal in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IllegalQuoteMove {
    /// The state.
    pub from: QuoteStatus,
    /// The move.
    pub action: QuoteAction,
}

const fn step(from: QuoteStatus, action: QuoteAction, to: QuoteStatus) -> Move<QuoteStatus, QuoteAction> {
    Move { from, action, to: Some(to) }
}

impl Machine for QuoteStatus {
    type Action = QuoteAction;

    const MOVES: &'static [Move<Self, QuoteAction>] = {
        use QuoteAction::{Accept, Approve, Decline, Expire, Reject, Revise, Send, Submit, Update, Withdraw};
        use QuoteStatus::{Accepted, Approved, Declined, Draft, Expired, PendingApproval, Sent, Superseded, Withdrawn};
        &[
            step(Draft, Submit, PendingApproval),
            step(Draft, Submit, Approved),
            step(Draft, Withdraw, Withdrawn),
            step(Draft, Update, Draft),
            step(PendingApproval, Revise, Superseded),
            step(PendingApproval, Withdraw, Withdrawn),
            step(PendingApproval, Approve, Approved),
            step(PendingApproval, Reject, Draft),
            step(PendingApproval, Expire, Expired),
            step(Approved, Send, Sent),
            step(Approved, Revise, Superseded),
            step(Approved, Withdraw, Withdrawn),
            step(Approved, Expire, Expired),
            step(Sent, Accept, Accepted),
            step(Sent, Decline, Declined),
            step(Sent, Revise, Superseded),
            step(Sent, Withdraw, Withdrawn),
            step(Sent, Expire, Expired),
            step(Declined, Revise, Superseded),
            step(Expired, Revise, Superseded),
            step(Withdrawn, Revise, Superseded),
        ]
    };

    const STARTS: &'static [Self] = &[Self::Draft];

    fn state_name(self) -> &'static str {
        self.as_str()
    }

    fn action_name(action: QuoteAction) -> &'static str {
        action.as_str()
    }
}

impl QuoteStatus {
    /// Whether a quote in this state runs out.
    #[must_use]
    pub fn runs_out(self) -> bool {
        self.legal().contains(&QuoteAction::Expire)
    }
}

impl QuoteHead {
    /// Whether a move is still to be made: `false` when it has been made already. Revising is never done already: each time
    /// would make another quote, and of one that is superseded there is a newer one to revise.
    pub fn check(&self, action: QuoteAction) -> Result<bool, IllegalQuoteMove> {
        let illegal = IllegalQuoteMove { from: self.status, action };
        match self.status.asks(action) {
            Some(false) if action == QuoteAction::Revise => Err(illegal),
            Some(still_to_do) => Ok(still_to_do),
            None => Err(illegal),
        }
    }

    /// Whether it has run out, and nobody has noted it yet.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.status.runs_out() && self.valid_until <= now
    }

    /// The quote as everybody sees it at this time. What is due is expired, and looks as it will when that is noted.
    #[must_use]
    pub fn seen_at(self, now: Time) -> Self {
        if !self.is_due(now) {
            return self;
        }
        let ended = self.valid_until.max(self.update_time);
        Self {
            status: QuoteStatus::Expired,
            expire_time: Some(self.valid_until),
            version: self.version + 1,
            update_time: ended,
            ..self
        }
    }

    /// The quote in another state.
    #[must_use]
    pub fn moved(&self, to: QuoteStatus, now: Time) -> Self {
        let mut head = Self { status: to, version: self.version + 1, update_time: now, ..self.clone() };
        match to {
            QuoteStatus::Draft => {}
            QuoteStatus::PendingApproval => head.submit_time = Some(now),
            QuoteStatus::Approved => {
                if self.status == QuoteStatus::Draft {
                    head.submit_time = Some(now);
                }
                head.approve_time = Some(now);
            }
            QuoteStatus::Sent => head.send_time = Some(now),
            QuoteStatus::Accepted => head.accept_time = Some(now),
            QuoteStatus::Declined => head.decline_time = Some(now),
            QuoteStatus::Expired => head.expire_time = Some(now),
            QuoteStatus::Withdrawn => head.withdraw_time = Some(now),
            QuoteStatus::Superseded => head.revise_time = Some(now),
        }
        head
    }
}

impl Quote {
    /// The quote as everybody sees it at this time.
    #[must_use]
    pub fn seen_at(self, now: Time) -> Self {
        Self { head: self.head.seen_at(now), items: self.items }
    }

    /// The quote in another state.
    #[must_use]
    pub fn moved(&self, to: QuoteStatus, now: Time) -> Self {
        Self { head: self.head.moved(to, now), items: self.items.clone() }
    }
}
