//! Locations: where stock is.

use crate::app::{Call, Error, Page, Placed, Read, Thing, Unique};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{LocationId, TypedId};
use crate::domain::location::{Location, LocationList, LocationPatch, NewLocation};
use crate::store::{Position, locations as rows};

impl Placed for Location {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates a location.
pub async fn create_location(call: &Call, new: NewLocation) -> Result<Location, Error> {
    let location = Location::new(call.id(), new, call.now);
    check_code(call, &location, "code").await?;
    rows::insert(&call.tx, call.caller.tenant, &location).await?;
    call.tell(EventType::LocationCreated, Subject::Location(&location));
    Ok(location)
}

/// The location with this id.
pub async fn get_location(call: &Read, id: LocationId) -> Result<Location, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Location, field: None })
}

/// A page of locations.
pub async fn list_locations(call: &Read, list: &LocationList) -> Result<Page<Location>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// Changes a location. An update that changes nothing leaves no trace.
pub async fn update_location(call: &Call, (id, patch): (LocationId, LocationPatch)) -> Result<Location, Error> {
    let before = call.expect(Thing::Location, rows::get_for_write(&call.tx, &call.scope(), id).await?)?;
    let fixed = |_| Error::invalid("location.code", "not_allowed", "the code of the default location stays");
    let location = before.updated(patch, call.now).map_err(fixed)?;
    if location == before {
        return Ok(location);
    }
    if location.code != before.code {
        check_code(call, &location, "location.code").await?;
    }
    rows::save(&call.tx, &call.scope(), &before, &location).await?;
    call.tell(EventType::LocationUpdated, Subject::Location(&location));
    Ok(location)
}

async fn check_code(call: &Call, location: &Location, field: &str) -> Result<(), Error> {
    match rows::id_by_code(&call.tx, &call.scope(), &location.code).await? {
        Some(existing) => {
            Err(Error::Duplicate { unique: Unique::Code, existing: existing.to_string(), field: field.to_owned() })
        }
        None => Ok(()),
    }
}
