//! Creating an order, and what has to be true of its reference.

use super::super::customers::check_customer;
use super::super::{Call, Error, Unique};
use super::pricing::{check_chosen, check_total, price, settings};
use crate::domain::event::{EventType, Subject};
use crate::domain::order::{NewOrder, Order, OrderHead};
use crate::store::orders as rows;

/// Creates an order: places it, or keeps it as a draft.
pub async fn create(call: &Call, new: NewOrder) -> Result<Order, Error> {
    let content = new.content;
    check_chosen(call, &content.lines, content.discount.is_some(), "")?;
    check_customer(call, content.customer, "customer_id").await?;
    let (mut order, lines) = Order::draft(call.id(), content, settings(call).await?, call.now);
    check_reference(call, &order.head, "").await?;
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

/// No other order of the customer has this reference. `at` is what stands before the fields of the order.
pub(super) async fn check_reference(call: &Call, order: &OrderHead, at: &str) -> Result<(), Error> {
    let Some(reference) = &order.reference else { return Ok(()) };
    match rows::by_reference(&call.tx, &call.scope(), order.customer, reference).await? {
        Some(existing) if existing != order.id => Err(Error::Duplicate {
            unique: Unique::Reference,
            existing: existing.to_string(),
            field: format!("{at}reference"),
        }),
        _ => Ok(()),
    }
}
