//! The Online Retail data set (`data/README.md` has the attribution) as requests of the contract: what the demo shows, and
//! what `examples/replay` sends.
//!
//! A line can be sold when its invoice has a numeric number, its quantity is above zero, and its price is above zero and
//! whole pence. Every other line is counted by its cause; nothing is rounded. `scripts/make-sample.py` has the same rules.
//! Lines of credit notes give back what was sold, as `credits` matches them.

mod credits;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::io;

use csv::{Reader, StringRecord};
use serde::Deserialize;

use crate::contract::pb;
use crate::contract::pb::create_order_request::Item;
use crate::server::Fault;

pub use credits::Giveback;
use credits::{Credit, Sold, matched};

/// The shop sells in one currency.
const CURRENCY: &str = "GBP";

/// Stands for everybody whose invoice names no customer.
const WALK_IN: (&str, &str) = ("walk-in", "Walk-in customer");

/// What the contract allows in one order.
const MAX_LINES: usize = 2000;

/// Everything to create. Orders name their customer by its reference.
#[derive(Debug, Default)]
pub struct Books {
    /// One a stock code: named and priced as in the first line of the file that can be sold.
    pub products: Vec<pb::CreateProductRequest>,
    /// One a customer number, and the walk-in customer where an order needs it.
    pub customers: Vec<pb::CreateCustomerRequest>,
    /// One an invoice with lines that can be sold, in the order of the file.
    pub orders: Vec<pb::CreateOrderRequest>,
    /// Units that all orders of the file take, by stock code: enough for any of them, in any order.
    pub stock: BTreeMap<String, i64>,
    /// One a credit note and order that it gives something back of, in the order of the file.
    pub returns: Vec<Giveback>,
    /// Lines of the file.
    pub lines: usize,
    /// How many of them, of credit notes, are in `returns`.
    pub credited: usize,
    /// How many of them are neither in an order nor in a return, and why.
    pub left_out: BTreeMap<Cause, usize>,
}

/// Why a line is neither in an order nor in a return. The first that applies counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The number of the invoice is no number: bad debt is written off so.
    Adjustment,
    /// The quantity or the price is no number.
    Unreadable,
    /// The quantity is zero or less; on a credit note, whose number begins with C, it is not below zero.
    Quantity,
    /// The price is zero or less.
    Price,
    /// The price has more than two decimals.
    Fraction,
    /// The invoice has more lines than an order may have. It cannot be split, because its number is one reference.
    TooLong,
    /// A credit note without a customer.
    WalkInCredit,
    /// The customer of the credit note did not buy this before, or before the file begins.
    NeverBought,
    /// The customer of the credit note bought this before, but at other prices.
    OtherPrice,
    /// The customer of the credit note bought less of this before, or gave it back already.
    TooFew,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Adjustment => "adjustment (invoice number is no number)",
            Self::Unreadable => "quantity or price is no number",
            Self::Quantity => "quantity not above zero",
            Self::Price => "price not above zero",
            Self::Fraction => "price finer than a penny",
            Self::TooLong => "invoice with more than 2000 lines",
            Self::WalkInCredit => "credit note without a customer",
            Self::NeverBought => "credit note for what was not bought before",
            Self::OtherPrice => "credit note at a price that was not paid",
            Self::TooFew => "credit note for more than was bought",
        })
    }
}

/// One line of an invoice, as the file has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    invoice_no: &'a str,
    stock_code: &'a str,
    description: &'a str,
    quantity: &'a str,
    invoice_date: &'a str,
    unit_price: &'a str,
    #[serde(rename = "CustomerID")]
    customer_id: &'a str,
    country: &'a str,
}

impl Books {
    /// Reads a whole file. An invoice's lines need not stand together, and what a product or a customer is called depends
    /// on nothing but the file.
    pub fn read(csv: impl io::Read) -> Result<Self, Fault> {
        let mut reader = Reader::from_reader(csv);
        let (headers, mut record) = (reader.headers()?.clone(), StringRecord::new());
        let (mut books, mut places) = (Self::default(), HashMap::new());
        let (mut skus, mut customers) = (HashSet::new(), HashSet::new());
        let (mut sold, mut credits) = (Vec::new(), Vec::new());
        while reader.read_record(&mut record)? {
            let line: Line = record.deserialize(Some(&headers))?;
            books.lines += 1;
            let item = match item(&line) {
                Ok(Entry::Sold(item)) => item,
                Ok(Entry::Credit(units, pence)) => {
                    credits.push(credit(&line, books.lines, units, pence));
                    continue;
                }
                Err(cause) => {
                    *books.left_out.entry(cause).or_default() += 1;
                    continue;
                }
            };
            if skus.insert(item.sku.clone()) {
                books.products.push(product(&line, &item));
            }
            if customers.insert(customer_reference(&line).to_owned()) {
                books.customers.push(customer(&line));
            }
            let place = *places.entry(line.invoice_no.to_owned()).or_insert(books.orders.len());
            if place == books.orders.len() {
                books.orders.push(order(&line));
            }
            sold.push(Sold { at: books.lines, order: place, line: books.orders[place].items.len() });
            books.orders[place].items.push(item);
        }
        sold.retain(|sold| books.orders[sold.order].items.len() <= MAX_LINES);
        books.give_back(&sold, &credits);
        books.leave_out_the_too_long();
        for item in books.orders.iter().flat_map(|order| &order.items) {
            *books.stock.entry(item.sku.clone()).or_default() += i64::from(item.quantity);
        }
        Ok(books)
    }

    fn give_back(&mut self, sold: &[Sold], credits: &[Credit]) {
        let matched = matched(&self.orders, sold, credits);
        (self.returns, self.credited) = (matched.returns, matched.lines);
        for (cause, lines) in matched.left_out {
            *self.left_out.entry(cause).or_default() += lines;
        }
    }

    /// Keeps the first orders of the file, what was given back of them, and the products and customers that they need. The
    /// stock of these products stays: more orders may come later.
    pub fn keep_first(&mut self, orders: usize) {
        self.orders.truncate(orders);
        let items = self.orders.iter().flat_map(|order| &order.items);
        let skus: HashSet<&str> = items.map(|item| item.sku.as_str()).collect();
        self.products.retain(|product| skus.contains(product.sku.as_str()));
        self.stock.retain(|sku, _| skus.contains(sku.as_str()));
        let references: HashSet<&str> = self.orders.iter().map(|order| order.reference.as_str()).collect();
        self.returns.retain(|giveback| references.contains(giveback.order.as_str()));
        let customers: HashSet<&str> = self.orders.iter().map(|order| order.customer_id.as_str()).collect();
        self.customers.retain(|customer| customers.contains(customer.reference.as_str()));
    }

    fn leave_out_the_too_long(&mut self) {
        let lines = |orders: &[pb::CreateOrderRequest]| orders.iter().map(|order| order.items.len()).sum::<usize>();
        let before = lines(&self.orders);
        self.orders.retain(|order| order.items.len() <= MAX_LINES);
        let left_out = before - lines(&self.orders);
        if left_out > 0 {
            self.left_out.insert(Cause::TooLong, left_out);
            self.keep_first(self.orders.len());
        }
    }
}

/// What a line is about.
enum Entry {
    Sold(Item),
    /// Units that came back, and the price of each in pence.
    Credit(i32, i64),
}

/// What can be sold or given back of a line.
fn item(line: &Line<'_>) -> Result<Entry, Cause> {
    if line.invoice_no.starts_with('C') {
        let quantity: i32 = line.quantity.parse().map_err(|_| Cause::Unreadable)?;
        let units = quantity.checked_neg().filter(|units| *units > 0).ok_or(Cause::Quantity)?;
        return Ok(Entry::Credit(units, pence(line.unit_price)?));
    }
    if line.invoice_no.is_empty() || !line.invoice_no.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Cause::Adjustment);
    }
    let quantity: i32 = line.quantity.parse().map_err(|_| Cause::Unreadable)?;
    if quantity <= 0 {
        return Err(Cause::Quantity);
    }
    let minor_units = pence(line.unit_price)?;
    let unit_price = Some(pb::Money { currency_code: CURRENCY.to_owned(), minor_units });
    Ok(Entry::Sold(Item { sku: line.stock_code.to_owned(), quantity, unit_price, ..Default::default() }))
}

fn credit(line: &Line<'_>, at: usize, units: i32, pence: i64) -> Credit {
    Credit {
        at,
        note: line.invoice_no.to_owned(),
        customer: customer_reference(line).to_owned(),
        sku: line.stock_code.to_owned(),
        units,
        pence,
    }
}

/// A price above zero: `2.1` is 210 pence.
fn pence(text: &str) -> Result<i64, Cause> {
    let (sign, amount) = text.strip_prefix('-').map_or((1, text), |amount| (-1, amount));
    let (pounds, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    if pounds.is_empty() || !pounds.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return Err(Cause::Unreadable);
    }
    let fraction = fraction.trim_end_matches('0');
    if sign < 0 || (fraction.is_empty() && pounds.bytes().all(|byte| byte == b'0')) {
        return Err(Cause::Price);
    }
    if fraction.len() > 2 {
        return Err(Cause::Fraction);
    }
    format!("{pounds}{fraction:0<2}").parse().map_err(|_| Cause::Unreadable)
}

fn product(line: &Line<'_>, item: &Item) -> pb::CreateProductRequest {
    let name = if line.description.is_empty() { line.stock_code } else { line.description };
    pb::CreateProductRequest {
        sku: item.sku.clone(),
        name: name.to_owned(),
        prices: item.unit_price.clone().into_iter().collect(),
        ..Default::default()
    }
}

/// The file writes whole numbers as `17850.0`.
fn customer_reference<'a>(line: &Line<'a>) -> &'a str {
    let number = line.customer_id.strip_suffix(".0").unwrap_or(line.customer_id);
    if number.is_empty() { WALK_IN.0 } else { number }
}

fn customer(line: &Line<'_>) -> pb::CreateCustomerRequest {
    let reference = customer_reference(line).to_owned();
    if reference == WALK_IN.0 {
        // They come from many countries.
        return pb::CreateCustomerRequest { name: WALK_IN.1.to_owned(), reference, ..Default::default() };
    }
    pb::CreateCustomerRequest {
        name: format!("Customer {reference}"),
        reference,
        metadata: BTreeMap::from([("country".to_owned(), line.country.to_owned())]),
        ..Default::default()
    }
}

fn order(line: &Line<'_>) -> pb::CreateOrderRequest {
    pb::CreateOrderRequest {
        customer_id: customer_reference(line).to_owned(),
        currency_code: CURRENCY.to_owned(),
        reference: line.invoice_no.to_owned(),
        metadata: BTreeMap::from([
            ("invoice_date".to_owned(), line.invoice_date.to_owned()),
            ("country".to_owned(), line.country.to_owned()),
        ]),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    pub(super) fn books(lines: &str) -> Books {
        Books::read(format!("{HEAD}{lines}").as_bytes()).expect("readable")
    }

    #[test]
    fn pence_are_exact() {
        for (text, expected) in [
            ("2.55", Ok(255)),
            ("2.1", Ok(210)),
            ("3", Ok(300)),
            ("0.010", Ok(1)),
            ("2.", Ok(200)),
            ("0.001", Err(Cause::Fraction)),
            ("0.0", Err(Cause::Price)),
            ("-11062.06", Err(Cause::Price)),
            ("1e2", Err(Cause::Unreadable)),
            ("+1", Err(Cause::Unreadable)),
            (".5", Err(Cause::Unreadable)),
            ("", Err(Cause::Unreadable)),
            ("99999999999999999999", Err(Cause::Unreadable)),
        ] {
            assert_eq!(pence(text), expected, "{text}");
        }
    }

    #[test]
    fn every_line_is_sold_or_counted_by_its_cause() {
        let books = books(
            "C1,A,a,-1,d,1.00,7.0,UK\nA1,B,bad debt,1,d,9.99,,UK\n1,A,a,-1,d,1.00,7.0,UK\n1,A,a,1,d,0.0,7.0,UK\n\
             1,A,a,1,d,0.001,7.0,UK\n1,A,a,x,d,1.00,7.0,UK\n1,A,a,2,d,1.5,7.0,UK\n",
        );
        let causes =
            [Cause::NeverBought, Cause::Adjustment, Cause::Unreadable, Cause::Quantity, Cause::Price, Cause::Fraction];
        assert_eq!(books.left_out, causes.into_iter().map(|cause| (cause, 1)).collect());
        assert_eq!((books.lines, books.orders.len(), books.orders[0].items.len()), (7, 1, 1));
        assert_eq!(books.products.len(), 1, "what is never sold is no product");
    }

    #[test]
    fn lines_of_an_invoice_need_not_stand_together() {
        let books = books(
            "1,a,small,1,d1,1.00,7.0,UK\n2,A,,1,d2,2.00,,EIRE\n1,A,large,3,d3,3.00,7.0,UK\n3,a,x,1,d4,9,8.0,UK\n",
        );
        let orders: Vec<_> = books.orders.iter().map(|order| (order.reference.as_str(), order.items.len())).collect();
        assert_eq!(orders, [("1", 2), ("2", 1), ("3", 1)]);
        assert_eq!(books.orders[0].metadata["invoice_date"], "d1", "the first line decides");
        assert_eq!(books.orders[1].customer_id, "walk-in");
        let products: Vec<_> = books.products.iter().map(|product| (product.sku.as_str(), &*product.name)).collect();
        assert_eq!(products, [("a", "small"), ("A", "A")], "stock codes are compared byte for byte");
    }

    #[test]
    fn the_first_orders_keep_what_they_need() {
        let mut books = books(
            "1,A,a,1,d,1.00,7.0,UK\n2,B,b,1,d,2.00,8.0,UK\n2,A,a,4,d,1.00,8.0,UK\n1,C,c,1,d,1.00,7.0,UK\n\
             C3,B,b,-1,d,2.00,8.0,UK\nC4,A,a,-1,d,1.00,7.0,UK\n",
        );
        assert_eq!((books.stock.len(), books.returns.len()), (3, 2));
        books.keep_first(1);
        assert_eq!(books.stock, BTreeMap::from([("A".to_owned(), 5), ("C".to_owned(), 1)]), "more orders may come");
        let returns: Vec<_> = books.returns.iter().map(|giveback| giveback.reference.as_str()).collect();
        assert_eq!(returns, ["C4-1"]);
        assert_eq!((books.orders.len(), books.orders[0].items.len()), (1, 2));
        let skus: Vec<_> = books.products.iter().map(|product| product.sku.as_str()).collect();
        assert_eq!((skus, books.customers.len()), (vec!["A", "C"], 1));
    }

    #[test]
    fn an_invoice_too_long_for_an_order_is_left_out_as_a_whole() {
        let lines = |count| "1,A,a,1,d,1.00,7.0,UK\n".repeat(count) + "2,B,b,1,d,1.00,8.0,UK\n";
        assert_eq!(books(&lines(MAX_LINES)).orders.len(), 2);
        let books = books(&lines(MAX_LINES + 1));
        assert_eq!((books.orders.len(), books.products.len(), books.customers.len()), (1, 1, 1));
        assert_eq!(books.left_out, BTreeMap::from([(Cause::TooLong, MAX_LINES + 1)]));
    }
}
