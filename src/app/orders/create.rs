//! Creating an order, and what has to be true of its reference.

use super::super::customers::check_customer;
use super::super::{Call, Error, Unique, inventory};
use super::placing::{check_locations, leave_draft};
use super::pricing::{check_chosen, check_total, price, settings};
use crate::domain::event::{EventType, Subject};
use crate::domain::order::{NewOrder, Order, OrderHead};
use crate::domain::stock::StockChange;
use crate::store::orders as rows;

/// Creates an order: places it, or keeps it as a draft.
pub async fn create(call: &Call, new: NewOrder) -> Result<Order, Error> {
    let (order, changes) = create_without_stock(call, new, "").await?;
    inventory::apply(call, changes).await?;
    Ok(order)
}

/// The same, but for the stock that it asks for: it is taken once for everything that the transaction creates. `at` is what stands
/// before the fields of the order in the request.
pub(super) async fn create_without_stock(
    call: &Call,
    new: NewOrder,
    at: &str,
) -> Result<(Order, Vec<StockChange>), Error> {
    let content = new.content;
    check_chosen(call, &content.lines, content.discount.is_some(), at)?;
    check_customer(call, content.customer, &format!("{at}customer_id")).await?;
    let (mut order, lines) = Order::draft(call.id(), content, settings(call).await?, call.now);
    check_reference(call, &order.head, at).await?;
    let products = price(call, &mut order, lines, at).await?;
    check_total(&order, new.expected_total, at)?;
    let (changes, event) = if new.is_draft {
        check_locations(call, &order, at).await?;
        (Vec::new(), EventType::OrderCreated)
    } else {
        leave_draft(call, &mut order, &products, new.reservation, at).await?
    };
    rows::insert(&call.tx, &call.scope(), &order).await?;
    call.tell(event, Subject::Order(&order.head));
    Ok((order, changes))
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
