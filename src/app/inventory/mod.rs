//! Use cases of the inventory.

mod claims;

pub(in crate::app) use claims::{apply, location_or_default, use_reservation};
