//! Customers: who orders.

use super::ids::CustomerId;
use super::time::Time;
use super::{Address, Metadata};

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// What people call it.
    pub name: String,
    /// Where mail goes; empty: unknown.
    pub email: String,
    /// The company; empty: none.
    pub company: String,
    /// Known addresses.
    pub addresses: Vec<Address>,
    /// The client's own id, unique in the tenant.
    pub reference: Option<String>,
    /// The client's own data.
    pub metadata: Metadata,
    /// Moved by every change.
    pub version: i64,
    /// When it was created.
    pub create_time: Time,
    /// When it last changed.
    pub update_time: Time,
    /// When its personal data was erased.
    pub erase_time: Option<Time>,
}

/// What a new customer is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Customer")]
pub struct NewCustomer {
    pub name: String,
    pub email: String,
    pub company: String,
    pub addresses: Vec<Address>,
    pub reference: Option<String>,
    pub metadata: Metadata,
}

/// Whether a customer can order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Good,
    /// It was erased, and orders nothing any more.
    Erased,
}

impl Customer {
    /// A new customer.
    #[must_use]
    pub fn new(id: CustomerId, new: NewCustomer, now: Time) -> Self {
        Self {
            id,
            name: new.name,
            email: new.email,
            company: new.company,
            addresses: new.addresses,
            reference: new.reference,
            metadata: new.metadata,
            version: 1,
            create_time: now,
            update_time: now,
            erase_time: None,
        }
    }
}
