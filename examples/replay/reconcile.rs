//! Compares the books of the file with those of the service, object by object, to the penny and to the piece.

use std::collections::HashMap;
use std::time::Instant;

use tradepost::commands::retail::{Books, Giveback};
use tradepost::contract::pb;

use crate::Fault;
use crate::books::{
    amount, same_customer, same_end, same_order, same_payment, same_product, same_refund, same_restocked, same_return,
    same_shipment, value,
};
use crate::client::Service;
use crate::kind::{Kind, Table, count, tell};
use crate::progress::{grouped, rate};
use crate::{listing, pieces};

/// Orders of the service by reference, as far as others point at them.
type Orders = HashMap<String, pb::Order>;

/// What is compared with what, and what came of it.
struct Audit<'a> {
    service: &'a Service,
    books: &'a Books,
    whole: bool,
    table: Table,
    differences: Vec<String>,
}

/// Whether the service has what the file says: nothing less, nothing twice, nothing else. What is not of the file is a
/// difference only when the `whole` file was sent; the stock, which any other order moves, is compared only then.
pub(crate) async fn balance(service: &Service, books: &Books, whole: bool) -> Result<bool, Fault> {
    let begun = Instant::now();
    let mut audit = Audit { service, books, whole, table: Table::default(), differences: Vec::new() };
    audit.products().await?;
    let customers = audit.customers().await?;
    let orders = audit.orders(&customers).await?;
    audit.payments(&orders).await?;
    audit.shipments(&orders).await?;
    audit.returns(&orders).await?;
    audit.refunds(&orders).await?;
    if whole {
        audit.differences.extend(pieces::balance(service, books, &mut audit.table).await?);
    } else {
        println!("  besides: the stock is not compared, as other orders may have moved it");
    }
    println!("  {:>7} orders and all that belongs to them in {}", grouped(orders.len()), rate(orders.len(), begun));
    let balanced = audit.table.told();
    Ok(tell(&audit.differences) && balanced)
}

impl Audit<'_> {
    async fn products(&mut self) -> Result<(), Fault> {
        let mut products = Kind::new("product", &self.books.products, |product| &product.sku);
        listing::products(self.service, |found| {
            products.meet(&found.sku, |wanted| same_product(wanted, &found));
        })
        .await?;
        self.table.row("products", count(self.books.products.len()), products.found);
        self.differences.extend(products.told(self.whole));
        Ok(())
    }

    /// Their ids by reference.
    async fn customers(&mut self) -> Result<HashMap<String, String>, Fault> {
        let mut customers = Kind::new("customer", &self.books.customers, |customer| &customer.reference);
        let mut ids = HashMap::new();
        listing::customers(self.service, |found| {
            customers.meet(&found.reference, |wanted| same_customer(wanted, &found));
            ids.insert(found.reference, found.id);
        })
        .await?;
        self.table.row("customers", count(self.books.customers.len()), customers.found);
        self.differences.extend(customers.told(self.whole));
        Ok(ids)
    }

    async fn orders(&mut self, customers: &HashMap<String, String>) -> Result<Orders, Fault> {
        let returned = returned(self.books);
        let mut orders = Kind::new("order", &self.books.orders, |order| &order.reference);
        let mut kept = Orders::new();
        let mut sums = [0; 7];
        listing::orders(self.service, pb::View::Full, |found| {
            let known = orders.meet(&found.reference, |wanted| {
                let customer = customers.get(&wanted.customer_id).map_or("", String::as_str);
                same_order(wanted, customer, &found)?;
                same_end(wanted, returned.get(wanted.reference.as_str()).map_or(&[], Vec::as_slice), &found)
            });
            if known {
                let units = |of: fn(&pb::order::Item) -> i32| found.items.iter().map(|item| i64::from(of(item))).sum();
                let found: [i64; 7] = [
                    count(found.items.len()),
                    units(|item| item.quantity),
                    units(|item| item.quantity_shipped),
                    units(|item| item.quantity_returned),
                    amount(found.total.as_ref()),
                    amount(found.paid_total.as_ref()),
                    amount(found.refunded_total.as_ref()),
                ];
                sums.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
            }
            kept.insert(found.reference.clone(), slim(found));
        })
        .await?;
        self.order_rows(orders.found, sums);
        self.differences.extend(orders.told(self.whole));
        Ok(kept)
    }

    fn order_rows(&mut self, found: i64, sums: [i64; 7]) {
        let books = self.books;
        let items = || books.orders.iter().flat_map(|order| &order.items);
        let quantity = items().map(|item| i64::from(item.quantity)).sum();
        let total = books.orders.iter().map(|order| value(&order.items)).sum();
        let [lines, ordered, shipped, came_back, cost, paid, refunded] = sums;
        let table = &mut self.table;
        table.row("orders", count(books.orders.len()), found);
        table.row("lines", count(items().count()), lines);
        table.row("units ordered", quantity, ordered);
        table.row("units shipped", quantity, shipped);
        table.row("units returned", units(books), came_back);
        table.row("value in pence", total, cost);
        table.row("paid in pence", total, paid);
        table.row("refunded in pence", refunds(books), refunded);
    }

    async fn payments(&mut self, orders: &Orders) -> Result<(), Fault> {
        let mut payments = Kind::new("payment", &self.books.orders, |order| &order.reference);
        let mut sum = 0;
        listing::payments(self.service, |found| {
            if payments.meet(&found.reference, |wanted| same_payment(order(orders, &wanted.reference)?, &found)) {
                sum += amount(found.amount.as_ref());
            }
        })
        .await?;
        self.table.row("payments", count(self.books.orders.len()), payments.found);
        let total = self.books.orders.iter().map(|order| value(&order.items)).sum();
        self.table.row("payments in pence", total, sum);
        self.differences.extend(payments.told(self.whole));
        Ok(())
    }

    async fn shipments(&mut self, orders: &Orders) -> Result<(), Fault> {
        let mut shipments = Kind::new("shipment", &self.books.orders, |order| &order.reference);
        let mut sum = 0;
        listing::shipments(self.service, |found| {
            if shipments.meet(&found.reference, |wanted| same_shipment(order(orders, &wanted.reference)?, &found)) {
                sum += found.items.iter().map(|item| i64::from(item.quantity)).sum::<i64>();
            }
        })
        .await?;
        let items = self.books.orders.iter().flat_map(|order| &order.items);
        self.table.row("shipments", count(self.books.orders.len()), shipments.found);
        self.table.row("units in shipments", items.map(|item| i64::from(item.quantity)).sum(), sum);
        self.differences.extend(shipments.told(self.whole));
        Ok(())
    }

    async fn returns(&mut self, orders: &Orders) -> Result<(), Fault> {
        let mut returns = Kind::new("return", &self.books.returns, |giveback| &giveback.reference);
        let mut sum = 0;
        listing::returns(self.service, |found| {
            let known = returns.meet(&found.reference, |wanted| {
                same_return(wanted, order(orders, &wanted.order)?, &found)?;
                same_restocked(&found)
            });
            if known {
                sum += found.items.iter().map(|item| i64::from(item.quantity_restocked)).sum::<i64>();
            }
        })
        .await?;
        self.table.row("returns", count(self.books.returns.len()), returns.found);
        self.table.row("units restocked by returns", units(self.books), sum);
        self.differences.extend(returns.told(self.whole));
        Ok(())
    }

    async fn refunds(&mut self, orders: &Orders) -> Result<(), Fault> {
        let mut kind = Kind::new("refund", &self.books.returns, |giveback| &giveback.reference);
        let (mut sum, mut parts) = (0, 0);
        listing::refunds(self.service, |found| {
            let known = kind.meet(&found.reference, |wanted| {
                same_refund(wanted, order(orders, &wanted.order)?, &found)?;
                crate::books::same("status", &pb::refund::Status::Succeeded, &found.status())
            });
            if known {
                sum += amount(found.amount.as_ref());
                parts += found.items.iter().map(|item| amount(item.amount.as_ref())).sum::<i64>();
            }
        })
        .await?;
        self.table.row("refunds", count(self.books.returns.len()), kind.found);
        self.table.row("refunds in pence", refunds(self.books), sum);
        self.table.row("lines of refunds in pence", refunds(self.books), parts);
        self.differences.extend(kind.told(self.whole));
        Ok(())
    }
}

/// An order without what nobody compares again.
fn slim(mut order: pb::Order) -> pb::Order {
    order.metadata.clear();
    order.allowed_actions = Vec::new();
    for item in &mut order.items {
        *item = pb::order::Item {
            id: std::mem::take(&mut item.id),
            quantity: item.quantity,
            unit_price: item.unit_price.take(),
            ..Default::default()
        };
    }
    order
}

fn order<'a>(orders: &'a Orders, reference: &str) -> Result<&'a pb::Order, String> {
    orders.get(reference).ok_or_else(|| "its order is not there".to_owned())
}

/// Units that come back of the lines of each order.
fn returned(books: &Books) -> HashMap<&str, Vec<i32>> {
    let mut returned: HashMap<&str, Vec<i32>> = HashMap::new();
    for giveback in &books.returns {
        let lines = returned.entry(&giveback.order).or_default();
        for &(line, units) in &giveback.pieces {
            lines.resize(lines.len().max(line + 1), 0);
            lines[line] += units;
        }
    }
    returned
}

fn units(books: &Books) -> i64 {
    books.returns.iter().flat_map(|giveback| &giveback.pieces).map(|(_, units)| i64::from(*units)).sum()
}

/// What all credit notes give back, in pence.
fn refunds(books: &Books) -> i64 {
    let orders: HashMap<_, _> = books.orders.iter().map(|order| (order.reference.as_str(), order)).collect();
    let price = |giveback: &Giveback, line: usize| {
        let item = orders.get(giveback.order.as_str()).and_then(|order| order.items.get(line));
        amount(item.and_then(|item| item.unit_price.as_ref()))
    };
    let of = |giveback: &Giveback| -> i64 {
        giveback.pieces.iter().map(|&(line, units)| i64::from(units) * price(giveback, line)).sum()
    };
    books.returns.iter().map(of).sum()
}
