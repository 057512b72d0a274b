//! Compares the books of the file with those of the service, object by object and in sums.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use tradepost::commands::retail::Books;
use tradepost::contract::pb;

use crate::Fault;
use crate::books::{amount, same_order, value};
use crate::client::Service;
use crate::inventory;
use crate::progress::{grouped, rate};

/// Differences that are told one by one; the sums tell of all.
const SHOWN: usize = 10;

/// The rows of the table.
const ROWS: [&str; 6] = ["products", "customers", "orders", "lines", "quantity", "value in pence"];

/// What the table compares, in the order of its rows.
type Sums = [i64; 6];

/// What was read back.
#[derive(Debug, Default)]
struct Ledger {
    products: HashSet<String>,
    customers: HashSet<String>,
    sums: Sums,
    others: i64,
    differences: Vec<String>,
}

/// Whether the service has what the file says: nothing less, nothing twice, nothing else. Orders that are not of the file
/// are a difference only when the `whole` file was sent.
pub(crate) async fn balance(service: &Service, books: &Books, concurrency: usize, whole: bool) -> Result<bool, Fault> {
    let begun = Instant::now();
    let mut open: HashMap<&str, &pb::CreateOrderRequest> =
        books.orders.iter().map(|order| (order.reference.as_str(), order)).collect();
    let all: HashSet<&str> = open.keys().copied().collect();
    let mut ledger = Ledger::default();
    let mut read = 0;
    inventory::orders(service, concurrency, |order| {
        read += 1;
        if !all.contains(order.reference.as_str()) {
            ledger.others += 1;
            return;
        }
        match open.remove(order.reference.as_str()) {
            Some(wanted) => {
                if let Err(difference) = same_order(wanted, None, &order) {
                    ledger.differences.push(format!("order {}: {difference}", order.reference));
                }
            }
            None => ledger.differences.push(format!("order {} is there twice", order.reference)),
        }
        ledger.add(order);
    })
    .await?;
    println!("  {:>7} orders read in {}", grouped(read), rate(read, begun));
    ledger.differences.extend(open.keys().map(|reference| format!("order {reference} is missing")));
    ledger.sums[0] = count(ledger.products.len());
    ledger.sums[1] = count(ledger.customers.len());
    let balanced = table(&sums(books), &ledger.sums);
    Ok(tell(&ledger, whole) && balanced)
}

impl Ledger {
    fn add(&mut self, order: pb::Order) {
        self.sums[2] += 1;
        self.sums[3] += count(order.items.len());
        self.sums[4] += order.items.iter().map(|item| i64::from(item.quantity)).sum::<i64>();
        self.sums[5] += amount(order.total.as_ref());
        self.customers.insert(order.customer_id);
        self.products.extend(order.items.into_iter().map(|item| item.product_id));
    }
}

fn sums(books: &Books) -> Sums {
    let items = || books.orders.iter().flat_map(|order| &order.items);
    [
        count(books.products.len()),
        count(books.customers.len()),
        count(books.orders.len()),
        count(items().count()),
        items().map(|item| i64::from(item.quantity)).sum(),
        books.orders.iter().map(|order| value(&order.items)).sum(),
    ]
}

/// Prints the table; whether all rows are equal.
fn table(file: &Sums, service: &Sums) -> bool {
    println!("\n  {:<16}{:>15}{:>15}", "", "file", "service");
    for (name, (file, service)) in ROWS.iter().zip(file.iter().zip(service)) {
        let verdict = if file == service { "ok".to_owned() } else { format!("off by {}", grouped(service - file)) };
        println!("  {name:<16}{:>15}{:>15}   {verdict}", grouped(*file), grouped(*service));
    }
    file == service
}

/// Tells the differences; whether there are none that count.
fn tell(ledger: &Ledger, whole: bool) -> bool {
    println!();
    let mut differences = ledger.differences.clone();
    differences.sort_unstable();
    if ledger.others > 0 {
        let others = format!("{} orders are not of these invoices", grouped(ledger.others));
        if whole {
            differences.push(others);
        } else {
            println!("  {others}");
        }
    }
    for difference in differences.iter().take(SHOWN) {
        println!("  DIFFERENCE: {difference}");
    }
    if differences.len() > SHOWN {
        println!("  … and {} more", grouped(differences.len() - SHOWN));
    }
    if differences.is_empty() {
        println!("  Every order is as the file says, line by line.");
    }
    differences.is_empty()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
