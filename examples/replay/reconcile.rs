//! Compares the books of the file with those of the service, object by object and in sums.

use std::collections::HashMap;
use std::time::Instant;

use tradepost::commands::retail::Books;
use tradepost::contract::pb;

use crate::Fault;
use crate::books::{Compared, amount, same_customer, same_order, same_product, value};
use crate::client::Service;
use crate::inventory;
use crate::progress::{grouped, rate};

/// Differences that are told one by one; the sums tell of all.
const SHOWN: usize = 10;

/// The rows of the table.
const ROWS: [&str; 6] = ["products", "customers", "orders", "lines", "quantity", "value in pence"];

/// What the table compares, in the order of its rows.
type Sums = [i64; 6];

/// Objects of one kind: those of the file, and how many of the service met them.
struct Kind<'a, W> {
    name: &'static str,
    /// By SKU or reference, and whether it was met.
    wanted: HashMap<&'a str, (&'a W, bool)>,
    found: i64,
    others: i64,
    differences: Vec<String>,
}

/// Whether the service has what the file says: nothing less, nothing twice, nothing else. What is not of the file is a
/// difference only when the `whole` file was sent.
pub(crate) async fn balance(service: &Service, books: &Books, whole: bool) -> Result<bool, Fault> {
    let begun = Instant::now();
    let mut products = Kind::new("product", &books.products, |product| &product.sku);
    inventory::products(service, |found| {
        products.meet(&found.sku, |wanted| same_product(wanted, &found));
    })
    .await?;

    let mut customers = Kind::new("customer", &books.customers, |customer| &customer.reference);
    let mut ids = HashMap::new();
    inventory::customers(service, |found| {
        customers.meet(&found.reference, |wanted| same_customer(wanted, &found));
        ids.insert(found.reference, found.id);
    })
    .await?;

    let mut orders = Kind::new("order", &books.orders, |order| &order.reference);
    let mut sums = Sums::default();
    inventory::orders(service, pb::View::Full, |found| {
        let known = orders.meet(&found.reference, |wanted| {
            let customer = ids.get(&wanted.customer_id).map_or("", String::as_str);
            same_order(wanted, customer, &found)
        });
        if known {
            sums[3] += count(found.items.len());
            sums[4] += found.items.iter().map(|item| i64::from(item.quantity)).sum::<i64>();
            sums[5] += amount(found.total.as_ref());
        }
    })
    .await?;
    [sums[0], sums[1], sums[2]] = [products.found, customers.found, orders.found];
    let read = sums[0] + sums[1] + sums[2];
    println!("  {:>7} objects in {}", grouped(read), rate(usize::try_from(read)?, begun));

    let balanced = table(&sums_of(books), &sums);
    let kinds = [products.told(whole), customers.told(whole), orders.told(whole)];
    Ok(tell(&kinds.concat()) && balanced)
}

impl<'a, W> Kind<'a, W> {
    fn new(name: &'static str, wanted: &'a [W], named: impl Fn(&'a W) -> &'a String) -> Self {
        let wanted = wanted.iter().map(|wanted| (named(wanted).as_str(), (wanted, false))).collect();
        Self { name, wanted, found: 0, others: 0, differences: Vec::new() }
    }

    /// Counts an object of the service, and compares it; whether it is of the file.
    fn meet(&mut self, reference: &str, compare: impl FnOnce(&W) -> Compared) -> bool {
        let Some((wanted, met)) = self.wanted.get_mut(reference) else {
            self.others += 1;
            return false;
        };
        self.found += 1;
        if std::mem::replace(met, true) {
            self.differences.push(format!("{} {reference:?} is there twice", self.name));
        }
        if let Err(difference) = compare(wanted) {
            self.differences.push(format!("{} {reference:?}: {difference}", self.name));
        }
        true
    }

    /// The differences, in a fixed order.
    fn told(mut self, whole: bool) -> Vec<String> {
        let missing = self.wanted.iter().filter(|(_, (_, met))| !met);
        self.differences.extend(missing.map(|(reference, _)| format!("{} {reference:?} is missing", self.name)));
        self.differences.sort_unstable();
        if self.others > 0 {
            let others = format!("{} of kind {} that the file does not have", grouped(self.others), self.name);
            if whole {
                self.differences.push(others);
            } else {
                println!("  besides: {others}");
            }
        }
        self.differences
    }
}

fn sums_of(books: &Books) -> Sums {
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
    println!();
    file == service
}

/// Prints the first differences; whether there are none.
fn tell(differences: &[String]) -> bool {
    for difference in differences.iter().take(SHOWN) {
        println!("  DIFFERENCE: {difference}");
    }
    if differences.len() > SHOWN {
        println!("  … and {} more", grouped(differences.len() - SHOWN));
    }
    if differences.is_empty() {
        println!("  Everything is as the file says, line by line.");
    }
    differences.is_empty()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_doubled_changed_or_foreign_is_told() {
        let wanted = ["a", "b", "c"].map(|sku| pb::CreateProductRequest { sku: sku.to_owned(), ..Default::default() });
        let told = |found: &[(&str, bool)], whole| {
            let mut kind = Kind::new("product", &wanted, |product| &product.sku);
            for (sku, same) in found {
                kind.meet(sku, |_| if *same { Ok(()) } else { Err("name is another".to_owned()) });
            }
            kind.told(whole).len()
        };
        let all = [("a", true), ("b", true), ("c", true)];
        assert_eq!(told(&all, true), 0);
        assert_eq!(told(&all[1..], true), 1, "missing");
        assert_eq!(told(&[all[0], all[0], all[1], all[2]], true), 1, "doubled");
        assert_eq!(told(&[("a", false), all[1], all[2]], true), 1, "changed");
        let foreign = [all[0], all[1], all[2], ("d", true)];
        assert_eq!((told(&foreign, true), told(&foreign, false)), (1, 0), "foreign");
    }
}
