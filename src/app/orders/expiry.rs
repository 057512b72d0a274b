//! Orders that nobody paid in time, as the setting of their tenant says.

use std::sync::Arc;

use super::super::expiry::each;
use super::super::{App, Call, Error};
use super::moves::{give_back, lock, save};
use crate::domain::event::EventType;
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, OrderStatus, PaymentStatus};
use crate::store::access;
use crate::store::orders as rows;

/// Lets orders expire that were not paid in time.
///
/// # Errors
/// When the database does not do it; then they wait for the next time.
pub async fn sweep_unpaid(app: &Arc<App>) -> Result<(), Error> {
    for tenant in access::tenants_with_unpaid_expiry(&app.db.reader()).await? {
        let Some(patience) = tenant.unpaid_expiry else { continue };
        let placed_by = app.clock.now().minus(patience);
        let due = rows::unpaid(&app.db.reader(), tenant.id, placed_by, app.failing.room()).await?;
        let due = due.into_iter().map(|id| (tenant.id, id)).collect();
        each(app, "order", due, |tenant, id| {
            app.by_itself(tenant, "expire-unpaid-order", move |call| Box::pin(expire(call, id)))
        })
        .await;
    }
    Ok(())
}

/// Whatever happened to the order since it was found, it expires only as one that nobody paid.
async fn expire(call: &Call, id: OrderId) -> Result<(), Error> {
    let tenant = access::tenant(&call.tx, call.caller.tenant).await?;
    let Some(patience) = tenant.and_then(|tenant| tenant.unpaid_expiry) else { return Ok(()) };
    let before = lock(call, id, None).await?;
    let is_due = before.head.place_time.is_some_and(|placed| placed <= call.now.minus(patience));
    if !(is_due && is_unpaid(&before)) {
        return Ok(());
    }
    let mut order = before.clone();
    order.expire(call.now)?;
    give_back(call, &before, &order).await?;
    save(call, &before, order, EventType::OrderExpired).await?;
    Ok(())
}

fn is_unpaid(order: &Order) -> bool {
    order.head.status == OrderStatus::Placed
        && order.head.payment_status == PaymentStatus::Unpaid
        && order.head.holds.is_empty()
}
