//! The wires. A request is read, checked and handed to a use case; what comes back is shown. No rules, no SQL.

mod access;
mod approvals;
mod audit;
mod batch;
mod call;
mod catalog;
mod conventions;
mod customers;
pub mod edge;
mod events;
mod failure;
mod files;
mod fulfillment;
pub mod inside;
mod inventory;
mod jobs;
pub mod layers;
mod orders;
mod pages;
mod payments;
mod quotes;
mod render;
mod reports;
#[allow(clippy::ignored_unit_patterns, reason = "generated")]
mod services;
mod streams;
mod webhooks;

pub use call::{Api, Context};
pub use failure::Failure;
pub use render::{Wire, refuse, stream_error};
