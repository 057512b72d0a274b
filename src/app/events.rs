//! Use cases of events: what is asked of them, and what keeps their log going.

use std::collections::VecDeque;

use futures_util::stream::{BoxStream, StreamExt as _, try_unfold};
use tokio::sync::watch::Receiver;

use super::{App, Error, Page, Placed, Read, Thing, in_time};
use crate::domain::event::{Event, EventFilter, EventList, EventWatch};
use crate::domain::ids::{EventId, TypedId};
use crate::store::db::Listener;
use crate::store::{Position, Source, event_log, events as rows};

/// Events read at once for a stream.
const AT_ONCE: u64 = 100;

/// How much of the log is looked through at once, for streams that few events are for.
const WINDOW: i64 = 10_000;

/// Events of a stream, in the order of their sequence.
pub type EventStream = BoxStream<'static, Result<Event, Error>>;

impl Placed for Event {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// The event with this id.
pub async fn get(call: &Read, id: EventId) -> Result<Event, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    let mut found: Vec<_> = found.into_iter().collect();
    number(call, &mut found).await?;
    found.pop().ok_or(Error::NotFound { thing: Thing::Event, field: None })
}

/// A page of events.
pub async fn list(call: &Read, list: &EventList) -> Result<Page<Event>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    let mut page = call.page(&list.page, fetch).await?;
    number(call, &mut page.items).await?;
    Ok(page)
}

/// Tells each event its sequence. Who reads at once what it has just done must not find events without.
pub(super) async fn number(call: &Read, events: &mut [Event]) -> Result<(), Error> {
    if !rows::number(&call.reader, events).await? {
        event_log::number(&call.app.db).await?;
        rows::number(&call.reader, events).await?;
    }
    Ok(())
}

/// Numbers what was committed, and wakes those who wait for it.
///
/// # Errors
/// When the database does not do it; then the events wait for the next time.
pub async fn advance(app: &App) -> Result<(), Error> {
    in_time(async {
        let numbered = event_log::number(&app.db).await;
        app.signals.log_reaches(event_log::last(&app.db.reader()).await?);
        Ok(numbered?)
    })
    .await
}

/// Hears when other processes have numbered something; `None` where there are no others.
///
/// # Errors
/// When the database is away.
pub async fn listen_to_others(app: &App) -> Result<Option<Listener>, Error> {
    Ok(app.db.listen(event_log::CHANNEL).await?)
}

/// Events as they happen, and before that those since a sequence.
///
/// # Errors
/// `SequenceExpired` when some since then are not kept any more.
pub async fn watch(call: Read, watch: EventWatch) -> Result<EventStream, Error> {
    event_log::number(&call.app.db).await?;
    let last = event_log::last(&call.reader).await?;
    call.app.signals.log_reaches(last);
    let after = match watch.after {
        None => last,
        Some(after) if after > last => {
            let message = format!("there is no such event yet; the last one is {last}");
            return Err(Error::invalid("after_sequence", "out_of_range", message));
        }
        Some(after) => {
            are_kept(&call.reader, after).await?;
            after
        }
    };
    let log = call.app.signals.log();
    let cursor = Cursor { call, filter: watch.filter, log, after, read: VecDeque::new() };
    Ok(try_unfold(cursor, Cursor::next).boxed())
}

/// Whether all events after a sequence are kept; after 0 means after nothing, and so those that are.
pub(super) async fn are_kept(from: &impl Source, after: i64) -> Result<(), Error> {
    let oldest = event_log::first(from).await? - 1;
    if after > 0 && after < oldest { Err(Error::SequenceExpired { oldest }) } else { Ok(()) }
}

/// How far a stream has come.
struct Cursor {
    call: Read,
    filter: EventFilter,
    log: Receiver<i64>,
    /// The last sequence that was looked at.
    after: i64,
    /// Events that were read and not told yet.
    read: VecDeque<Event>,
}

impl Cursor {
    async fn next(mut self) -> Result<Option<(Event, Self)>, Error> {
        loop {
            if let Some(event) = self.read.pop_front() {
                return Ok(Some((event, self)));
            }
            let after = self.after;
            // The sender is in the application, which the call holds.
            let grown = self.log.wait_for(|last| *last > after).await.map(|last| *last);
            let last = grown.map_err(|_| Error::Stopping)?;
            self.look(last.min(after.saturating_add(WINDOW))).await?;
        }
    }

    async fn look(&mut self, upto: i64) -> Result<(), Error> {
        let between = (self.after, upto);
        let scope = self.call.scope();
        // Streams leave connections to those who wait for an answer.
        let _place = self.call.app.stream_reads.acquire().await.map_err(|_| Error::Stopping)?;
        let found = event_log::between(&self.call.reader, &scope, &self.filter, between, AT_ONCE).await?;
        let is_full = found.len() as u64 == AT_ONCE;
        self.after = found.last().map_or(upto, |last| if is_full { last.sequence } else { upto });
        self.read = found.into();
        Ok(())
    }
}
