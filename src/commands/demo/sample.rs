//! The sample: invoices of a real shop (`data/README.md` has the attribution), as requests of the contract.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::contract::pb;
use crate::contract::pb::create_order_request::Item;
use crate::server::Fault;

const CSV: &str = include_str!("../../../data/online-retail-sample.csv");

/// The shop sells in one currency.
const CURRENCY: &str = "GBP";

/// One line of an invoice, as the file has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    invoice_no: String,
    stock_code: String,
    description: String,
    quantity: i32,
    invoice_date: String,
    unit_price: String,
    #[serde(rename = "CustomerID")]
    customer_id: String,
    country: String,
}

/// Everything to create. Orders name their customer by its reference.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) products: Vec<pb::CreateProductRequest>,
    pub(super) customers: Vec<pb::CreateCustomerRequest>,
    pub(super) orders: Vec<pb::CreateOrderRequest>,
}

impl Sample {
    pub(super) fn read() -> Result<Self, Fault> {
        let lines = csv::Reader::from_reader(CSV.as_bytes()).into_deserialize().collect::<Result<Vec<Line>, _>>()?;
        let (mut products, mut customers) = (BTreeMap::new(), BTreeMap::new());
        let mut orders: BTreeMap<&str, pb::CreateOrderRequest> = BTreeMap::new();
        for line in &lines {
            let price = pence(&line.unit_price)?;
            products.entry(&line.stock_code).or_insert_with(|| product(line, &price));
            customers.entry(customer_number(line)).or_insert_with(|| customer(line));
            let order = orders.entry(&line.invoice_no).or_insert_with(|| order(line));
            let (sku, quantity) = (line.stock_code.clone(), line.quantity);
            order.items.push(Item { sku, quantity, unit_price: Some(price), discount: None });
        }
        Ok(Self {
            products: products.into_values().collect(),
            customers: customers.into_values().collect(),
            orders: orders.into_values().collect(),
        })
    }
}

fn product(line: &Line, price: &pb::Money) -> pb::CreateProductRequest {
    let name = if line.description.is_empty() { &line.stock_code } else { &line.description };
    pb::CreateProductRequest {
        sku: line.stock_code.clone(),
        name: name.clone(),
        prices: vec![price.clone()],
        ..Default::default()
    }
}

/// The file writes whole numbers as `17850.0`.
fn customer_number(line: &Line) -> &str {
    line.customer_id.trim_end_matches(".0")
}

fn customer(line: &Line) -> pb::CreateCustomerRequest {
    let number = customer_number(line);
    pb::CreateCustomerRequest {
        name: format!("Customer {number}"),
        reference: number.to_owned(),
        metadata: BTreeMap::from([("country".to_owned(), line.country.clone())]),
        ..Default::default()
    }
}

fn order(line: &Line) -> pb::CreateOrderRequest {
    pb::CreateOrderRequest {
        customer_id: customer_number(line).to_owned(),
        currency_code: CURRENCY.to_owned(),
        reference: line.invoice_no.clone(),
        metadata: BTreeMap::from([("invoice_date".to_owned(), line.invoice_date.clone())]),
        ..Default::default()
    }
}

/// `2.1` is 210 pence. Nothing is rounded.
fn pence(text: &str) -> Result<pb::Money, Fault> {
    let (pounds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 2 {
        return Err(format!("{text} is finer than a penny").into());
    }
    let minor_units = format!("{pounds}{fraction:0<2}").parse()?;
    Ok(pb::Money { currency_code: CURRENCY.to_owned(), minor_units })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pence_are_exact() {
        for (text, expected) in
            [("2.55", Some(255)), ("2.1", Some(210)), ("3", Some(300)), ("0.001", None), ("x", None)]
        {
            assert_eq!(pence(text).ok().map(|money| money.minor_units), expected, "{text}");
        }
    }

    #[test]
    fn the_sample_is_what_its_readme_says() {
        let sample = Sample::read().expect("readable");
        assert_eq!((sample.orders.len(), sample.customers.len(), sample.products.len()), (300, 223, 1269));
        let total: i64 = sample
            .orders
            .iter()
            .flat_map(|order| &order.items)
            .map(|item| i64::from(item.quantity) * item.unit_price.as_ref().map_or(0, |price| price.minor_units))
            .sum();
        assert_eq!(total, 10_656_132);
    }
}
