//! What approvals are about: how each kind of thing is called and locked, and what becomes of it after a decision.

use uuid::Uuid;

use crate::app::{Call, Error, orders, quotes, refunds};
use crate::contract::policy;
use crate::domain::approval::ApprovalSubject;
use crate::domain::ids::{OrderId, QuoteId, RefundId, TypedId};
use crate::domain::resource::ResourceType;

/// How events and audit call it.
pub(super) const fn kind(subject: ApprovalSubject) -> ResourceType {
    match subject {
        ApprovalSubject::Order => ResourceType::Order,
        ApprovalSubject::Quote => ResourceType::Quote,
        ApprovalSubject::Refund => ResourceType::Refund,
    }
}

/// The methods whose callers say what is in it. To hold it, to confirm it or to decide on it is no hand in it.
pub(super) fn writers(subject: ApprovalSubject) -> Vec<&'static str> {
    match subject {
        ApprovalSubject::Order => vec![
            policy::CREATE_ORDER.path,
            policy::UPDATE_ORDER.path,
            policy::REPLACE_ORDER.path,
            policy::PLACE_ORDER.path,
            policy::BATCH_CREATE_ORDERS.path,
        ],
        ApprovalSubject::Quote => vec![
            policy::CREATE_QUOTE.path,
            policy::UPDATE_QUOTE.path,
            policy::SUBMIT_QUOTE.path,
            policy::REVISE_QUOTE.path,
        ],
        ApprovalSubject::Refund => {
            vec![policy::CREATE_REFUND.path, policy::RETRY_REFUND.path]
        }
    }
}

/// Locks the row of a subject. It comes before that of its approval.
pub(super) async fn lock(call: &Call, subject: ApprovalSubject, id: Uuid) -> Result<(), Error> {
    match subject {
        ApprovalSubject::Order => orders::lock(call, OrderId::from_uuid(id), None).await.map(|_| ()),
        ApprovalSubject::Quote => quotes::lock(call, QuoteId::from_uuid(id)).await,
        ApprovalSubject::Refund => refunds::lock(call, RefundId::from_uuid(id)).await,
    }
}

/// Somebody said yes.
pub(super) async fn approved(call: &Call, subject: ApprovalSubject, id: Uuid) -> Result<(), Error> {
    match subject {
        ApprovalSubject::Order => orders::approved(call, OrderId::from_uuid(id)).await,
        ApprovalSubject::Quote => quotes::approved(call, QuoteId::from_uuid(id)).await,
        ApprovalSubject::Refund => refunds::approved(call, RefundId::from_uuid(id)).await,
    }
}

/// Somebody said no.
pub(super) async fn rejected(call: &Call, subject: ApprovalSubject, id: Uuid, reason: &str) -> Result<(), Error> {
    match subject {
        ApprovalSubject::Order => orders::rejected(call, OrderId::from_uuid(id), reason).await,
        ApprovalSubject::Quote => quotes::rejected(call, QuoteId::from_uuid(id)).await,
        ApprovalSubject::Refund => refunds::rejected(call, RefundId::from_uuid(id), reason).await,
    }
}

/// Nobody decided in time.
pub(super) async fn expired(call: &Call, subject: ApprovalSubject, id: Uuid) -> Result<(), Error> {
    match subject {
        ApprovalSubject::Order => orders::approval_expired(call, OrderId::from_uuid(id)).await,
        ApprovalSubject::Quote => quotes::approval_expired(call, QuoteId::from_uuid(id)).await,
        ApprovalSubject::Refund => refunds::approval_expired(call, RefundId::from_uuid(id)).await,
    }
}
