//! What was sold, summed up: by day, by product or by customer, and by currency. Every sum is one over lines, so that the three
//! come to the same.

use std::collections::BTreeMap;

use super::table::{Cell, Row};
use super::{ReportKind, TimeRange};
use crate::domain::ids::{CustomerId, ProductId};
use crate::domain::money::{Currency, MoneyError};
use crate::domain::order::{Order, OrderFilter, OrderItem, OrderStatus};
use crate::domain::proration::{part_of, prorate};

/// The states of orders that count as sales.
pub const SOLD: [OrderStatus; 3] = [OrderStatus::Placed, OrderStatus::Confirmed, OrderStatus::Completed];

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Day(String),
    Product(ProductId),
    Customer(CustomerId),
}

/// The sums of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sums {
    sku: String,
    orders: i128,
    units: i128,
    units_canceled: i128,
    subtotal: i128,
    discount: i128,
    tax: i128,
    total: i128,
    canceled: i128,
    refunded: i128,
}

/// Sales of some orders.
#[derive(Debug)]
pub struct Sales {
    kind: ReportKind,
    rows: BTreeMap<(Group, Currency), Sums>,
}

impl Sales {
    /// No sales yet; `None` for reports that are not about sales.
    #[must_use]
    pub fn of(kind: ReportKind) -> Option<Self> {
        match kind {
            ReportKind::SalesByDay | ReportKind::SalesByProduct | ReportKind::SalesByCustomer => {
                Some(Self { kind, rows: BTreeMap::new() })
            }
            ReportKind::Orders | ReportKind::Stock => None,
        }
    }

    /// The orders that sales are made of.
    #[must_use]
    pub fn filter(created: TimeRange) -> OrderFilter {
        OrderFilter { statuses: SOLD.to_vec(), created, ..Default::default() }
    }

    /// Counts an order, unless it is none that was sold: it may have changed since it was found.
    ///
    /// # Errors
    /// When an amount leaves its range, which none does that was valid before.
    pub fn add(&mut self, order: &Order) -> Result<(), MoneyError> {
        if !SOLD.contains(&order.head.status) {
            return Ok(());
        }
        let weights: Vec<_> = order.items.iter().map(|item| item.total.minor_units()).collect();
        let mut refunded = prorate(order.head.totals.refunded.minor_units(), &weights);
        if let Some(first) = refunded.first_mut()
            && weights.iter().all(|weight| *weight == 0)
        {
            // All that was paid for what costs nothing was too much.
            *first = order.head.totals.refunded.minor_units();
        }
        let mut counted = std::collections::BTreeSet::new();
        for (item, refunded) in order.items.iter().zip(refunded) {
            let group = match self.kind {
                ReportKind::SalesByProduct => Group::Product(item.product),
                ReportKind::SalesByCustomer => Group::Customer(order.head.customer),
                ReportKind::SalesByDay | ReportKind::Orders | ReportKind::Stock => {
                    Group::Day(order.head.create_time.date())
                }
            };
            let sums = self.rows.entry((group.clone(), order.head.currency)).or_default();
            sums.orders += i128::from(counted.insert(group));
            sums.sku.clone_from(&item.sku);
            sums.add(item, refunded)?;
        }
        Ok(())
    }

    /// The rows, in order.
    pub fn into_rows(self) -> impl Iterator<Item = Row> {
        self.rows.into_iter().map(|((group, currency), sums)| {
            let mut row = match group {
                Group::Day(day) => vec![Cell::Text(day)],
                Group::Product(product) => vec![Cell::Text(product.to_string()), Cell::Text(sums.sku.clone())],
                Group::Customer(customer) => vec![Cell::Text(customer.to_string())],
            };
            row.push(Cell::Text(currency.to_string()));
            row.extend(sums.cells());
            row
        })
    }
}

impl Sums {
    fn add(&mut self, item: &OrderItem, refunded: i64) -> Result<(), MoneyError> {
        self.units += i128::from(item.quantity - item.quantity_canceled);
        self.units_canceled += i128::from(item.quantity_canceled);
        self.subtotal += i128::from(item.unit_price.times(item.quantity)?.minor_units());
        self.discount += i128::from(item.discount.minor_units());
        self.tax += i128::from(item.tax.minor_units());
        self.total += i128::from(item.total.minor_units());
        // As the order counts what was canceled of it.
        self.canceled += i128::from(part_of(item.total, item.quantity_canceled, item.quantity)?.minor_units());
        self.refunded += i128::from(refunded);
        Ok(())
    }

    fn cells(&self) -> impl Iterator<Item = Cell> + use<> {
        let sums = [
            self.orders,
            self.units,
            self.units_canceled,
            self.subtotal,
            self.discount,
            self.tax,
            self.total,
            self.canceled,
            self.total - self.canceled,
            self.refunded,
        ];
        sums.into_iter().map(Cell::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::columns;

    #[test]
    fn a_row_has_as_many_cells_as_columns() {
        let cells = Sums::default().cells().count();
        for (kind, heads) in
            [(ReportKind::SalesByDay, 2), (ReportKind::SalesByProduct, 3), (ReportKind::SalesByCustomer, 2)]
        {
            assert_eq!(columns(kind).len(), heads + cells, "{kind:?}");
        }
        assert!(Sales::of(ReportKind::Orders).is_none() && Sales::of(ReportKind::Stock).is_none());
    }
}
