//! Use cases of the inventory.

mod claims;
mod locations;
mod reconcile;
mod reservations;
mod stock;

pub use locations::{create_location, get_location, list_locations, update_location};
pub use reconcile::{Tally, reconcile};
pub use reservations::{
    commit_reservation, create_reservation, extend_reservation, get_reservation, list_reservations,
    release_reservation, sweep_reservations,
};
pub use stock::{adjust_stock, list_stock_levels, list_stock_movements, transfer_stock};

pub(in crate::app) use claims::{apply, location_or_default, lock_ahead};
pub(in crate::app) use reservations::use_reservation;
