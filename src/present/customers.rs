//! Customers.

use super::shared::{etag, optional, time};
use crate::contract::pb;
use crate::domain::customer::{Customer, NewCustomer};
use crate::domain::violation::Violation;

impl TryFrom<pb::CreateCustomerRequest> for NewCustomer {
    type Error = Vec<Violation>;

    fn try_from(message: pb::CreateCustomerRequest) -> Result<Self, Vec<Violation>> {
        Ok(Self {
            name: message.name,
            email: message.email,
            company: message.company,
            addresses: message.addresses.into_iter().map(Into::into).collect(),
            reference: optional(message.reference),
            metadata: message.metadata,
        })
    }
}

/// A customer with everything.
#[must_use]
pub fn customer(customer: Customer) -> pb::Customer {
    pb::Customer {
        id: customer.id.to_string(),
        name: customer.name,
        email: customer.email,
        company: customer.company,
        addresses: customer.addresses.into_iter().map(Into::into).collect(),
        reference: customer.reference.unwrap_or_default(),
        metadata: customer.metadata,
        etag: etag(customer.version),
        create_time: Some(time(customer.create_time)),
        update_time: Some(time(customer.update_time)),
        erase_time: customer.erase_time.map(time),
    }
}
