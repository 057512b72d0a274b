//! Pages of lists, by keyset: a page begins after a row, wherever that row is by then.

use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Query, SimpleExpr, UnionType};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
};
use uuid::Uuid;

use crate::domain::page::Sort;
use crate::domain::time::{Time, TimeRange};

/// One list of several, in a statement.
const LIST: &str = "list";

/// A place in a list, between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The creation time of the row before.
    pub time: Time,
    /// Its id.
    pub id: Uuid,
}

/// The rows that were created in a span of time. `time` is the column that says when.
pub(super) fn created_in<E: EntityTrait>(query: Select<E>, time: impl ColumnTrait, span: TimeRange) -> Select<E> {
    let query = match span.after {
        Some(after) => query.filter(time.gt(after.micros())),
        None => query,
    };
    match span.before {
        Some(before) => query.filter(time.lt(before.micros())),
        None => query,
    }
}

/// Rows with one of these values; all of them when there are none. For a column beside the one whose index is to be used: a
/// single value stands twice, since SQLite, which has no statistics, might take an equality for the better one.
pub(super) fn one_of<V: Into<Value>>(column: impl ColumnTrait, values: impl Iterator<Item = V>) -> Condition {
    let mut values: Vec<Value> = values.map(Into::into).collect();
    match values.as_slice() {
        [] => return Condition::all(),
        [one] => values.push(one.clone()),
        _ => {}
    }
    Condition::all().add(column.is_in(values))
}

/// A time to look at beside the index that is to be used: as an expression, so that the engines, of which SQLite has no statistics,
/// do not take the index of what is due, which is sorted otherwise.
pub(super) fn beside(time: impl ColumnTrait) -> SimpleExpr {
    Expr::col(time.as_column_ref()).add(0)
}

/// The part of a list that a page needs. `time` and `id` are the columns of the order.
pub(super) fn part<E: EntityTrait, C: ColumnTrait>(
    query: Select<E>,
    (time, id): (C, C),
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Select<E> {
    let query = match after {
        Some(position) => query.filter(beyond(time, id, sort, position)),
        None => query,
    };
    sorted(query, (time, id), sort, limit)
}

/// The part of a list that a page needs, where the list is `each` together: lists with no row in common, each of which an
/// index has in order. An index has several of them one after the other, so that the page would be sorted out of all their
/// rows; instead as many of each are read as the page has. In one statement: between two of them a row may move from one list
/// to another. None in `each` means all of the query.
pub(super) fn merged<E: EntityTrait, C: ColumnTrait>(
    query: Select<E>,
    mut each: Vec<Select<E>>,
    key: (C, C),
    sort: Sort,
    after: Option<Position>,
    limit: u64,
) -> Select<E> {
    if each.len() < 2 {
        return part(each.pop().unwrap_or(query), key, sort, after, limit);
    }
    // SQLite takes an order and a limit only in a select of its own.
    let selects = each.into_iter().map(|list| {
        let list = part(list, key, sort, after, limit).into_query();
        (UnionType::All, Query::select().column(Asterisk).from_subquery(list, LIST).to_owned())
    });
    let mut selects = selects.collect::<Vec<_>>().into_iter();
    let mut all = selects.next().map(|(_, first)| first).unwrap_or_default();
    all.unions(selects);
    let mut page = E::find();
    QuerySelect::query(&mut page).from_clear().from_subquery(all, E::default());
    sorted(page, key, sort, limit)
}

fn sorted<E: EntityTrait, C: ColumnTrait>(query: Select<E>, (time, id): (C, C), sort: Sort, limit: u64) -> Select<E> {
    let direction = match sort {
        Sort::OldestFirst => Order::Asc,
        Sort::NewestFirst => Order::Desc,
    };
    query.order_by(time, direction.clone()).order_by(id, direction).limit(limit)
}

/// Row values compare as the index is sorted, so that page 1,000 costs what page 1 does.
fn beyond<C: ColumnTrait>(time: C, id: C, sort: Sort, position: Position) -> SimpleExpr {
    let row = Expr::tuple([Expr::col(time.as_column_ref()), Expr::col(id.as_column_ref())]);
    let place = Expr::tuple([Expr::val(position.time.micros()), Expr::val(position.id)]);
    match sort {
        Sort::OldestFirst => row.gt(place),
        Sort::NewestFirst => row.lt(place),
    }
}
