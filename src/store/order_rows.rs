//! Orders as rows, and back.

use sea_orm::Set;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entities::{order_items, orders};
use super::rows::{currency, from_json, money, named, to_json};
use super::{CorruptRow, Scope};
use crate::domain::discount::Discount;
use crate::domain::ids::{CustomerId, HoldId, OrderId, OrderItemId, ProductId, TypedId};
use crate::domain::money::Currency;
use crate::domain::order::{Hold, OrderHead, OrderItem, Totals};
use crate::domain::time::Time;

/// A hold, inside the row of its order.
#[derive(Serialize, Deserialize)]
struct HoldRow {
    id: Uuid,
    reason: String,
    create_time: i64,
    #[serde(default)]
    is_released: bool,
}

/// The holds of an order, and after them those that were released.
fn hold_rows(head: &OrderHead) -> Vec<HoldRow> {
    let row = |id: HoldId| HoldRow { id: id.uuid(), reason: String::new(), create_time: 0, is_released: true };
    let active = head.holds.iter().map(|hold| HoldRow {
        reason: hold.reason.clone(),
        create_time: hold.create_time.micros(),
        is_released: false,
        ..row(hold.id)
    });
    active.chain(head.released_holds.iter().copied().map(row)).collect()
}

fn holds(rows: Vec<HoldRow>) -> (Vec<Hold>, Vec<HoldId>) {
    let (released, active): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_released);
    let active = active.into_iter().map(|row| Hold {
        id: HoldId::from_uuid(row.id),
        reason: row.reason,
        create_time: Time::from_micros(row.create_time),
    });
    (active.collect(), released.into_iter().map(|row| HoldId::from_uuid(row.id)).collect())
}

/// An order without its lines, as a row.
pub(super) fn head_row(scope: &Scope, head: &OrderHead) -> Result<orders::ActiveModel, CorruptRow> {
    let totals = &head.totals;
    Ok(orders::ActiveModel {
        id: Set(head.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        customer_id: Set(head.customer.uuid()),
        currency_code: Set(head.currency.to_string()),
        status: Set(head.status.as_str().to_owned()),
        payment_status: Set(head.payment_status.as_str().to_owned()),
        fulfillment_status: Set(head.fulfillment_status.as_str().to_owned()),
        subtotal: Set(totals.subtotal.minor_units()),
        discount_total: Set(totals.discount.minor_units()),
        tax_total: Set(totals.tax.minor_units()),
        total: Set(totals.total.minor_units()),
        canceled_total: Set(totals.canceled.minor_units()),
        paid_total: Set(totals.paid.minor_units()),
        refunded_total: Set(totals.refunded.minor_units()),
        amount_due: Set(totals.due.minor_units()),
        tax_mode: Set(head.tax_mode.as_str().to_owned()),
        rounding_mode: Set(head.rounding_mode.as_str().to_owned()),
        discount_amount: Set(head.discount.and_then(amount_of)),
        discount_bps: Set(head.discount.and_then(bps_of)),
        shipping_address: Set(head.shipping_address.as_ref().map(to_json).transpose()?),
        billing_address: Set(head.billing_address.as_ref().map(to_json).transpose()?),
        note: Set(head.note.clone()),
        reference: Set(head.reference.clone()),
        metadata: Set(to_json(&head.metadata)?),
        version: Set(head.version),
        create_time: Set(head.create_time.micros()),
        update_time: Set(head.update_time.micros()),
        place_time: Set(head.place_time.map(Time::micros)),
        confirm_time: Set(head.confirm_time.map(Time::micros)),
        complete_time: Set(head.complete_time.map(Time::micros)),
        cancel_time: Set(head.cancel_time.map(Time::micros)),
        cancel_reason: Set(head.cancel_reason.clone()),
        holds: Set(to_json(&hold_rows(head))?),
        is_held: Set(!head.holds.is_empty()),
        quote_id: Set(head.quote.map(TypedId::uuid)),
        refund_claims: Set(head.refund_claims.minor_units()),
    })
}

/// A row, as an order without its lines.
pub(super) fn head(row: orders::Model) -> Result<OrderHead, CorruptRow> {
    let currency = currency(&row.currency_code)?;
    let totals = Totals {
        subtotal: money(currency, row.subtotal)?,
        discount: money(currency, row.discount_total)?,
        tax: money(currency, row.tax_total)?,
        total: money(currency, row.total)?,
        canceled: money(currency, row.canceled_total)?,
        paid: money(currency, row.paid_total)?,
        refunded: money(currency, row.refunded_total)?,
        due: money(currency, row.amount_due)?,
    };
    let (holds, released_holds) = holds(from_json(row.holds)?);
    Ok(OrderHead {
        id: OrderId::from_uuid(row.id),
        customer: CustomerId::from_uuid(row.customer_id),
        currency,
        status: named(&row.status)?,
        payment_status: named(&row.payment_status)?,
        fulfillment_status: named(&row.fulfillment_status)?,
        totals,
        tax_mode: named(&row.tax_mode)?,
        rounding_mode: named(&row.rounding_mode)?,
        discount: discount(currency, row.discount_amount, row.discount_bps)?,
        shipping_address: row.shipping_address.map(from_json).transpose()?,
        billing_address: row.billing_address.map(from_json).transpose()?,
        note: row.note,
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
        place_time: row.place_time.map(Time::from_micros),
        confirm_time: row.confirm_time.map(Time::from_micros),
        complete_time: row.complete_time.map(Time::from_micros),
        cancel_time: row.cancel_time.map(Time::from_micros),
        cancel_reason: row.cancel_reason,
        holds,
        released_holds,
        quote: row.quote_id.map(TypedId::from_uuid),
        refund_claims: money(currency, row.refund_claims)?,
    })
}

/// A line of an order, as a row.
pub(super) fn item_row(scope: &Scope, order: &OrderHead, position: i32, item: &OrderItem) -> order_items::ActiveModel {
    order_items::ActiveModel {
        id: Set(item.id.uuid()),
        order_id: Set(order.id.uuid()),
        tenant_id: Set(Some(scope.tenant.uuid())),
        order_time: Set(Some(order.create_time.micros())),
        position: Set(position),
        product_id: Set(item.product.uuid()),
        sku: Set(item.sku.clone()),
        name: Set(item.name.clone()),
        quantity: Set(item.quantity),
        unit_price: Set(item.unit_price.minor_units()),
        price_is_own: Set(item.price_is_own),
        discount_amount: Set(item.own_discount.and_then(amount_of)),
        discount_bps: Set(item.own_discount.and_then(bps_of)),
        tax_rate_bps: Set(item.tax_rate_bps),
        discount: Set(item.discount.minor_units()),
        tax: Set(item.tax.minor_units()),
        total: Set(item.total.minor_units()),
        quantity_canceled: Set(item.quantity_canceled),
        quantity_shipped: Set(item.quantity_shipped),
        quantity_returned: Set(item.quantity_returned),
        location_id: Set(item.location.map(TypedId::uuid)),
        quantity_reserved: Set(item.quantity_reserved),
        quantity_in_returns: Set(item.quantity_in_returns),
    }
}

/// A row, as a line of an order in this currency.
pub(super) fn item(currency: Currency, row: order_items::Model) -> Result<OrderItem, CorruptRow> {
    Ok(OrderItem {
        id: OrderItemId::from_uuid(row.id),
        product: ProductId::from_uuid(row.product_id),
        sku: row.sku,
        name: row.name,
        quantity: row.quantity,
        unit_price: money(currency, row.unit_price)?,
        price_is_own: row.price_is_own,
        own_discount: discount(currency, row.discount_amount, row.discount_bps)?,
        tax_rate_bps: row.tax_rate_bps,
        discount: money(currency, row.discount)?,
        tax: money(currency, row.tax)?,
        total: money(currency, row.total)?,
        quantity_canceled: row.quantity_canceled,
        quantity_shipped: row.quantity_shipped,
        quantity_returned: row.quantity_returned,
        location: row.location_id.map(TypedId::from_uuid),
        quantity_reserved: row.quantity_reserved,
        quantity_in_returns: row.quantity_in_returns,
    })
}

pub(super) fn amount_of(discount: Discount) -> Option<i64> {
    match discount {
        Discount::Amount(amount) => Some(amount.minor_units()),
        Discount::Percent(_) => None,
    }
}

pub(super) fn bps_of(discount: Discount) -> Option<i32> {
    match discount {
        Discount::Amount(_) => None,
        Discount::Percent(bps) => Some(bps),
    }
}

/// A discount has one of its two columns, and no discount has none.
pub(super) fn discount(
    currency: Currency,
    amount: Option<i64>,
    bps: Option<i32>,
) -> Result<Option<Discount>, CorruptRow> {
    match (amount, bps) {
        (None, None) => Ok(None),
        (Some(amount), None) => Ok(Some(Discount::Amount(money(currency, amount)?))),
        (None, Some(bps)) => Ok(Some(Discount::Percent(bps))),
        (Some(_), Some(_)) => Err(CorruptRow::new("a discount is an amount and a part")),
    }
}
