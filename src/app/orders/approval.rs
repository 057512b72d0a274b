//! What approvals have to do with orders: when one is needed, and what becomes of the order when it is decided.

use super::super::approvals::{self, Ask};
use super::super::{Call, Error};
use super::moves::{give_back, lock, save};
use crate::domain::approval::{ApprovalSubject, discount_bps};
use crate::domain::event::EventType;
use crate::domain::ids::{OrderId, TypedId};
use crate::domain::order::{Order, OrderStatus};

/// Whether a policy wants somebody to approve the order as it is; then an approval waits for a decision.
pub(super) async fn needs_approval(call: &Call, order: &Order) -> Result<bool, Error> {
    let totals = &order.head.totals;
    let ask = Ask {
        subject: ApprovalSubject::Order,
        id: order.head.id.uuid(),
        customer: order.head.customer,
        amount: totals.total,
        discount_bps: discount_bps(totals.discount, totals.subtotal),
        quote: order.head.quote,
    };
    approvals::require(call, &ask).await
}

/// An order that waits for approval does so no more: it is gone.
pub(super) async fn void_approval(call: &Call, order: &Order) -> Result<(), Error> {
    if order.head.status == OrderStatus::PendingApproval {
        approvals::void(call, ApprovalSubject::Order, order.head.id.uuid()).await?;
    }
    Ok(())
}

/// The order was approved: it is placed from now on.
pub(in crate::app) async fn approved(call: &Call, id: OrderId) -> Result<(), Error> {
    let before = pending(call, id).await?;
    let mut order = before.clone();
    order.place(call.now);
    save(call, &before, order, EventType::OrderApproved).await.map(|_| ())
}

/// An approver refused the order: its stock is given back.
pub(in crate::app) async fn rejected(call: &Call, id: OrderId, reason: &str) -> Result<(), Error> {
    let before = pending(call, id).await?;
    let mut order = before.clone();
    order.reject(reason.to_owned(), call.now)?;
    give_back(call, &before, &order).await?;
    save(call, &before, order, EventType::OrderRejected).await.map(|_| ())
}

/// Nobody decided on the order in time: its stock is given back.
pub(in crate::app) async fn approval_expired(call: &Call, id: OrderId) -> Result<(), Error> {
    let before = pending(call, id).await?;
    let mut order = before.clone();
    order.expire(call.now)?;
    give_back(call, &before, &order).await?;
    save(call, &before, order, EventType::OrderExpired).await.map(|_| ())
}

/// The order that waits for approval. Whoever decides has locked it before the approval, which is pending: so is the order.
async fn pending(call: &Call, id: OrderId) -> Result<Order, Error> {
    let order = lock(call, id, None).await?;
    match order.head.status {
        OrderStatus::PendingApproval => Ok(order),
        other => Err(Error::Fault(format!("{id} has a pending approval and is {}", other.as_str()))),
    }
}
