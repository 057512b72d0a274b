//! `EventService`.

use futures_util::StreamExt as _;

use super::pages;
use super::streams::Streamed;
use crate::app::{self, Error, Read};
use crate::contract::pb;
use crate::domain::event::{EventList, EventWatch};
use crate::domain::ids::EventId;
use crate::present::events as show;

pub(super) async fn get_event(call: &Read, id: EventId) -> Result<pb::Event, Error> {
    Ok(show::event(&app::events::get(call, id).await?))
}

pub(super) async fn list_events(call: &Read, list: EventList) -> Result<pb::ListEventsResponse, Error> {
    let page = app::events::list(call, &list).await?;
    let (events, next_page_token) = pages::fit(&page, show::event);
    Ok(pb::ListEventsResponse { events, next_page_token })
}

pub(super) async fn watch_events(call: Read, watch: EventWatch) -> Result<Streamed<pb::Event>, Error> {
    let events = app::events::watch(call, watch).await?;
    Ok(Streamed::new(events.map(|event| event.map(|event| show::event(&event)))))
}
