//! Where the books of money do not agree: what orders and payments keep beside what their payments and refunds say. There is
//! nothing to find unless somebody else wrote into the database, or we have a bug.

use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::entities::{orders, payments, refunds};
use super::{Error, Source};
use crate::domain::ids::{OrderId, PaymentId, TenantId, TypedId};
use crate::domain::payment::PaymentState;
use crate::domain::refund::RefundStatus;

/// An amount that is kept, and the sum that it should be, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// What is kept.
    pub kept: i64,
    /// What the rows sum to.
    pub found: i64,
}

/// An order whose totals are not those of its payments and refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDrift {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which one.
    pub order: OrderId,
    /// Payments that are not voided.
    pub paid: Kept,
    /// Refunds that succeeded.
    pub refunded: Kept,
    /// Refunds that count.
    pub claims: Kept,
}

/// A payment that does not hold what its refunds claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentDrift {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which one.
    pub payment: PaymentId,
    /// Refunds that count and name it.
    pub claims: Kept,
}

#[derive(FromQueryResult)]
struct OrderRow {
    id: Uuid,
    tenant_id: Uuid,
    paid_total: i64,
    refunded_total: i64,
    refund_claims: i64,
    paid: i64,
    refunded: i64,
    claims: i64,
}

#[derive(FromQueryResult)]
struct PaymentRow {
    id: Uuid,
    tenant_id: Uuid,
    refund_claims: i64,
    claims: i64,
}

/// At most `limit` orders, of all tenants, whose totals are not those of their payments and refunds.
pub async fn orders(from: &impl Source, limit: u64) -> Result<Vec<OrderDrift>, Error> {
    use orders::Column;
    let paid = {
        use payments::{Column as Row, Entity};
        let select = of_order(Entity, Row::TenantId, Row::OrderId);
        sum_of(select, (Entity, Row::Amount), (Entity, Row::Status), &[PaymentState::Recorded.as_str()])
    };
    let of_refunds = |statuses: &[&str]| {
        use refunds::{Column as Row, Entity};
        let select = of_order(Entity, Row::TenantId, Row::OrderId);
        sum_of(select, (Entity, Row::Amount), (Entity, Row::Status), statuses)
    };
    let (refunded, claims) = (of_refunds(&[RefundStatus::Succeeded.as_str()]), of_refunds(&counting()));
    let differs = |column: Column, sum: &SimpleExpr| Expr::col((orders::Entity, column)).ne(sum.clone());
    let rows = orders::Entity::find()
        .select_only()
        .columns([Column::Id, Column::TenantId, Column::PaidTotal, Column::RefundedTotal, Column::RefundClaims])
        .expr_as(paid.clone(), "paid")
        .expr_as(refunded.clone(), "refunded")
        .expr_as(claims.clone(), "claims")
        .filter(
            Condition::any()
                .add(differs(Column::PaidTotal, &paid))
                .add(differs(Column::RefundedTotal, &refunded))
                .add(differs(Column::RefundClaims, &claims)),
        )
        .limit(limit)
        .into_model::<OrderRow>()
        .all(&from.executor())
        .await?;
    let drifts = rows.into_iter().map(|row| OrderDrift {
        tenant: TenantId::from_uuid(row.tenant_id),
        order: OrderId::from_uuid(row.id),
        paid: Kept { kept: row.paid_total, found: row.paid },
        refunded: Kept { kept: row.refunded_total, found: row.refunded },
        claims: Kept { kept: row.refund_claims, found: row.claims },
    });
    Ok(drifts.collect())
}

/// At most `limit` payments, of all tenants, that do not hold what their refunds claim.
pub async fn payments_of_refunds(from: &impl Source, limit: u64) -> Result<Vec<PaymentDrift>, Error> {
    use payments::Column;
    let claims = {
        use refunds::{Column as Row, Entity};
        let of = |row, column| Expr::col((Entity, row)).equals((payments::Entity, column));
        let mut select = Query::select();
        select.from(Entity).and_where(of(Row::TenantId, Column::TenantId)).and_where(of(Row::PaymentId, Column::Id));
        sum_of(select, (Entity, Row::Amount), (Entity, Row::Status), &counting())
    };
    let rows = payments::Entity::find()
        .select_only()
        .columns([Column::Id, Column::TenantId, Column::RefundClaims])
        .expr_as(claims.clone(), "claims")
        .filter(Expr::col((payments::Entity, Column::RefundClaims)).ne(claims))
        .limit(limit)
        .into_model::<PaymentRow>()
        .all(&from.executor())
        .await?;
    let drifts = rows.into_iter().map(|row| PaymentDrift {
        tenant: TenantId::from_uuid(row.tenant_id),
        payment: PaymentId::from_uuid(row.id),
        claims: Kept { kept: row.refund_claims, found: row.claims },
    });
    Ok(drifts.collect())
}

/// The states of refunds that count.
fn counting() -> Vec<&'static str> {
    RefundStatus::ALL.iter().filter(|status| status.counts()).map(|status| status.as_str()).collect()
}

/// The rows of a table that belong to an order.
fn of_order<E: EntityTrait, C: ColumnTrait>(table: E, tenant: C, order: C) -> SelectStatement {
    let of = |row, column| Expr::col((table, row)).equals((orders::Entity, column));
    let mut select = Query::select();
    select.from(table).and_where(of(tenant, orders::Column::TenantId)).and_where(of(order, orders::Column::Id));
    select
}

/// The sum of an amount over those of some rows that are in one of these states.
fn sum_of<E: EntityTrait, C: ColumnTrait>(
    mut select: SelectStatement,
    amount: (E, C),
    status: (E, C),
    statuses: &[&str],
) -> SimpleExpr {
    let sum = Func::coalesce([Expr::col(amount).sum(), Expr::val(0)]);
    select.expr(Expr::expr(sum).cast_as("bigint")).and_where(Expr::col(status).is_in(statuses.iter().copied()));
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}
