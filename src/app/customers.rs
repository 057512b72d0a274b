//! Use cases of customers.

use super::{Call, Error, Page, Placed, Read, Thing, Unique, replies};
use crate::domain::customer::{Customer, CustomerList, CustomerPatch, NewCustomer, Standing};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::{CustomerId, TypedId};
use crate::store::{Position, customers as rows, personal};

impl Placed for Customer {
    fn position(&self) -> Position {
        Position { time: self.create_time, id: self.id.uuid() }
    }
}

/// Creates a customer.
pub async fn create(call: &Call, new: NewCustomer) -> Result<Customer, Error> {
    let customer = Customer::new(call.id(), new, call.now);
    check_reference(call, &customer, "reference").await?;
    rows::insert(&call.tx, &call.scope(), &customer).await?;
    call.tell(EventType::CustomerCreated, Subject::Customer(&customer));
    Ok(customer)
}

/// The customer with this id.
pub async fn get(call: &Read, id: CustomerId) -> Result<Customer, Error> {
    let found = rows::get(&call.reader, &call.scope(), id).await?;
    found.ok_or(Error::NotFound { thing: Thing::Customer, field: None })
}

/// A page of customers.
pub async fn list(call: &Read, list: &CustomerList) -> Result<Page<Customer>, Error> {
    let fetch = async |after, limit| {
        Ok(rows::list(&call.reader, &call.scope(), &list.filter, list.page.sort, after, limit).await?)
    };
    call.page(&list.page, fetch).await
}

/// Changes a customer who was not erased. An update that changes nothing leaves no trace but its reply.
pub async fn update(call: &Call, (id, patch): (CustomerId, CustomerPatch)) -> Result<Customer, Error> {
    let before = for_write(call, id).await?;
    match before.standing() {
        Standing::Good => {}
        Standing::Erased => return Err(Error::CustomerErased { field: None }),
    }
    call.shows(id);
    let customer = before.updated(patch, call.now);
    if customer == before {
        return Ok(customer);
    }
    if customer.reference != before.reference {
        check_reference(call, &customer, "customer.reference").await?;
    }
    rows::save(&call.tx, &call.scope(), &before, &customer).await?;
    call.tell(EventType::CustomerUpdated, Subject::Customer(&customer));
    Ok(customer)
}

/// Deletes a customer without orders and quotes, and revokes the keys that are bound to it. An order or a quote that slips in
/// is met by the foreign key; then this runs again, and finds it.
pub async fn delete(call: &Call, id: CustomerId) -> Result<(), Error> {
    let before = for_write(call, id).await?;
    let (tx, scope) = (&call.tx, call.scope());
    if rows::has_orders(tx, &scope, id).await? || rows::has_quotes(tx, &scope, id).await? {
        return Err(Error::CustomerInUse);
    }
    for key in rows::revoke_keys(&call.tx, &call.scope(), id, call.now).await? {
        call.changed(Subject::ApiKey(key));
    }
    rows::delete(&call.tx, &call.scope(), &before).await?;
    call.tell(EventType::CustomerDeleted, Subject::Customer(&before.deleted(call.now)));
    Ok(())
}

/// Erases what is known of a customer. Doing it again changes nothing.
///
/// Whoever writes a reply with personal data of the customer holds its row, or that of its order, until it is stored. So
/// when the row and the orders are ours, all replies are there to be read.
pub async fn erase(call: &Call, id: CustomerId) -> Result<Customer, Error> {
    let before = for_write(call, id).await?;
    let customer = before.erased(call.now);
    if customer == before {
        return Ok(customer);
    }
    rows::save(&call.tx, &call.scope(), &before, &customer).await?;
    personal::clear_addresses(&call.tx, &call.scope(), id, call.now).await?;
    clear_replies(call, id).await?;
    personal::clear_reasons(&call.tx, &call.scope(), id).await?;
    call.tell(EventType::CustomerErased, Subject::Customer(&customer));
    Ok(customer)
}

async fn clear_replies(call: &Call, id: CustomerId) -> Result<(), Error> {
    personal::drop_expired(&call.tx, &call.scope(), id, replies::expired_before(call.now)).await?;
    loop {
        let stored = personal::replies(&call.tx, &call.scope(), id).await?;
        if stored.is_empty() {
            return Ok(());
        }
        for one in stored {
            let cleared = (call.app.presentation.without_personal_data)(&one.method, &one.reply);
            let cleared =
                cleared.map_err(|error| Error::Fault(format!("a stored reply of {}: {error}", one.method)))?;
            let reply = cleared.unwrap_or_else(|| one.reply.clone());
            personal::rewrite(&call.tx, &one, reply).await?;
        }
    }
}

/// The customer is there, known to the caller, and not erased. `field` is what names it in the request.
pub(super) async fn check_customer(call: &Call, customer: CustomerId, field: &str) -> Result<(), Error> {
    let found = rows::standing(&call.tx, &call.scope(), customer).await?;
    check_standing(found, Some(field.to_owned()))
}

/// The same of a customer who was looked for.
pub(super) fn check_standing(found: Option<Standing>, field: Option<String>) -> Result<(), Error> {
    match found {
        Some(Standing::Good) => Ok(()),
        Some(Standing::Erased) => Err(Error::CustomerErased { field }),
        None => Err(Error::NotFound { thing: Thing::Customer, field }),
    }
}

async fn for_write(call: &Call, id: CustomerId) -> Result<Customer, Error> {
    call.expect(Thing::Customer, rows::get_for_write(&call.tx, &call.scope(), id).await?)
}

async fn check_reference(call: &Call, customer: &Customer, field: &str) -> Result<(), Error> {
    let Some(reference) = &customer.reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), reference).await? {
        Some(existing) => {
            Err(Error::Duplicate { unique: Unique::Reference, existing: existing.to_string(), field: field.to_owned() })
        }
        None => Ok(()),
    }
}
