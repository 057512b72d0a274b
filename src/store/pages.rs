//! Pages of lists, by keyset: a page begins after a row, wherever that row is by then.

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::domain::page::Sort;
use crate::domain::time::{Time, TimeRange};

/// A place in a list, between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The creation time of the row before.
    pub time: Time,
    /// Its id.
    pub id: Uuid,
}

/// The rows that were created in a span of time. `time` is the column that says when.
pub(super) fn created_in<E: EntityTrait>(query: Select<E>, time: E::Column, span: TimeRange) -> Select<E> {
    let query = match span.after {
        Some(after) => query.filter(time.gt(after.micros())),
        None => query,
    };
    match span.before {
        Some(before) => query.filter(time.lt(before.micros())),
        None => query,
    }
}

/// The part of a list that a page needs. `time` and `id` are the columns of the order.
pub(super) fn part<E: EntityTrait>(
    query: Select<E>,
    (time, id): (E::Column, E::Column),
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Select<E> {
    let query = match after {
        Some(position) => query.filter(beyond::<E>(time, id, sort, position)),
        None => query,
    };
    let direction = match sort {
        Sort::OldestFirst => Order::Asc,
        Sort::NewestFirst => Order::Desc,
    };
    query.order_by(time, direction.clone()).order_by(id, direction).limit(limit)
}

/// Row values compare as the index is sorted, so that page 1,000 costs what page 1 does.
fn beyond<E: EntityTrait>(time: E::Column, id: E::Column, sort: Sort, position: Position) -> SimpleExpr {
    let row = Expr::tuple([Expr::col((E::default(), time)), Expr::col((E::default(), id))]);
    let place = Expr::tuple([Expr::val(position.time.micros()), Expr::val(position.id)]);
    match sort {
        Sort::OldestFirst => row.gt(place),
        Sort::NewestFirst => row.lt(place),
    }
}
