//! Between the contract's messages and the domain's values, both ways.
//!
//! Messages that arrive here have passed the contract's own rules; what is left is what the contract cannot say.

pub mod access;
pub mod approvals;
pub mod audit;
pub mod catalog;
pub mod customers;
pub mod events;
pub mod inventory;
pub mod jobs;
mod mask;
mod order_requests;
pub mod orders;
mod parse;
pub mod payments;
mod quote_requests;
pub mod quotes;
pub mod refunds;
pub mod reports;
pub mod reservations;
pub mod returns;
pub(crate) mod shared;
pub mod shipments;
pub mod webhooks;
