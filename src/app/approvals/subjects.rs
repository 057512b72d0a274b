//! What approvals are about: how each kind of thing is called and locked, and what becomes of it after a decision.

use uuid::Uuid;

use crate::app::{Call, Error, orders, quotes};
use crate::contract::policy;
use crate::domain::approval::ApprovalSubject;
use crate::domain::ids::{OrderId, QuoteId, RefundId, TypedId};
use crate::domain::resource::ResourceType;
use absent::refunds;

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
            vec!["/tradepost.v1.PaymentService/CreateRefund", "/tradepost.v1.PaymentService/RetryRefund"]
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

/// Stands in for what is not there yet: to be replaced by `crate::app::refunds`.
#[allow(clippy::unused_async, reason = "those that come wait")]
mod absent {
    macro_rules! absent {
        ($($module:ident $id:ident;)+) => {$(
            pub(super) mod $module {
                use crate::app::{Call, Error};
                use crate::domain::ids::$id;

                pub(in crate::app::approvals::subjects) async fn lock(_: &Call, _: $id) -> Result<(), Error> {
                    Ok(())
                }

                pub(in crate::app::approvals::subjects) async fn approved(_: &Call, _: $id) -> Result<(), Error> {
                    Ok(())
                }

                pub(in crate::app::approvals::subjects) async fn rejected(_: &Call, _: $id, _: &str) -> Result<(), Error> {
                    Ok(())
                }

                pub(in crate::app::approvals::subjects) async fn approval_expired(_: &Call, _: $id) -> Result<(), Error> {
                    Ok(())
                }
            }
        )+};
    }

    absent! {
        refunds RefundId;
    }
}
