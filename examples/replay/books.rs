//! Whether what the service has is what the file says.

use tradepost::contract::pb;
use tradepost::contract::pb::create_order_request::Item;

/// One difference, or none.
pub(crate) type Compared = Result<(), String>;

/// Whether a product is the one that the file asks for.
pub(crate) fn same_product(wanted: &pb::CreateProductRequest, found: &pb::Product) -> Compared {
    same("SKU", &wanted.sku, &found.sku)?;
    same("name", &wanted.name, &found.name)?;
    same("prices", &wanted.prices, &found.prices)?;
    same("metadata", &wanted.metadata, &found.metadata)
}

/// Whether a customer is the one that the file asks for.
pub(crate) fn same_customer(wanted: &pb::CreateCustomerRequest, found: &pb::Customer) -> Compared {
    same("reference", &wanted.reference, &found.reference)?;
    same("name", &wanted.name, &found.name)?;
    same("metadata", &wanted.metadata, &found.metadata)
}

/// Whether an order is the one that the file asks for, as far as lists tell.
pub(crate) fn same_head(wanted: &pb::CreateOrderRequest, customer: &str, found: &pb::Order) -> Compared {
    same("reference", &wanted.reference, &found.reference)?;
    same("customer", customer, found.customer_id.as_str())?;
    same("currency", &wanted.currency_code, &found.currency_code)?;
    same("total", &value(&wanted.items), &amount(found.total.as_ref()))
}

/// Whether an order is the one that the file asks for, to the last line.
pub(crate) fn same_order(wanted: &pb::CreateOrderRequest, customer: &str, found: &pb::Order) -> Compared {
    same_head(wanted, customer, found)?;
    same("metadata", &wanted.metadata, &found.metadata)?;
    same("number of lines", &wanted.items.len(), &found.items.len())?;
    for (place, (wanted, found)) in wanted.items.iter().zip(&found.items).enumerate() {
        let line = |what| format!("{what} of line {}", place + 1);
        same(&line("SKU"), &wanted.sku, &found.sku)?;
        same(&line("quantity"), &wanted.quantity, &found.quantity)?;
        same(&line("unit price"), &wanted.unit_price, &found.unit_price)?;
    }
    Ok(())
}

/// What lines cost together, in pence. Products of the file carry no tax.
pub(crate) fn value(items: &[Item]) -> i64 {
    items.iter().map(|item| i64::from(item.quantity) * amount(item.unit_price.as_ref())).sum()
}

/// An amount in pence; nothing is nothing.
pub(crate) fn amount(money: Option<&pb::Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, wanted: &T, found: &T) -> Compared {
    if wanted == found { Ok(()) } else { Err(format!("{what} is {found:?}, not {wanted:?}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor_units: i64) -> pb::Money {
        pb::Money { currency_code: "GBP".to_owned(), minor_units }
    }

    fn wanted() -> pb::CreateOrderRequest {
        let item = |sku: &str, quantity, price| Item {
            sku: sku.to_owned(),
            quantity,
            unit_price: Some(money(price)),
            ..Default::default()
        };
        pb::CreateOrderRequest {
            reference: "536365".to_owned(),
            currency_code: "GBP".to_owned(),
            items: vec![item("A", 2, 255), item("B", 1, 90)],
            ..Default::default()
        }
    }

    fn found() -> pb::Order {
        let item = |sku: &str, quantity, price| pb::order::Item {
            sku: sku.to_owned(),
            quantity,
            unit_price: Some(money(price)),
            ..Default::default()
        };
        pb::Order {
            customer_id: "cus_1".to_owned(),
            reference: "536365".to_owned(),
            currency_code: "GBP".to_owned(),
            total: Some(money(600)),
            items: vec![item("A", 2, 255), item("B", 1, 90)],
            ..Default::default()
        }
    }

    #[test]
    fn an_order_is_compared_to_the_last_line() {
        assert_eq!(same_order(&wanted(), "cus_1", &found()), Ok(()));
        let broken: [fn(&mut pb::Order); 7] = [
            |order| order.items[1].quantity = 2,
            |order| order.items[1].sku = "b".to_owned(),
            |order| order.items[0].unit_price = None,
            |order| order.items.swap(0, 1),
            |order| order.items.truncate(1),
            |order| order.total = None,
            |order| drop(order.metadata.insert("country".to_owned(), "EIRE".to_owned())),
        ];
        for (case, change) in broken.into_iter().enumerate() {
            let mut order = found();
            change(&mut order);
            assert!(same_order(&wanted(), "cus_1", &order).is_err(), "case {case}");
        }
        assert!(same_order(&wanted(), "cus_2", &found()).is_err(), "another customer's");
    }
}
