//! Sends what the service does not have yet: products and customers, their stock, orders, and what becomes of those.
//!
//! Every key is made of the data, so that a second try is the first one again. Keys are forgotten after a day; SKUs and
//! references are not, and what they lead to is compared with the file.

use std::cell::RefCell;
use std::collections::HashMap;

use tradepost::commands::retail::Books;
use tradepost::contract::pb;
use tradepost::contract::pb::access_service_client::AccessServiceClient;
use tradepost::contract::pb::catalog_service_client::CatalogServiceClient;
use tradepost::contract::pb::customer_service_client::CustomerServiceClient;
use tradepost::contract::pb::order_service_client::OrderServiceClient;

use crate::Fault;
use crate::books::{Compared, same_customer, same_head, same_order, same_product};
use crate::client::{Refusal, Service};
use crate::listing;
use crate::progress::{each, grouped};
use crate::{fulfill, giveback, stock};

/// Prices differ from invoice to invoice, so every line brings its own. The others are of what comes after the orders.
const PERMISSIONS: [&str; 7] = [
    "orders.override_price",
    "inventory.write",
    "payments.write",
    "refunds.write",
    "returns.request",
    "returns.write",
    "shipments.write",
];

/// Why things move.
pub(crate) const REASON: &str = "Replay of Online Retail";

/// Customer ids by reference.
type Customers = HashMap<String, String>;

/// What the service lists: products by SKU, customers by reference, orders by customer and reference.
#[derive(Default)]
struct Known {
    products: HashMap<String, pb::Product>,
    customers: HashMap<String, pb::Customer>,
    orders: HashMap<(String, String), pb::Order>,
}

/// Sends the books. `resend` sends products, customers and orders that are there, too.
pub(crate) async fn everything(
    service: &Service,
    books: &Books,
    concurrency: usize,
    resend: bool,
) -> Result<(), Fault> {
    check_permissions(service).await?;
    let known = if resend { Known::default() } else { Known::list(service).await? };
    let missing = known.missing_products(books)?;
    if !resend {
        println!("  {:>7} products are there already", grouped(books.products.len() - missing.len()));
    }
    each("products", missing, concurrency, |wanted| product(service, wanted)).await?;
    let (missing, there) = known.missing_customers(books)?;
    if !resend {
        println!("  {:>7} customers are there already", grouped(there.len()));
    }
    let customers = RefCell::new(there);
    each("customers", missing, concurrency, async |wanted| {
        let id = customer(service, wanted).await?;
        customers.borrow_mut().insert(wanted.reference.clone(), id);
        Ok(())
    })
    .await?;
    let customers = customers.into_inner();
    stock::count(service, books, concurrency).await?;
    let missing = known.missing_orders(books, &customers)?;
    if !resend {
        println!("  {:>7} orders are there already", grouped(books.orders.len() - missing.len()));
    }
    each("orders", missing, concurrency, |wanted| order(service, wanted, &customers)).await?;
    let ids = fulfill::orders(service, books, concurrency).await?;
    giveback::everything(service, books, &ids, concurrency).await?;
    println!("  {:>7} calls had to be repeated", grouped(service.repeated()));
    Ok(())
}

async fn check_permissions(service: &Service) -> Result<(), Fault> {
    let who = service.call(None, pb::WhoamiRequest {}, async |channel, request| {
        AccessServiceClient::new(channel).whoami(request).await
    });
    let granted = who.await?.permissions;
    match PERMISSIONS.iter().find(|wanted| !granted.iter().any(|granted| granted == *wanted)) {
        Some(missing) => Err(format!("the API key lacks the permission {missing}").into()),
        None => Ok(()),
    }
}

impl Known {
    async fn list(service: &Service) -> Result<Self, Fault> {
        let mut known = Self::default();
        let Self { products, customers, orders } = &mut known;
        listing::products(service, |found| drop(products.insert(found.sku.clone(), found))).await?;
        listing::customers(service, |found| drop(customers.insert(found.reference.clone(), found))).await?;
        listing::orders(service, pb::View::Basic, |found| {
            orders.insert((found.customer_id.clone(), found.reference.clone()), found);
        })
        .await?;
        Ok(known)
    }

    fn missing_products<'a>(&self, books: &'a Books) -> Result<Vec<&'a pb::CreateProductRequest>, Fault> {
        let mut missing = Vec::new();
        for wanted in &books.products {
            match self.products.get(&wanted.sku) {
                Some(found) => expect("product", &wanted.sku, same_product(wanted, found))?,
                None => missing.push(wanted),
            }
        }
        Ok(missing)
    }

    /// Those that are missing, and the ids of the others.
    fn missing_customers<'a>(
        &self,
        books: &'a Books,
    ) -> Result<(Vec<&'a pb::CreateCustomerRequest>, Customers), Fault> {
        let (mut missing, mut there) = (Vec::new(), Customers::new());
        for wanted in &books.customers {
            match self.customers.get(&wanted.reference) {
                Some(found) => {
                    expect("customer", &wanted.reference, same_customer(wanted, found))?;
                    there.insert(wanted.reference.clone(), found.id.clone());
                }
                None => missing.push(wanted),
            }
        }
        Ok((missing, there))
    }

    fn missing_orders<'a>(
        &self,
        books: &'a Books,
        customers: &Customers,
    ) -> Result<Vec<&'a pb::CreateOrderRequest>, Fault> {
        let mut missing = Vec::new();
        for wanted in &books.orders {
            let customer = id_of(customers, wanted)?;
            match self.orders.get(&(customer.to_owned(), wanted.reference.clone())) {
                Some(found) => expect("order", &wanted.reference, same_head(wanted, customer, found))?,
                None => missing.push(wanted),
            }
        }
        Ok(missing)
    }
}

async fn product(service: &Service, wanted: &pb::CreateProductRequest) -> Result<(), Fault> {
    let create = service.call(Some(key("product", &wanted.sku)), wanted.clone(), async |channel, request| {
        CatalogServiceClient::new(channel).create_product(request).await
    });
    let found = match create.await {
        Err(Refusal::Exists(id)) => listing::product(service, id).await,
        other => other,
    };
    let found = found.map_err(|refusal| format!("product {:?}: {refusal}", wanted.sku))?;
    expect("product", &wanted.sku, same_product(wanted, &found))
}

async fn customer(service: &Service, wanted: &pb::CreateCustomerRequest) -> Result<String, Fault> {
    let create = service.call(Some(key("customer", &wanted.reference)), wanted.clone(), async |channel, request| {
        CustomerServiceClient::new(channel).create_customer(request).await
    });
    let found = match create.await {
        Err(Refusal::Exists(id)) => listing::customer(service, id).await,
        other => other,
    };
    let found = found.map_err(|refusal| format!("customer {:?}: {refusal}", wanted.reference))?;
    expect("customer", &wanted.reference, same_customer(wanted, &found))?;
    Ok(found.id)
}

async fn order(service: &Service, wanted: &pb::CreateOrderRequest, customers: &Customers) -> Result<(), Fault> {
    let customer = id_of(customers, wanted)?;
    let request = pb::CreateOrderRequest { customer_id: customer.to_owned(), ..wanted.clone() };
    let create = service.call(Some(key("order", &wanted.reference)), request, async |channel, request| {
        OrderServiceClient::new(channel).create_order(request).await
    });
    let found = match create.await {
        // A try whose answer was lost, more than a day ago or under another key.
        Err(Refusal::Exists(id)) => listing::order(service, id).await,
        other => other,
    };
    let found = found.map_err(|refusal| format!("order {:?}: {refusal}", wanted.reference))?;
    expect("order", &wanted.reference, same_order(wanted, customer, &found))
}

/// What has the name must be what the file says: to go on would hide that it is not.
pub(crate) fn expect(kind: &str, name: &str, compared: Compared) -> Result<(), Fault> {
    compared.map_err(|difference| format!("{kind} {name:?} is another one: its {difference}").into())
}

fn id_of<'a>(customers: &'a Customers, order: &pb::CreateOrderRequest) -> Result<&'a str, Fault> {
    let id = customers.get(&order.customer_id);
    Ok(id.ok_or_else(|| format!("order {:?} has an unknown customer", order.reference))?)
}

/// A key made of the data. Stock codes may have spaces, and keys may not.
pub(crate) fn key(kind: &str, name: &str) -> String {
    let mut key = format!("{kind}-");
    for byte in name.bytes() {
        match byte {
            b'!'..=b'~' if byte != b'%' => key.push(char::from(byte)),
            _ => key.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    key
}

fn digit(number: u8) -> char {
    char::from_digit(number.into(), 16).unwrap_or_default().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys_are_visible_ascii_and_differ_when_the_names_do() {
        assert_eq!(key("order", "536365"), "order-536365");
        assert_eq!(key("product", "BANK CHARGES"), "product-BANK%20CHARGES");
        assert_ne!(key("product", "15056bl"), key("product", "15056BL"));
        assert_ne!(key("product", "A%20B"), key("product", "A B"));
        assert_eq!(key("product", "é"), "product-%C3%A9");
    }
}
