//! Customers.

use super::shared::{optional, time};
use crate::contract::{conventions, pb};
use crate::domain::customer::{Customer, NewCustomer};
use crate::domain::etag::etag;
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

/// A stored reply of a method without personal data; `None` when its replies hold none.
///
/// # Errors
/// When it is no reply of this method.
pub fn without_personal_data(method: &str, reply: &[u8]) -> Result<Option<Vec<u8>>, String> {
    conventions::without_personal_data(method, reply).map_err(|error| error.to_string())
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
