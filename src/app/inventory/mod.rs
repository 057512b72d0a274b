//! Use cases of the inventory.

mod claims;
mod reservations;

pub(in crate::app) use claims::{apply, location_or_default, locations_or_default};
pub(in crate::app) use reservations::use_reservation;
