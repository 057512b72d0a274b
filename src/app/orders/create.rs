//! Creating an order, and what has to be true of its customer and its reference.

use super::super::{Call, Error, Thing};
use super::pricing::{check_chosen, check_total, price, settings};
use crate::domain::customer::Standing;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::CustomerId;
use crate::domain::order::{NewOrder, Order, OrderHead};
use crate::store::customers;
use crate::store::orders as rows;

/// Creates an order: places it, or keeps it as a draft.
pub async fn create(call: &Call, new: NewOrder) -> Result<Order, Error> {
    let content = new.content;
    check_chosen(call, &content.lines, content.discount.is_some(), "")?;
    check_customer(call, content.customer, Some("customer_id")).await?;
    let (mut order, lines) = Order::draft(call.id(), content, settings(call).await?, call.now);
    check_reference(call, &order.head).await?;
    price(call, &mut order, lines, "").await?;
    check_total(&order, new.expected_total)?;
    let event = if new.is_draft {
        EventType::OrderCreated
    } else {
        order.place(call.now);
        EventType::OrderPlaced
    };
    rows::insert(&call.tx, &call.scope(), &order).await?;
    call.tell(event, Subject::Order(&order.head));
    Ok(order)
}

/// The caller may order for this customer. `field` is what names it in the request.
pub(super) async fn check_customer(call: &Call, customer: CustomerId, field: Option<&str>) -> Result<(), Error> {
    let field = field.map(str::to_owned);
    match customers::standing(&call.tx, &call.scope(), customer).await? {
        Some(Standing::Good) => Ok(()),
        Some(Standing::Erased) => Err(Error::CustomerErased { field }),
        None => Err(Error::NotFound { thing: Thing::Customer, field }),
    }
}

/// No other order of the customer has this reference.
pub(super) async fn check_reference(call: &Call, order: &OrderHead) -> Result<(), Error> {
    let Some(reference) = &order.reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), order.customer, reference).await? {
        Some(existing) if existing != order.id => Err(Error::DuplicateReference { existing: existing.to_string() }),
        _ => Ok(()),
    }
}
