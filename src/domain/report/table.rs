//! The tables that reports are: which columns each kind has, and the rows of orders and stock.

use super::ReportKind;
use crate::domain::money::Money;
use crate::domain::order::OrderHead;
use crate::domain::stock::StockLevel;
use crate::domain::time::Time;

/// One value. Numbers are whole, whatever they count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A number: sums of many amounts may be larger than each of them may.
    Number(i128),
    /// Nothing.
    Nothing,
}

/// The values of one row, in the order of the columns.
pub type Row = Vec<Cell>;

const ORDERS: &[&str] = &[
    "order_id",
    "reference",
    "customer_id",
    "status",
    "payment_status",
    "fulfillment_status",
    "currency_code",
    "subtotal",
    "discount_total",
    "tax_total",
    "total",
    "canceled_total",
    "paid_total",
    "refunded_total",
    "amount_due",
    "create_time",
    "place_time",
];

const STOCK: &[&str] = &["product_id", "sku", "location_id", "on_hand", "reserved", "available"];

/// What all reports of sales have.
const SALES: &[&str] = &[
    "currency_code",
    "orders",
    "units",
    "units_canceled",
    "subtotal",
    "discount_total",
    "tax_total",
    "total",
    "canceled_total",
    "net_total",
    "refunded_total",
];

/// The names of the columns.
#[must_use]
pub fn columns(kind: ReportKind) -> Vec<&'static str> {
    match kind {
        ReportKind::Orders => ORDERS.to_vec(),
        ReportKind::SalesByDay => [&["day"], SALES].concat(),
        ReportKind::SalesByProduct => [&["product_id", "sku"], SALES].concat(),
        ReportKind::SalesByCustomer => [&["customer_id"], SALES].concat(),
        ReportKind::Stock => STOCK.to_vec(),
    }
}

/// The row of an order.
#[must_use]
pub fn order_row(order: &OrderHead) -> Row {
    let amount = |money: Money| Cell::Number(money.minor_units().into());
    let totals = &order.totals;
    vec![
        Cell::Text(order.id.to_string()),
        order.reference.clone().map_or(Cell::Nothing, Cell::Text),
        Cell::Text(order.customer.to_string()),
        Cell::Text(order.status.as_str().to_owned()),
        Cell::Text(order.payment_status.as_str().to_owned()),
        Cell::Text(order.fulfillment_status.as_str().to_owned()),
        Cell::Text(order.currency.to_string()),
        amount(totals.subtotal),
        amount(totals.discount),
        amount(totals.tax),
        amount(totals.total),
        amount(totals.canceled),
        amount(totals.paid),
        amount(totals.refunded),
        amount(totals.due),
        time(order.create_time),
        order.place_time.map_or(Cell::Nothing, time),
    ]
}

/// The row of a level.
#[must_use]
pub fn stock_row(level: &StockLevel) -> Row {
    let counters = level.counters;
    vec![
        Cell::Text(level.place.product.to_string()),
        Cell::Text(level.sku.clone()),
        Cell::Text(level.place.location.to_string()),
        Cell::Number(counters.on_hand.into()),
        Cell::Number(counters.reserved.into()),
        Cell::Number((counters.on_hand - counters.reserved).into()),
    ]
}

fn time(time: Time) -> Cell {
    Cell::Text(time.rfc3339())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_is_there_twice() {
        for kind in ReportKind::ALL {
            let mut names = columns(*kind);
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{kind:?}");
        }
    }
}
