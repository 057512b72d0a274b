//! The order that an accepted quote becomes.

use super::super::{Call, Error, inventory};
use super::placing::reserve;
use super::pricing::Products;
use crate::domain::event::{EventType, Subject};
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, stock_changes};
use crate::domain::quote::Quote;
use crate::domain::stock::Source;
use crate::store::{catalog, orders as rows};

/// Places the order of a quote that is being accepted, at the quoted prices: what was quoted holds, whatever the catalog says
/// by now. It was approved as a quote. Whoever calls holds the customer and the quote.
///
/// # Errors
/// `InsufficientStock`.
pub(in crate::app) async fn place_quoted(call: &Call, quote: &Quote) -> Result<OrderId, Error> {
    let mut order = Order::of_quote(call.id(), quote, || call.id(), call.now)?;
    let products = products(call, quote).await?;
    reserve(call, &mut order, &products, "").await?;
    order.place(call.now);
    rows::insert(&call.tx, &call.scope(), &order).await?;
    call.tell(EventType::OrderPlaced, Subject::Order(&order.head));
    inventory::apply(call, stock_changes(Source::Order(order.head.id), &[], &order.items, None)).await?;
    Ok(order.head.id)
}

/// The products of a quote as they are now, by the SKU that they had then.
async fn products(call: &Call, quote: &Quote) -> Result<Products, Error> {
    let mut ids: Vec<_> = quote.items.iter().map(|item| item.product).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = catalog::by_ids(&call.tx, &call.scope(), &ids).await?;
    let named = found.into_iter().flat_map(|product| {
        let lines = quote.items.iter().filter(move |item| item.product == product.id);
        lines.map(|item| (item.sku.clone(), product.clone())).collect::<Vec<_>>()
    });
    Ok(named.collect())
}
