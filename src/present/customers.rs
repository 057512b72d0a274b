//! Customers.

use super::mask::Mask;
use super::parse::{Parser, parse_id};
use super::shared::{optional, page_request, time};
use crate::contract::{conventions, pb};
use crate::domain::customer::{Customer, CustomerFilter, CustomerList, CustomerPatch, NewCustomer};
use crate::domain::etag::etag;
use crate::domain::ids::CustomerId;
use crate::domain::page::View;
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

impl TryFrom<pb::GetCustomerRequest> for CustomerId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::GetCustomerRequest) -> Result<Self, Vec<Violation>> {
        parse_id("customer_id", &message.customer_id)
    }
}

impl TryFrom<pb::ListCustomersRequest> for CustomerList {
    type Error = Vec<Violation>;

    fn try_from(mut message: pb::ListCustomersRequest) -> Result<Self, Vec<Violation>> {
        let page = page_request(&mut message);
        let mut parser = Parser::default();
        let created = parser.created(message.create_time_after, message.create_time_before);
        let (reference, email) = (optional(message.reference), optional(message.email));
        parser.finish(Some(Self { filter: CustomerFilter { reference, email, created }, page }))
    }
}

impl TryFrom<pb::UpdateCustomerRequest> for (CustomerId, CustomerPatch) {
    type Error = Vec<Violation>;

    fn try_from(message: pb::UpdateCustomerRequest) -> Result<Self, Vec<Violation>> {
        let mut parser = Parser::default();
        let id = parser.id("customer_id", &message.customer_id);
        let (mask, new) = (Mask::from(message.update_mask), message.customer.unwrap_or_default());
        let patch = CustomerPatch {
            name: mask.required(&mut parser, "customer.name", new.name),
            email: mask.value("email", new.email.unwrap_or_default()),
            company: mask.value("company", new.company.unwrap_or_default()),
            addresses: mask.value("addresses", new.addresses.into_iter().map(Into::into).collect()),
            reference: mask.value("reference", new.reference.unwrap_or_default()),
            metadata: mask.value("metadata", new.metadata),
        };
        parser.finish(id.map(|id| (id, patch)))
    }
}

impl TryFrom<pb::DeleteCustomerRequest> for CustomerId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::DeleteCustomerRequest) -> Result<Self, Vec<Violation>> {
        parse_id("customer_id", &message.customer_id)
    }
}

impl TryFrom<pb::EraseCustomerRequest> for CustomerId {
    type Error = Vec<Violation>;

    fn try_from(message: pb::EraseCustomerRequest) -> Result<Self, Vec<Violation>> {
        parse_id("customer_id", &message.customer_id)
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
pub fn customer(customer: &Customer) -> pb::Customer {
    pb::Customer {
        addresses: customer.addresses.iter().cloned().map(Into::into).collect(),
        metadata: customer.metadata.clone(),
        ..basic_customer(customer)
    }
}

/// As much of a customer as a view shows.
#[must_use]
pub fn customer_in(view: View) -> fn(&Customer) -> pb::Customer {
    match view {
        View::Basic => basic_customer,
        View::Full => customer,
    }
}

/// A customer as lists show it: without addresses and metadata.
#[must_use]
pub fn basic_customer(customer: &Customer) -> pb::Customer {
    pb::Customer {
        id: customer.id.to_string(),
        name: customer.name.clone(),
        email: customer.email.clone(),
        company: customer.company.clone(),
        reference: customer.reference.clone().unwrap_or_default(),
        etag: etag(customer.version),
        create_time: Some(time(customer.create_time)),
        update_time: Some(time(customer.update_time)),
        erase_time: customer.erase_time.map(time),
        ..Default::default()
    }
}
