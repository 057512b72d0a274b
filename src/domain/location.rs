//! Locations: where stock is. Every tenant has one of the code `default`, which is meant wherever none is named.

use super::Metadata;
use super::etag::Versioned;
use super::ids::LocationId;
use super::page::PageRequest;
use super::time::{Time, TimeRange};

/// The code of the location that every tenant starts with.
pub const DEFAULT_CODE: &str = "default";

/// What that location is called, until somebody changes it.
const DEFAULT_NAME: &str = "Default";

/// A location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// What programs call it, unique in the tenant, compared byte for byte.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
}

/// What a new location is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Location")]
pub struct NewLocation {
    pub code: String,
    pub name: String,
    pub metadata: Metadata,
}

impl NewLocation {
    /// The location that a tenant starts with.
    #[must_use]
    pub fn default_one() -> Self {
        Self { code: DEFAULT_CODE.to_owned(), name: DEFAULT_NAME.to_owned(), metadata: Metadata::new() }
    }
}

/// What an update makes of a location: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Location")]
pub struct LocationPatch {
    pub code: Option<String>,
    pub name: Option<String>,
    pub metadata: Option<Metadata>,
}

/// The code of the default location cannot change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedCode;

/// Which locations a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocationFilter {
    /// Only the one with this code.
    pub code: Option<String>,
    /// Only those created in this time.
    pub created: TimeRange,
}

/// A list of locations, as a client asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationList {
    /// Which locations.
    pub filter: LocationFilter,
    /// Which page.
    pub page: PageRequest,
}

impl Location {
    /// A new location.
    #[must_use]
    pub fn new(id: LocationId, new: NewLocation, now: Time) -> Self {
        let NewLocation { code, name, metadata } = new;
        Self { id, code, name, metadata, version: 1, create_time: now, update_time: now }
    }

    /// The location after an update; the same one when the update changes nothing.
    ///
    /// # Errors
    /// When the default location would get another code.
    pub fn updated(&self, patch: LocationPatch, now: Time) -> Result<Self, FixedCode> {
        let updated = Self {
            code: patch.code.unwrap_or_else(|| self.code.clone()),
            name: patch.name.unwrap_or_else(|| self.name.clone()),
            metadata: patch.metadata.unwrap_or_else(|| self.metadata.clone()),
            ..self.clone()
        };
        if self.code == DEFAULT_CODE && updated.code != self.code {
            return Err(FixedCode);
        }
        let is_same = updated == *self;
        Ok(if is_same { updated } else { Self { version: self.version + 1, update_time: now, ..updated } })
    }
}

impl Versioned for Location {
    fn version(&self) -> i64 {
        self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TypedId;

    #[test]
    fn an_update_moves_the_version_once_and_the_code_of_the_default_one_stays() {
        let id = LocationId::from_uuid(uuid::Uuid::nil());
        let before = Location::new(id, NewLocation::default_one(), Time::from_micros(1));
        let code = LocationPatch { code: Some("north".to_owned()), ..Default::default() };
        assert_eq!(before.updated(code.clone(), Time::from_micros(2)), Err(FixedCode));
        let same = LocationPatch { code: Some(DEFAULT_CODE.to_owned()), ..Default::default() };
        assert_eq!(before.updated(same, Time::from_micros(2)), Ok(before.clone()));
        let name = LocationPatch { name: Some("Main".to_owned()), ..Default::default() };
        let named = before.updated(name, Time::from_micros(2)).expect("a name");
        assert_eq!((named.name.as_str(), named.version, named.update_time), ("Main", 2, Time::from_micros(2)));
        let other = Location { code: "south".to_owned(), ..before };
        assert_eq!(other.updated(code, Time::from_micros(2)).map(|moved| moved.code), Ok("north".to_owned()));
    }
}
