//! The wires. A request is read, checked and handed to a use case; what comes back is shown. No rules, no SQL.

mod access;
mod call;
mod catalog;
mod customers;
pub mod edge;
mod failure;
pub mod layers;
mod orders;
mod render;
mod services;

pub use call::{Api, Context};
pub use failure::Failure;
pub use render::{Wire, refuse, stream_error};
