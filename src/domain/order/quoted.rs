//! Orders and quotes: a quote is priced as the order that it would become, and becomes it.

use super::{Order, OrderContent, OrderError, OrderItem, OrderStatus, Settings};
use crate::domain::ids::{OrderId, OrderItemId, TypedId};
use crate::domain::money::MoneyError;
use crate::domain::quote::{Quote, QuoteItem};
use crate::domain::time::Time;

impl Order {
    /// A quote as an order to price it with: its lines keep price and tax, unless the currency is another one than before.
    /// Such an order is never stored.
    #[must_use]
    pub fn pricing(quote: &Quote, is_priced_anew: bool) -> Self {
        let mut order = Self::saying(OrderId::from_uuid(uuid::Uuid::nil()), quote, quote.head.create_time);
        order.items = quote.items.iter().map(|item| line(item.id, item)).collect();
        if !is_priced_anew {
            order.head.status = OrderStatus::Placed;
        }
        order
    }

    /// The order that a quote becomes, not placed yet: its lines at the quoted prices, and what was quoted for the whole.
    pub fn of_quote(
        id: OrderId,
        quote: &Quote,
        mut new_id: impl FnMut() -> OrderItemId,
        now: Time,
    ) -> Result<Self, OrderError> {
        let mut order = Self::saying(id, quote, now);
        order.head.quote = Some(quote.head.id);
        order.items = quote.items.iter().map(|item| line(new_id(), item)).collect();
        order.sum().map_err(|error: MoneyError| OrderError::Corrupt(error.to_string()))?;
        Ok(order)
    }

    /// A draft that says what the quote says, without its lines. References are those of orders, and not taken over.
    fn saying(id: OrderId, quote: &Quote, now: Time) -> Self {
        let head = &quote.head;
        let content = OrderContent {
            customer: head.customer,
            currency: head.currency,
            lines: Vec::new(),
            discount: head.discount,
            shipping_address: None,
            billing_address: None,
            note: head.note.clone(),
            reference: None,
            metadata: head.metadata.clone(),
        };
        let settings = Settings { tax_mode: head.tax_mode, rounding_mode: head.rounding_mode };
        Self::draft(id, content, settings, now).0
    }
}

fn line(id: OrderItemId, item: &QuoteItem) -> OrderItem {
    OrderItem {
        id,
        product: item.product,
        sku: item.sku.clone(),
        name: item.name.clone(),
        quantity: item.quantity,
        unit_price: item.unit_price,
        price_is_own: item.price_is_own,
        own_discount: item.own_discount,
        tax_rate_bps: item.tax_rate_bps,
        discount: item.discount,
        tax: item.tax,
        total: item.total,
        quantity_canceled: 0,
        quantity_shipped: 0,
        quantity_returned: 0,
        location: None,
        quantity_reserved: 0,
        quantity_in_returns: 0,
    }
}
