//! Quotes as rows, and back.

use sea_orm::{JsonValue, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::entities::{quote_items, quotes};
use super::order_rows::{amount_of, bps_of, discount};
use super::rows::{currency, from_json, money, named, to_json};
use super::{CorruptRow, Scope};
use crate::domain::ids::{CustomerId, OrderId, OrderItemId, ProductId, QuoteId, TypedId};
use crate::domain::money::Currency;
use crate::domain::quote::{Quote, QuoteHead, QuoteItem, QuoteTotals};
use crate::domain::time::Time;

/// A line in the document of a quote. Amounts are minor units in the currency of the quote.
#[derive(Serialize, Deserialize)]
struct Line {
    id: Uuid,
    product_id: Uuid,
    sku: String,
    name: String,
    quantity: i32,
    unit_price: i64,
    price_is_own: bool,
    discount_amount: Option<i64>,
    discount_bps: Option<i32>,
    tax_rate_bps: i32,
    discount: i64,
    tax: i64,
    total: i64,
}

/// A quote without its lines, as a row.
pub(super) fn head_row(scope: &Scope, quote: &Quote) -> Result<quotes::ActiveModel, CorruptRow> {
    let (head, totals) = (&quote.head, &quote.head.totals);
    Ok(quotes::ActiveModel {
        id: Set(head.id.uuid()),
        tenant_id: Set(scope.tenant.uuid()),
        customer_id: Set(head.customer.uuid()),
        currency_code: Set(head.currency.to_string()),
        status: Set(head.status.as_str().to_owned()),
        revision: Set(head.revision),
        revises_quote_id: Set(head.revises.map(TypedId::uuid)),
        order_id: Set(head.order.map(TypedId::uuid)),
        subtotal: Set(totals.subtotal.minor_units()),
        discount_total: Set(totals.discount.minor_units()),
        tax_total: Set(totals.tax.minor_units()),
        total: Set(totals.total.minor_units()),
        tax_mode: Set(head.tax_mode.as_str().to_owned()),
        rounding_mode: Set(head.rounding_mode.as_str().to_owned()),
        discount_amount: Set(head.discount.and_then(amount_of)),
        discount_bps: Set(head.discount.and_then(bps_of)),
        item_count: Set(i32::try_from(quote.items.len()).unwrap_or(i32::MAX)),
        valid_until: Set(head.valid_until.micros()),
        due_time: Set(head.status.runs_out().then_some(head.valid_until.micros())),
        note: Set(head.note.clone()),
        reference: Set(head.reference.clone()),
        metadata: Set(to_json(&head.metadata)?),
        version: Set(head.version),
        create_time: Set(head.create_time.micros()),
        update_time: Set(head.update_time.micros()),
        submit_time: Set(head.submit_time.map(Time::micros)),
        approve_time: Set(head.approve_time.map(Time::micros)),
        send_time: Set(head.send_time.map(Time::micros)),
        accept_time: Set(head.accept_time.map(Time::micros)),
        decline_time: Set(head.decline_time.map(Time::micros)),
        expire_time: Set(head.expire_time.map(Time::micros)),
        withdraw_time: Set(head.withdraw_time.map(Time::micros)),
        revise_time: Set(head.revise_time.map(Time::micros)),
    })
}

/// A row, as a quote without its lines.
pub(super) fn head(row: quotes::Model) -> Result<QuoteHead, CorruptRow> {
    let currency = currency(&row.currency_code)?;
    let totals = QuoteTotals {
        subtotal: money(currency, row.subtotal)?,
        discount: money(currency, row.discount_total)?,
        tax: money(currency, row.tax_total)?,
        total: money(currency, row.total)?,
    };
    Ok(QuoteHead {
        id: QuoteId::from_uuid(row.id),
        customer: CustomerId::from_uuid(row.customer_id),
        currency,
        status: named(&row.status)?,
        revision: row.revision,
        revises: row.revises_quote_id.map(QuoteId::from_uuid),
        order: row.order_id.map(OrderId::from_uuid),
        totals,
        tax_mode: named(&row.tax_mode)?,
        rounding_mode: named(&row.rounding_mode)?,
        discount: discount(currency, row.discount_amount, row.discount_bps)?,
        valid_until: Time::from_micros(row.valid_until),
        note: row.note,
        reference: row.reference,
        metadata: from_json(row.metadata)?,
        version: row.version,
        create_time: Time::from_micros(row.create_time),
        update_time: Time::from_micros(row.update_time),
        submit_time: row.submit_time.map(Time::from_micros),
        approve_time: row.approve_time.map(Time::from_micros),
        send_time: row.send_time.map(Time::from_micros),
        accept_time: row.accept_time.map(Time::from_micros),
        decline_time: row.decline_time.map(Time::from_micros),
        expire_time: row.expire_time.map(Time::from_micros),
        withdraw_time: row.withdraw_time.map(Time::from_micros),
        revise_time: row.revise_time.map(Time::from_micros),
    })
}

/// The lines of a quote, as their row.
pub(super) fn items_row(quote: &Quote) -> Result<quote_items::ActiveModel, CorruptRow> {
    let lines: Vec<_> = quote.items.iter().map(line).collect();
    Ok(quote_items::ActiveModel { quote_id: Set(quote.head.id.uuid()), items: Set(to_json(&lines)?) })
}

/// The rows of a quote.
pub(super) fn quote(row: quotes::Model, items: JsonValue) -> Result<Quote, CorruptRow> {
    let head = head(row)?;
    let lines: Vec<Line> = from_json(items)?;
    let items = lines.into_iter().map(|line| item(head.currency, line)).collect::<Result<_, CorruptRow>>()?;
    Ok(Quote { head, items })
}

fn line(item: &QuoteItem) -> Line {
    Line {
        id: item.id.uuid(),
        product_id: item.product.uuid(),
        sku: item.sku.clone(),
        name: item.name.clone(),
        quantity: item.quantity,
        unit_price: item.unit_price.minor_units(),
        price_is_own: item.price_is_own,
        discount_amount: item.own_discount.and_then(amount_of),
        discount_bps: item.own_discount.and_then(bps_of),
        tax_rate_bps: item.tax_rate_bps,
        discount: item.discount.minor_units(),
        tax: item.tax.minor_units(),
        total: item.total.minor_units(),
    }
}

fn item(currency: Currency, line: Line) -> Result<QuoteItem, CorruptRow> {
    Ok(QuoteItem {
        id: OrderItemId::from_uuid(line.id),
        product: ProductId::from_uuid(line.product_id),
        sku: line.sku,
        name: line.name,
        quantity: line.quantity,
        unit_price: money(currency, line.unit_price)?,
        price_is_own: line.price_is_own,
        own_discount: discount(currency, line.discount_amount, line.discount_bps)?,
        tax_rate_bps: line.tax_rate_bps,
        discount: money(currency, line.discount)?,
        tax: money(currency, line.tax)?,
        total: money(currency, line.total)?,
    })
}
