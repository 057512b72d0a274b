//! Use cases of events.

use super::{Error, Page, Placed, Read, Thing};
use crate::domain::event::{Event, EventList};
use crate::domain::ids::{EventId, TypedId};
use crate::store::{Position, events as rows};

impl Placed for Event {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// The event with this id.
pub async fn get(call: &Read, id: EventId) -> Result<Event, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Event, field: None })
}

/// A page of events.
pub async fn list(call: &Read, list: &EventList) -> Result<Page<Event>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}
