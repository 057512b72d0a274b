//! Use cases of customers.

use super::{Call, Error};
use crate::domain::customer::{Customer, NewCustomer};
use crate::domain::event::{EventType, Subject};
use crate::store::customers as rows;

/// Creates a customer.
pub async fn create(call: &Call, new: NewCustomer) -> Result<Customer, Error> {
    if let Some(reference) = &new.reference
        && let Some(existing) = rows::by_reference(&call.tx, &call.scope(), reference).await?
    {
        return Err(Error::DuplicateReference { existing: existing.to_string() });
    }
    let customer = Customer::new(call.id(), new, call.now);
    rows::insert(&call.tx, &call.scope(), &customer).await?;
    call.tell(EventType::CustomerCreated, Subject::Customer(&customer));
    Ok(customer)
}
