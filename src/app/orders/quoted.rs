//! The order that an accepted quote becomes.

use super::super::{Call, Error};
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::OrderId;
use crate::domain::order::Order;
use crate::domain::quote::Quote;
use crate::store::orders as rows;

/// Places the order of a quote that is being accepted, at the quoted prices: what was quoted holds, whatever the catalog says
/// by now. It was approved as a quote. Whoever calls holds the customer and the quote.
pub(in crate::app) async fn place_quoted(call: &Call, quote: &Quote) -> Result<OrderId, Error> {
    let mut order = Order::of_quote(call.id(), quote, || call.id(), call.now)?;
    order.place(call.now);
    rows::insert(&call.tx, &call.scope(), &order).await?;
    call.tell(EventType::OrderPlaced, Subject::Order(&order.head));
    Ok(order.head.id)
}
