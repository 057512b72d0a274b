//! Asking for a refund.

use super::super::{Call, Error, Unique, approvals, orders};
use super::books::Books;
use super::{Shown, shown};
use crate::domain::approval::ApprovalSubject;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::TypedId;
use crate::domain::order::Order;
use crate::domain::refund::{NewRefund, Refund, RefundStatus, weight};
use crate::store::refunds as rows;

/// Asks for a refund: it waits for an approval when a policy wants one, and holds its money and units at once.
pub async fn create(call: &Call, new: NewRefund) -> Result<Shown, Error> {
    let order = orders::lock(call, new.order, Some("order_id")).await?;
    let books = Books::read(&call.tx, &call.scope(), &order, new.payment).await?;
    let plan = books.plan(&order, &new.wish)?;
    let mut refund = Refund::new(call.id(), order.head.customer, new, plan, call.now);
    check_reference(call, &refund).await?;
    if needs_approval(call, &order, &refund).await? {
        refund.status = RefundStatus::PendingApproval;
    }
    rows::insert(&call.tx, &call.scope(), &refund).await?;
    books.settle(call, &order, None, &refund).await?;
    call.because(&refund.reason);
    call.tell(EventType::RefundCreated, Subject::Refund(&refund));
    shown(&call.tx, &call.scope(), &call.caller, refund).await
}

/// Asks with all that the order would give back: many small refunds do not pass where a large one would not, and neither does
/// one that failed, and is tried again when another one is through.
async fn needs_approval(call: &Call, order: &Order, refund: &Refund) -> Result<bool, Error> {
    let failed = rows::failed(&call.tx, &call.scope(), order.head.id).await?;
    let others = failed.into_iter().chain([order.head.refund_claims.minor_units()]);
    let ask = approvals::Ask {
        subject: ApprovalSubject::Refund,
        id: refund.id.uuid(),
        customer: refund.customer,
        amount: weight(refund.amount, others),
        discount_bps: 0,
        quote: None,
    };
    approvals::require(call, &ask).await
}

/// No other refund of the customer has this reference.
async fn check_reference(call: &Call, refund: &Refund) -> Result<(), Error> {
    let Some(reference) = &refund.reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), refund.customer, reference).await? {
        Some(id) => {
            Err(Error::Duplicate { unique: Unique::Reference, existing: id.to_string(), field: "reference".to_owned() })
        }
        None => Ok(()),
    }
}
