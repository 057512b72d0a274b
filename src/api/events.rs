//! `EventService`.

use crate::app::{Error, Read};
use crate::contract::pb;

pub(super) async fn get_event(
    _call: &Read,
    _request: super::stubs::Stub<pb::GetEventRequest>,
) -> Result<pb::Event, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn list_events(
    _call: &Read,
    _request: super::stubs::Stub<pb::ListEventsRequest>,
) -> Result<pb::ListEventsResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}
