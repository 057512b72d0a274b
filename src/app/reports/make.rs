//! Makes the file of a report: reads page by page, each of which begins where the one before ended, and writes as it reads.

use std::collections::HashMap;

use super::super::jobs::{Attempt, Failed};
use super::super::{Error, Placed, Read};
use super::file::{File, name};
use super::save;
use crate::domain::event::EventType;
use crate::domain::ids::{OrderId, ReportId, TypedId};
use crate::domain::order::{OrderFilter, OrderHead};
use crate::domain::page::Sort;
use crate::domain::report::{Report, ReportFile, ReportKind, Row, Sales, order_row, stock_row};
use crate::domain::stock::StockFilter;
use crate::domain::time::Time;
use crate::store::{Position, orders, reports as rows, stock};

/// Orders or levels read at once, and rows written at once.
const AT_ONCE: u64 = 500;

/// Lines read at once, of several orders.
const LINES_AT_ONCE: usize = 2_000;

/// Makes the file, and ends the job with it.
pub(in crate::app) async fn make(attempt: &Attempt) -> Result<(), Failed> {
    let id = ReportId::from_uuid(attempt.job.resource.id);
    let read = attempt.read();
    let found = rows::get(&read.reader, &attempt.scope(), id).await?;
    let report = found.ok_or_else(|| Error::Fault(format!("there is no report {id}")))?;
    clear(attempt, id).await?;
    let mut file = File::begin(attempt, &report).await?;
    match Sales::of(report.kind) {
        Some(sales) => write_sales(attempt, &read, &report, sales, &mut file).await?,
        None if report.kind == ReportKind::Stock => write_stock(attempt, &read, &mut file).await?,
        None => write_orders(attempt, &read, &report, &mut file).await?,
    }
    succeed(attempt, id, file.finish().await?).await
}

/// Removes what attempts before this one left.
async fn clear(attempt: &Attempt, id: ReportId) -> Result<(), Failed> {
    if attempt.job.attempt > 1 {
        attempt.write(move |tx, _| Box::pin(async move { Ok(rows::delete_parts(tx, id).await?) })).await?;
    }
    if let Some(objects) = &attempt.app.settings.objects {
        objects.delete_below(&objects.key(&name(id, None))).await?;
    }
    Ok(())
}

async fn succeed(attempt: &Attempt, id: ReportId, file: ReportFile) -> Result<(), Failed> {
    let retention = attempt.app.settings.report_retention;
    attempt
        .succeed(move |call| {
            let file = file.clone();
            Box::pin(async move {
                let found = rows::get_for_write(&call.tx, &call.scope(), id).await?;
                let before = found.ok_or_else(|| Error::Fault(format!("there is no report {id}")))?;
                let now = call.tx.time().await?;
                let report = before.succeeded(file, call.now, now.plus(retention));
                save(call, &before, &report, EventType::ReportSucceeded).await
            })
        })
        .await
}

/// Removes the object of an attempt that came to nothing. One that nobody can be sure of stays, for the next attempt to remove.
pub(in crate::app) async fn tidy(attempt: &Attempt) {
    let Some(objects) = &attempt.app.settings.objects else { return };
    if let Some(mut upload) = attempt.upload.lock().await.take() {
        upload.abort().await;
    }
    let id = ReportId::from_uuid(attempt.job.resource.id);
    let is_garbage = async {
        let found = rows::get(&attempt.app.db.reader(), &attempt.scope(), id).await?;
        let is_the_file = found.and_then(|report| report.file).is_some_and(|file| file.token == attempt.token);
        Ok::<_, Error>(!is_the_file && !attempt.is_held().await?)
    };
    if matches!(is_garbage.await, Ok(true))
        && let Err(error) = objects.delete(&objects.key(&name(id, Some(attempt.token)))).await
    {
        tracing::warn!(%error, report = %id, "the file of a failed attempt stays behind");
    }
}

async fn write_orders(attempt: &Attempt, read: &Read, report: &Report, file: &mut File<'_>) -> Result<(), Failed> {
    let filter = OrderFilter { created: report.span(), ..Default::default() };
    let mut pages = Orders::new(read, filter).await?;
    while let Some(heads) = pages.next().await? {
        let rows: Vec<_> = heads.iter().map(order_row).collect();
        file.rows(&rows).await?;
        attempt.is_at(pages.percent());
    }
    Ok(())
}

async fn write_sales(
    attempt: &Attempt,
    read: &Read,
    report: &Report,
    mut sales: Sales,
    file: &mut File<'_>,
) -> Result<(), Failed> {
    let mut pages = Orders::new(read, Sales::filter(report.span())).await?;
    while let Some(heads) = pages.next().await? {
        let ids: Vec<_> = heads.iter().map(|head| head.id).collect();
        let counts = orders::item_counts(&read.reader, &ids).await?;
        for some in groups(heads, &counts) {
            for order in orders::with_items(&read.reader, &read.scope(), some).await? {
                let counted = sales.add(&order);
                counted.map_err(|error| Error::Fault(format!("order {}: {error}", order.head.id)))?;
            }
        }
        attempt.is_at(pages.percent());
    }
    let mut some: Vec<Row> = Vec::new();
    for row in sales.into_rows() {
        some.push(row);
        if some.len() as u64 == AT_ONCE {
            file.rows(&some).await?;
            some.clear();
        }
    }
    file.rows(&some).await
}

/// The orders in groups, each of which has few enough lines, or is one order.
fn groups(heads: Vec<OrderHead>, counts: &HashMap<OrderId, usize>) -> Vec<Vec<OrderHead>> {
    let (mut groups, mut lines): (Vec<Vec<OrderHead>>, usize) = (Vec::new(), 0);
    for head in heads {
        let count = counts.get(&head.id).copied().unwrap_or(0);
        match groups.last_mut() {
            Some(group) if lines + count <= LINES_AT_ONCE => {
                lines += count;
                group.push(head);
            }
            _ => {
                lines = count;
                groups.push(vec![head]);
            }
        }
    }
    groups
}

async fn write_stock(attempt: &Attempt, read: &Read, file: &mut File<'_>) -> Result<(), Failed> {
    let (filter, scope) = (StockFilter::default(), read.scope());
    let end = attempt.job.create_time;
    let (mut after, mut first) = (None, None);
    loop {
        let levels = stock::list(&read.reader, &scope, &filter, None, Sort::OldestFirst, after, AT_ONCE).await?;
        let Some(last) = levels.last() else { return Ok(()) };
        let begin = *first.get_or_insert(levels[0].create_time);
        let rows: Vec<_> = levels.iter().map(stock_row).collect();
        file.rows(&rows).await?;
        attempt.is_at(percent(begin, last.create_time, end));
        after = Some(Position { time: last.create_time, id: last.id });
    }
}

/// Orders, page by page, the oldest first.
struct Orders<'a> {
    read: &'a Read,
    filter: OrderFilter,
    first: Option<Time>,
    after: Option<Position>,
    end: Option<Time>,
}

impl<'a> Orders<'a> {
    async fn new(read: &'a Read, filter: OrderFilter) -> Result<Self, Error> {
        let newest = orders::list(&read.reader, &read.scope(), &filter, Sort::NewestFirst, None, 1).await?;
        let end = newest.first().map(|head| head.create_time);
        Ok(Self { read, filter, first: None, after: None, end })
    }

    async fn next(&mut self) -> Result<Option<Vec<OrderHead>>, Error> {
        let (scope, sort) = (self.read.scope(), Sort::OldestFirst);
        let heads = orders::list(&self.read.reader, &scope, &self.filter, sort, self.after, AT_ONCE).await?;
        let Some(last) = heads.last() else { return Ok(None) };
        self.after = Some(last.position());
        self.first = self.first.or(heads.first().map(|head| head.create_time));
        Ok(Some(heads))
    }

    fn percent(&self) -> i32 {
        let here = self.after.map(|position| position.time);
        match (self.first, here, self.end) {
            (Some(first), Some(here), Some(end)) => percent(first, here, end),
            _ => 0,
        }
    }
}

/// How far it is from one time to another.
fn percent(first: Time, here: Time, end: Time) -> i32 {
    let (done, all) = (i128::from(here.micros() - first.micros()), i128::from(end.micros() - first.micros()));
    if all <= 0 { 0 } else { i32::try_from(done * 100 / all).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_goes_with_time() {
        let at = Time::from_micros;
        let steps = [(0, 0, 0), (0, 0, 10), (0, 5, 10), (0, 10, 10), (5, 5, 3)];
        assert_eq!(steps.map(|(first, here, end)| percent(at(first), at(here), at(end))), [0, 0, 50, 100, 0]);
    }
}
