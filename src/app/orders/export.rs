//! All orders, one after the other, however many there are: in short reads, each of which begins where the one before ended, and
//! only when the client has taken what came before.

use std::collections::VecDeque;

use futures_util::stream::{BoxStream, StreamExt as _, try_unfold};

use super::{ListedOrder, fitting};
use crate::app::page::Bookmark;
use crate::app::{Error, Placed, Read};
use crate::domain::order::{OrderExport, OrderHead};
use crate::domain::page::{Sort, View};
use crate::store::{Position, orders as rows};

/// Orders read at once. Slow clients hold as many in memory, so it is less than what would be fastest.
const AT_ONCE: u64 = 100;

/// Lines read at once, of several orders.
const LINES_AT_ONCE: usize = 1_000;

/// An order, and where the export goes on after it.
#[derive(Debug)]
pub struct Exported {
    /// The order.
    pub order: ListedOrder,
    /// Where it goes on.
    pub resume_token: String,
}

/// Every order that there is when the export begins, the oldest first.
///
/// # Errors
/// `InvalidPageToken` when it is to go on where no export of these orders ended.
pub async fn export(call: Read, export: OrderExport) -> Result<BoxStream<'static, Result<Exported, Error>>, Error> {
    let bookmark = match call.bookmark(&export.resume_token, &export.binding)? {
        Some(bookmark) => Some(bookmark),
        None => newest(&call, &export).await?.map(|end| Bookmark { after: None, end }),
    };
    let Some(Bookmark { after, end }) = bookmark else { return Ok(futures_util::stream::empty().boxed()) };
    let reading = Reading { call, export, after, end, is_over: false, heads: VecDeque::new(), read: VecDeque::new() };
    Ok(try_unfold(reading, Reading::next).boxed())
}

/// Where the last of the orders is that are there.
async fn newest(call: &Read, export: &OrderExport) -> Result<Option<Position>, Error> {
    let found = rows::list(&call.reader, &call.scope(), &export.filter, Sort::NewestFirst, None, 1).await?;
    Ok(found.first().map(Placed::position))
}

/// How far an export has come.
struct Reading {
    call: Read,
    export: OrderExport,
    after: Option<Position>,
    end: Position,
    /// Whether no orders are left in the database.
    is_over: bool,
    heads: VecDeque<OrderHead>,
    read: VecDeque<ListedOrder>,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Exported, Self)>, Error> {
        loop {
            if let Some(order) = self.read.pop_front() {
                let bookmark = Bookmark { after: Some(order.position()), end: self.end };
                let resume_token = self.call.bookmark_token(&bookmark, &self.export.binding);
                return Ok(Some((Exported { order, resume_token }, self)));
            }
            if self.heads.is_empty() {
                if self.is_over {
                    return Ok(None);
                }
                self.read_heads().await?;
            }
            self.read_orders().await?;
        }
    }

    async fn read_heads(&mut self) -> Result<(), Error> {
        let _place = self.call.app.stream_reads.acquire().await.map_err(|_| Error::Stopping)?;
        let (scope, filter) = (self.call.scope(), &self.export.filter);
        let found = rows::list(&self.call.reader, &scope, filter, Sort::OldestFirst, self.after, AT_ONCE).await?;
        let place = |position: Position| (position.time, position.id);
        self.is_over = (found.len() as u64) < AT_ONCE;
        if let Some(last) = found.last() {
            self.after = Some(last.position());
            self.is_over |= place(last.position()) >= place(self.end);
        }
        self.heads = found.into_iter().take_while(|head| place(head.position()) <= place(self.end)).collect();
        Ok(())
    }

    /// As many of the orders as have few enough lines together.
    async fn read_orders(&mut self) -> Result<(), Error> {
        if self.heads.is_empty() {
            return Ok(());
        }
        if self.export.view == View::Basic {
            self.read = self.heads.drain(..).map(|head| ListedOrder::Basic(Box::new(head))).collect();
            return Ok(());
        }
        let _place = self.call.app.stream_reads.acquire().await.map_err(|_| Error::Stopping)?;
        let ids: Vec<_> = self.heads.iter().map(|head| head.id).collect();
        let fitting = fitting(&self.call, &ids, LINES_AT_ONCE).await?;
        let heads = self.heads.drain(..fitting).collect();
        let orders = rows::with_items(&self.call.reader, &self.call.scope(), heads).await?;
        self.read = orders.into_iter().map(|order| ListedOrder::Full(Box::new(order))).collect();
        Ok(())
    }
}
