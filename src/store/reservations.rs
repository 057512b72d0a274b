//! Reservations and their lines, which never change.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select, Set,
};
use uuid::Uuid;

use super::entities::{reservation_lines, reservations};
use super::pages::{Position, beside, created_in, merged, part};
use super::rows::{from_json, named, to_json};
use super::{CorruptRow, Error, Scope, Source, Tx, hit};
use crate::domain::ids::{LocationId, OrderId, ProductId, ReservationId, TenantId, TypedId};
use crate::domain::page::Sort;
use crate::domain::reservation::{Reservation, ReservationFilter, ReservationLine, ReservationStatus};
use crate::domain::time::Time;
use reservations::{ActiveModel, Column, Entity, Model};

/// Lines written in one statement, and ids asked for in one.
const ROWS_PER_STATEMENT: usize = 500;

/// The lines before a line, in the same order.
const EARLIER: &str = "earlier";

/// Adds a reservation. `ids` are the UUIDs of its lines.
///
/// # Errors
/// `Duplicate` when the reference is taken.
pub async fn insert(tx: &Tx, scope: &Scope, reservation: &Reservation, ids: &[Uuid]) -> Result<(), Error> {
    Entity::insert(reservation_row(scope, reservation)?).exec_without_returning(&tx.executor()).await?;
    let lines = reservation.lines.iter().zip(ids).zip(0..);
    let rows: Vec<_> = lines.map(|((line, id), place)| line_row(scope, reservation, *id, place, line)).collect();
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        reservation_lines::Entity::insert_many(some.to_vec()).exec_without_returning(&tx.executor()).await?;
    }
    Ok(())
}

/// Writes a reservation over the one that was read. Its lines stay.
///
/// # Errors
/// `Stale` when it was changed since.
pub async fn save(tx: &Tx, scope: &Scope, before: &Reservation, reservation: &Reservation) -> Result<(), Error> {
    let saved = Entity::update_many()
        .set(reservation_row(scope, reservation)?)
        .filter(Column::TenantId.eq(scope.tenant.uuid()))
        .filter(Column::Id.eq(before.id.uuid()))
        .filter(Column::Version.eq(before.version));
    hit(&saved.exec(&tx.executor()).await?)
}

fn reservation_row(scope: &Scope, reservation: &Reservation) -> Result<ActiveModel, CorruptRow> {
    Ok(ActiveModel {
        id: Set(reservation.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        status: Set(reservation.status.as_str().to_owned()),
        order_id: Set(reservation.order.map(TypedId::uuid)),
        reference: Set(reservation.reference.clone()),
        metadata: Set(to_json(&reservation.metadata)?),
        expire_time: Set(reservation.expire_time.micros()),
        commit_time: Set(reservation.commit_time.map(Time::micros)),
        release_time: Set(reservation.release_time.map(Time::micros)),
        version: Set(reservation.version),
        create_time: Set(reservation.create_time.micros()),
        update_time: Set(reservation.update_time.micros()),
    })
}

fn line_row(
    scope: &Scope,
    reservation: &Reservation,
    id: Uuid,
    position: i32,
    line: &ReservationLine,
) -> reservation_lines::ActiveModel {
    reservation_lines::ActiveModel {
        id: Set(id),
        reservation_id: Set(reservation.id.uuid()),
        position: Set(position),
        tenant_id: Set(scope.tenant.uuid()),
        reservation_time: Set(reservation.create_time.micros()),
        product_id: Set(line.product.uuid()),
        sku: Set(line.sku.clone()),
        location_id: Set(line.location.uuid()),
        quantity: Set(line.quantity),
    }
}

/// The reservation with this id, as it was written down.
pub async fn get(from: &impl Source, scope: &Scope, id: ReservationId) -> Result<Option<Reservation>, Error> {
    let rows = scoped(scope).filter(Column::Id.eq(id.uuid())).all(&from.executor()).await?;
    Ok(with_lines(from, heads(rows)?).await?.pop())
}

/// The same, locked until the transaction ends.
pub async fn get_for_write(tx: &Tx, scope: &Scope, id: ReservationId) -> Result<Option<Reservation>, Error> {
    let rows = scoped(scope).filter(Column::Id.eq(id.uuid())).lock_exclusive().all(&tx.executor()).await?;
    Ok(with_lines(tx, heads(rows)?).await?.pop())
}

/// The reservation that has this reference.
pub async fn id_by_reference(
    from: &impl Source,
    scope: &Scope,
    reference: &str,
) -> Result<Option<ReservationId>, Error> {
    let found = scoped(scope).filter(Column::Reference.eq(reference));
    let ids: Vec<Uuid> = found.select_only().column(Column::Id).into_tuple().all(&from.executor()).await?;
    Ok(ids.first().copied().map(ReservationId::from_uuid))
}

/// At most `limit` reservations after a position, without their lines, as they were written down. `product` is the one that
/// the filter's SKU means. One that is due by now counts as expired.
#[allow(clippy::too_many_arguments, reason = "a list, its time and its page")]
pub async fn list(
    from: &impl Source,
    scope: &Scope,
    filter: &ReservationFilter,
    product: Option<ProductId>,
    now: Time,
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<Reservation>, Error> {
    let key = (Column::CreateTime, Column::Id);
    let mut query = scoped(scope);
    if let Some(reference) = &filter.reference {
        query = query.filter(Column::Reference.eq(reference.as_str()));
    }
    let states = states(&filter.statuses, now);
    let page = if let Some(product) = product {
        let query = match states.into_iter().reduce(|all, state| Condition::any().add(all).add(state)) {
            Some(any) => query.filter(any),
            None => query,
        };
        let query = along_lines(query, scope, product);
        let key = (reservation_lines::Column::ReservationTime, reservation_lines::Column::ReservationId);
        part(created_in(query, key.0, filter.created), key, sort, after, limit)
    } else {
        let query = created_in(query, key.0, filter.created);
        let each = states.into_iter().map(|state| query.clone().filter(state)).collect();
        merged(query, each, key, sort, after, limit)
    };
    Ok(heads(page.all(&from.executor()).await?)?)
}

/// Which rows are in these states: conditions that no row meets two of. None means all.
fn states(statuses: &[ReservationStatus], now: Time) -> Vec<Condition> {
    let is = |status: ReservationStatus| Condition::all().add(Column::Status.eq(status.as_str()));
    let held = || is(ReservationStatus::Held);
    let conditions = statuses.iter().flat_map(|status| match status {
        ReservationStatus::Held => vec![held().add(beside(Column::ExpireTime).gt(now.micros()))],
        ReservationStatus::Expired => vec![is(*status), held().add(beside(Column::ExpireTime).lte(now.micros()))],
        ReservationStatus::Committed | ReservationStatus::Released => vec![is(*status)],
    });
    conditions.collect()
}

/// The reservations that have lines of a product, once each, in the order of the lines, which is theirs.
fn along_lines(query: Select<Entity>, scope: &Scope, product: ProductId) -> Select<Entity> {
    use reservation_lines::{Column as Line, Entity as Lines};
    let of_line = |column| Expr::col((Lines, column));
    let earlier = |column| Expr::col((EARLIER, column));
    let earlier = Query::select()
        .expr(Expr::val(1))
        .from_as(Lines, EARLIER)
        .and_where(earlier(Line::ReservationId).eq(of_line(Line::ReservationId)))
        .and_where(earlier(Line::ProductId).eq(of_line(Line::ProductId)))
        .and_where(earlier(Line::Position).lt(of_line(Line::Position)))
        .to_owned();
    query
        .join_rev(JoinType::InnerJoin, reservation_lines::Relation::Reservation.def())
        .filter(Line::TenantId.eq(scope.tenant.uuid()))
        .filter(Line::ProductId.eq(product.uuid()))
        .filter(Expr::not_exists(earlier))
}

/// Reservations that are due and keep one of these products: the oldest of them, by their ids.
pub async fn due(
    from: &impl Source,
    scope: &Scope,
    products: &[ProductId],
    now: Time,
    limit: u64,
) -> Result<Vec<ReservationId>, Error> {
    use reservation_lines::{Column as Line, Entity as Lines};
    let keeping = Query::select()
        .column(Line::ReservationId)
        .from(Lines)
        .and_where(Line::ProductId.is_in(products.iter().map(|id| id.uuid())))
        .to_owned();
    let ids: Vec<Uuid> = scoped(scope)
        .filter(is_due(now))
        .filter(Column::Id.in_subquery(keeping))
        .order_by_asc(Column::ExpireTime)
        .limit(limit)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(&from.executor())
        .await?;
    Ok(ids.into_iter().map(ReservationId::from_uuid).collect())
}

/// Those of these reservations that are still due, with their lines, locked until the transaction ends.
pub async fn lock_due(tx: &Tx, scope: &Scope, ids: &[ReservationId], now: Time) -> Result<Vec<Reservation>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(ROWS_PER_STATEMENT) {
        let still = scoped(scope).filter(is_due(now)).filter(Column::Id.is_in(some.iter().map(|id| id.uuid())));
        let rows = still.order_by_asc(Column::Id).lock_exclusive().all(&tx.executor()).await?;
        found.extend(with_lines(tx, heads(rows)?).await?);
    }
    Ok(found)
}

/// Reservations of any tenant that are due, the oldest first.
pub async fn due_anywhere(from: &impl Source, now: Time, limit: u64) -> Result<Vec<(TenantId, ReservationId)>, Error> {
    let ids: Vec<(Uuid, Uuid)> = Entity::find()
        .filter(is_due(now))
        .order_by_asc(Column::ExpireTime)
        .limit(limit)
        .select_only()
        .column(Column::TenantId)
        .column(Column::Id)
        .into_tuple()
        .all(&from.executor())
        .await?;
    Ok(ids.into_iter().map(|(tenant, id)| (TenantId::from_uuid(tenant), ReservationId::from_uuid(id))).collect())
}

fn is_due(now: Time) -> Condition {
    Condition::all().add(Column::Status.eq(ReservationStatus::Held.as_str())).add(Column::ExpireTime.lte(now.micros()))
}

/// The same reservations with their lines.
pub async fn with_lines(from: &impl Source, heads: Vec<Reservation>) -> Result<Vec<Reservation>, Error> {
    use reservation_lines::{Column as Line, Entity as Lines};
    let mut lines: HashMap<Uuid, Vec<ReservationLine>> = HashMap::with_capacity(heads.len());
    for some in heads.chunks(ROWS_PER_STATEMENT) {
        let rows = Lines::find()
            .filter(Line::ReservationId.is_in(some.iter().map(|head| head.id.uuid())))
            .order_by_asc(Line::ReservationId)
            .order_by_asc(Line::Position)
            .all(&from.executor())
            .await?;
        for row in rows {
            lines.entry(row.reservation_id).or_default().push(line(row));
        }
    }
    let whole = heads.into_iter().map(|head| {
        let lines = lines.remove(&head.id.uuid()).unwrap_or_default();
        Reservation { lines, ..head }
    });
    Ok(whole.collect())
}

/// The reservations are the tenant's: whoever may read them reads all of them.
fn scoped(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(Column::TenantId.eq(scope.tenant.uuid()))
}

fn heads(rows: Vec<Model>) -> Result<Vec<Reservation>, CorruptRow> {
    rows.into_iter().map(head).collect()
}

fn head(row: Model) -> Result<Reservation, CorruptRow> {
    Ok(Reservation {
        id: ReservationId::from_uuid(row.id),
        status: named(&row.status)?,
        lines: Vec::new(),
        order: row.order_id.map(OrderId::from_uuid),
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        expire_time: Time::from_micros(row.expire_time),
        commit_time: row.commit_time.map(Time::from_micros),
        release_time: row.release_time.map(Time::from_micros),
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
    })
}

fn line(row: reservation_lines::Model) -> ReservationLine {
    ReservationLine {
        product: ProductId::from_uuid(row.product_id),
        sku: row.sku,
        location: LocationId::from_uuid(row.location_id),
        quantity: row.quantity,
    }
}
