//! The rules of the business, as pure functions over plain values.
//!
//! Nothing here waits, reads a clock, makes random numbers or knows of wires and tables: time and ids come in as arguments.

pub mod api_key;
pub mod audit;
pub mod customer;
pub mod etag;
pub mod event;
pub mod ids;
pub mod money;
pub mod order;
pub mod page;
pub mod product;
pub mod resource;
pub mod tenant;
pub mod text_enum;
pub mod time;
pub mod violation;

use std::collections::BTreeMap;

/// The client's own key-value data.
pub type Metadata = BTreeMap<String, String>;

/// A postal address, kept as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields are those of the contract's Address")]
pub struct Address {
    pub name: String,
    pub company: String,
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub region: String,
    pub postal_code: String,
    pub country_code: String,
    pub phone: String,
}
