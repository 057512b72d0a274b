//! Personal data of a customer outside its own row: addresses on orders, stored replies, and what people typed into the audit.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JsonValue, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::entities::{
    approvals, audit_events, customers, idempotency_keys, orders, payments, quotes, refunds, returns, shipments,
};
use super::{Error, Scope, Source, Tx, hit};
use crate::domain::ids::{CustomerId, TypedId};
use crate::domain::time::Time;

/// Replies read at a time: one of them may have megabytes.
const REPLIES_PER_QUERY: u64 = 20;

/// A stored reply that may hold personal data.
#[derive(Debug)]
pub struct StoredReply {
    /// The gRPC path of the method that it is a reply of.
    pub method: String,
    /// The encoded reply message.
    pub reply: Vec<u8>,
    row: idempotency_keys::Model,
}

/// Clears the addresses on the orders of a customer. Who holds such an order sees that it changed: its version moves. No
/// event tells of it, since events show no addresses; that of the customer tells it for all of them.
pub async fn clear_addresses(tx: &Tx, scope: &Scope, customer: CustomerId, now: Time) -> Result<(), Error> {
    use orders::Column;
    let some = Condition::any().add(Column::ShippingAddress.is_not_null()).add(Column::BillingAddress.is_not_null());
    orders::Entity::update_many()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::CustomerId.eq(customer.uuid()))
        .filter(some)
        .col_expr(Column::ShippingAddress, Expr::value(None::<JsonValue>))
        .col_expr(Column::BillingAddress, Expr::value(None::<JsonValue>))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .col_expr(Column::UpdateTime, Expr::value(now.micros()))
        .exec(&tx.executor())
        .await?;
    Ok(())
}

/// Clears why things were done to a customer and to what belongs to it: people type it, and may name somebody.
pub async fn clear_reasons(tx: &Tx, scope: &Scope, customer: CustomerId) -> Result<(), Error> {
    use audit_events::Column;
    // One list of ids, so that the index on them serves: they are unique among all kinds of things.
    let its_things = ids_of(customers::Entity, "id", scope, customer)
        .union(UnionType::All, ids_of(approvals::Entity, "customer_id", scope, customer))
        .union(UnionType::All, ids_of(orders::Entity, "customer_id", scope, customer))
        .union(UnionType::All, ids_of(payments::Entity, "customer_id", scope, customer))
        .union(UnionType::All, ids_of(quotes::Entity, "customer_id", scope, customer))
        .union(UnionType::All, ids_of(refunds::Entity, "customer_id", scope, customer))
        .union(UnionType::All, ids_of(returns::Entity, "customer_id", scope, customer))
        .union(UnionType::All, ids_of(shipments::Entity, "customer_id", scope, customer))
        .to_owned();
    audit_events::Entity::update_many()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::ResourceId.in_subquery(its_things))
        .filter(Column::Reason.ne(""))
        .col_expr(Column::Reason, Expr::value(""))
        .exec(&tx.executor())
        .await?;
    Ok(())
}

/// The ids of what a customer has of one kind; `owner` is the column that says whose it is.
fn ids_of(table: impl EntityTrait, owner: &'static str, scope: &Scope, customer: CustomerId) -> SelectStatement {
    Query::select()
        .column("id")
        .from(table)
        .and_where(Expr::col("tenant_id").eq(scope.tenant.uuid()))
        .and_where(Expr::col(owner).eq(customer.uuid()))
        .to_owned()
}

/// Drops the replies for a customer that are too old to be answered again, so that only the others are rewritten.
pub async fn drop_expired(tx: &Tx, scope: &Scope, customer: CustomerId, expired_before: Time) -> Result<(), Error> {
    use idempotency_keys::Column;
    idempotency_keys::Entity::delete_many()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::CustomerId.eq(customer.uuid()))
        .filter(Column::CreateTime.lt(expired_before.micros()))
        .exec(&tx.executor())
        .await?;
    Ok(())
}

/// Some of the stored replies that may hold personal data of a customer; none when all were rewritten.
pub async fn replies(tx: &Tx, scope: &Scope, customer: CustomerId) -> Result<Vec<StoredReply>, Error> {
    use idempotency_keys::Column;
    let found = idempotency_keys::Entity::find()
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::CustomerId.eq(customer.uuid()))
        .limit(REPLIES_PER_QUERY);
    let rows = found.all(&tx.executor()).await?;
    let stored = |mut row: idempotency_keys::Model| StoredReply {
        method: row.method.clone(),
        reply: row.reply.take().unwrap_or_default(),
        row,
    };
    Ok(rows.into_iter().map(stored).collect())
}

/// Stores a reply that holds no personal data any more, so that it is nobody's.
///
/// # Errors
/// `Stale` when the key was given to another request in the meantime.
pub async fn rewrite(tx: &Tx, stored: &StoredReply, reply: Vec<u8>) -> Result<(), Error> {
    use idempotency_keys::Column;
    let row = &stored.row;
    let written = idempotency_keys::Entity::update_many()
        .filter(Column::TenantId.eq(row.tenant_id))
        .filter(Column::PrincipalId.eq(row.principal_id))
        .filter(Column::Method.eq(row.method.as_str()))
        .filter(Column::Key.eq(row.key.as_str()))
        .filter(Column::CreateTime.eq(row.create_time))
        .col_expr(Column::Reply, Expr::value(reply))
        .col_expr(Column::CustomerId, Expr::value(None::<Uuid>))
        .exec(&tx.executor())
        .await?;
    hit(&written)
}
