//! The rules of the business, as pure functions over plain values.
//!
//! Nothing here waits, reads a clock, makes random numbers or knows of wires and tables: time and ids come in as arguments.

mod address;
pub mod api_key;
pub mod approval;
pub mod audit;
pub mod books;
pub mod customer;
pub mod discount;
pub mod etag;
pub mod event;
mod event_type;
pub mod ids;
pub mod job;
pub mod location;
pub mod money;
pub mod order;
pub mod page;
pub mod payment;
pub mod product;
pub mod proration;
pub mod quote;
pub mod refund;
pub mod report;
pub mod reservation;
pub mod resource;
pub mod returns;
pub mod shipment;
pub mod states;
pub mod stock;
pub mod tenant;
pub mod text_enum;
pub mod time;
pub mod units;
pub mod violation;
pub mod webhook;

use std::collections::BTreeMap;

pub use address::{Address, AddressChange, PartialAddress};

/// The client's own key-value data.
pub type Metadata = BTreeMap<String, String>;
