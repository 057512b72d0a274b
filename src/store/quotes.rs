//! Quotes: queries. Rows become quotes in `quote_rows`.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, JsonValue, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait, Select,
};
use uuid::Uuid;

use super::entities::quote_items;
use super::entities::quotes::{Column, Entity, Model};
use super::pages::{Position, beside, created_in, merged, part};
use super::quote_rows::{head, head_row, items_row, quote};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{CustomerId, QuoteId, TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::quote::{Quote, QuoteFilter, QuoteHead, QuoteStatus};
use crate::domain::time::Time;

/// Adds a quote.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, quote: &Quote) -> Result<(), Error> {
    Entity::insert(head_row(scope, quote)?).exec_without_returning(&tx.executor()).await?;
    quote_items::Entity::insert(items_row(quote)?).exec_without_returning(&tx.executor()).await?;
    Ok(())
}

/// Writes a quote over the one that was read.
///
/// # Errors
/// `Stale` when it was changed since; `Duplicate` when the reference is taken.
pub async fn save(tx: &Tx, scope: &Scope, before: &Quote, quote: &Quote) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(head_row(scope, quote)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.head.id.uuid()))
        .filter(Column::Version.eq(before.head.version))
        .exec(&tx.executor())
        .await?;
    hit(&saved)?;
    if quote.items != before.items {
        let written = quote_items::Entity::update_many()
            .set(items_row(quote)?)
            .filter(quote_items::Column::QuoteId.eq(before.head.id.uuid()))
            .exec(&tx.executor())
            .await?;
        hit(&written)?;
    }
    Ok(())
}

/// A quote with its lines.
#[derive(FromQueryResult)]
struct WholeRow {
    #[sea_orm(nested)]
    head: Model,
    lines: JsonValue,
}

/// The quote that this one revises.
pub async fn revised_by(from: &impl Source, scope: &Scope, id: QuoteId) -> Result<Option<QuoteId>, Error> {
    let found = scoped(scope).filter(Column::Id.eq(id.uuid())).select_only();
    let ids: Vec<Option<Uuid>> = found.column(Column::RevisesQuoteId).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().flatten().map(QuoteId::from_uuid))
}

/// The quote with this id, with its lines.
pub async fn get(from: &impl Source, scope: &Scope, id: QuoteId) -> Result<Option<Quote>, Error> {
    Ok(whole(from, scoped(scope).filter(Column::Id.eq(id.uuid()))).await?.pop())
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: QuoteId) -> Result<Option<Quote>, Error> {
    let locked = scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive();
    let ids: Vec<Uuid> = locked.select_only().column(Column::Id).into_tuple().all(&tx.executor()).await?;
    if ids.is_empty() { Ok(None) } else { get(tx, scope, id).await }
}

/// Whose quote it is.
pub async fn customer_of(from: &impl Source, scope: &Scope, id: QuoteId) -> Result<Option<CustomerId>, Error> {
    let found = scoped(scope).filter(Column::Id.eq(id.uuid())).select_only().column(Column::CustomerId);
    let ids: Vec<Uuid> = found.into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(CustomerId::from_uuid))
}

/// The quotes with these ids, with their lines, in no order; those that do not exist are missing.
pub async fn by_ids(from: &impl Source, scope: &Scope, ids: &[QuoteId]) -> Result<Vec<Quote>, Error> {
    whole(from, scoped(scope).filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))).await
}

/// Head and lines in one statement: between two of them a quote may change.
async fn whole(from: &impl Source, query: Select<Entity>) -> Result<Vec<Quote>, Error> {
    let rows = query
        .join_rev(JoinType::InnerJoin, quote_items::Relation::Quote.def())
        .column_as(quote_items::Column::Items, "lines")
        .into_model::<WholeRow>()
        .all(&from.executor())
        .await?;
    Ok(rows.into_iter().map(|row| quote(row.head, row.lines)).collect::<Result<_, CorruptRow>>()?)
}

/// At most `limit` quotes after a position, without their lines but with their number, as they are at `now`: those that are
/// due count as expired.
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &QuoteFilter,
    now: Time,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<(QuoteHead, usize)>, Error> {
    let key = (Column::CreateTime, Column::Id);
    let mut query = created_in(scoped(scope), key.0, filter.created);
    if let Some(customer) = filter.customer {
        query = query.filter(Column::CustomerId.eq(customer.uuid()));
    }
    if let Some(reference) = &filter.reference {
        query = query.filter(Column::Reference.eq(reference.as_str()));
    }
    let lists = lists(&filter.statuses, now);
    // A customer or a reference leaves few quotes, and the states are looked up in those.
    let are_few = filter.customer.or(scope.customer).is_some() || filter.reference.is_some();
    let page = if are_few {
        if !lists.is_empty() {
            query = query.filter(lists.into_iter().fold(Condition::any(), Condition::add));
        }
        part(query, key, sort, after, limit)
    } else {
        let each = lists.into_iter().map(|list| query.clone().filter(list)).collect();
        merged(query, each, key, sort, after, limit)
    };
    let rows = page.all(&from.executor()).await?;
    let shown = |row: Model| {
        let items = usize::try_from(row.item_count).unwrap_or(0);
        Ok((head(row)?, items))
    };
    Ok(rows.into_iter().map(shown).collect::<Result<_, CorruptRow>>()?)
}

/// Each state as a list of its own. What is due stands among the expired ones and nowhere else; there is little of it, since it
/// is soon noted.
fn lists(statuses: &[QuoteStatus], now: Time) -> Vec<Condition> {
    let mut lists = Vec::new();
    for status in statuses {
        let of_status = Condition::all().add(Column::Status.eq(status.as_str()));
        match status {
            QuoteStatus::PendingApproval | QuoteStatus::Approved | QuoteStatus::Sent => {
                lists.push(of_status.add(beside(Column::DueTime).gt(now.micros())));
            }
            QuoteStatus::Expired => {
                lists.push(of_status);
                lists.push(Condition::all().add(Column::DueTime.lte(now.micros())));
            }
            QuoteStatus::Draft
            | QuoteStatus::Accepted
            | QuoteStatus::Declined
            | QuoteStatus::Withdrawn
            | QuoteStatus::Superseded => lists.push(of_status),
        }
    }
    lists
}

/// The quote of this customer that has this reference and no newer version.
pub async fn by_reference(
    from: &impl Source,
    scope: &Scope,
    customer: CustomerId,
    reference: &str,
) -> Result<Option<QuoteId>, Error> {
    let found = scoped(scope)
        .filter(Column::CustomerId.eq(customer.uuid()))
        .filter(Column::Reference.eq(reference))
        .filter(Column::Status.ne(QuoteStatus::Superseded.as_str()));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(QuoteId::from_uuid))
}

/// Quotes of all tenants that are due, at most so many, the longest due first. For the service itself.
pub async fn due(from: &impl Source, now: Time, limit: u64) -> Result<Vec<(TenantId, QuoteId)>, Error> {
    let due: Vec<(Uuid, Uuid)> = Entity::find()
        .select_only()
        .columns([Column::TenantId, Column::Id])
        .filter(Column::DueTime.lte(now.micros()))
        .order_by_asc(Column::DueTime)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(&from.executor())
        .await?;
    Ok(due.into_iter().map(|(tenant, id)| (TenantId::from_uuid(tenant), QuoteId::from_uuid(id))).collect())
}

fn scoped(scope: &Scope) -> Select<Entity> {
    let query = Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()));
    match scope.customer {
        Some(customer) => query.filter(Column::CustomerId.eq(customer.uuid())),
        None => query,
    }
}
