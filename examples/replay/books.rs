//! Whether what the service has is what the file says.

use std::collections::BTreeMap;

use tradepost::commands::retail::Giveback;
use tradepost::contract::pb;
use tradepost::contract::pb::create_order_request::Item;
use tradepost::contract::pb::order::{FulfillmentStatus, PaymentStatus, Status};

/// Who is said to have taken the money.
pub(crate) const PROVIDER: &str = "replay";

/// One difference, or none.
pub(crate) type Compared = Result<(), String>;

/// Whether a product is the one that the file asks for.
pub(crate) fn same_product(wanted: &pb::CreateProductRequest, found: &pb::Product) -> Compared {
    same("SKU", &wanted.sku, &found.sku)?;
    same("name", &wanted.name, &found.name)?;
    same("prices", &wanted.prices, &found.prices)?;
    same("counting of stock", &wanted.track_inventory, &found.track_inventory)?;
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

/// Whether an order is paid, shipped and completed, and came back as far as credit notes say: units of each line.
pub(crate) fn same_end(wanted: &pb::CreateOrderRequest, returned: &[i32], found: &pb::Order) -> Compared {
    let sum = |units: &dyn Fn(usize) -> i32| -> i64 {
        let lines = wanted.items.iter().enumerate();
        lines.map(|(line, item)| i64::from(units(line)) * amount(item.unit_price.as_ref())).sum()
    };
    let back = |line: usize| returned.get(line).copied().unwrap_or_default();
    let (total, refunded) = (value(&wanted.items), sum(&back));
    let (payment, fulfillment) = match refunded {
        0 => (PaymentStatus::Paid, FulfillmentStatus::Fulfilled),
        _ if refunded == total => (PaymentStatus::Refunded, FulfillmentStatus::Returned),
        _ => (PaymentStatus::PartiallyRefunded, FulfillmentStatus::PartiallyReturned),
    };
    same("status", &Status::Completed, &found.status())?;
    same("payment status", &payment, &found.payment_status())?;
    same("fulfillment status", &fulfillment, &found.fulfillment_status())?;
    same("paid total", &total, &amount(found.paid_total.as_ref()))?;
    same("refunded total", &refunded, &amount(found.refunded_total.as_ref()))?;
    same("canceled total", &0, &amount(found.canceled_total.as_ref()))?;
    same("amount due", &0, &amount(found.amount_due.as_ref()))?;
    for (place, (wanted, found)) in wanted.items.iter().zip(&found.items).enumerate() {
        let line = |what| format!("{what} units of line {}", place + 1);
        same(&line("canceled"), &0, &found.quantity_canceled)?;
        same(&line("shipped"), &wanted.quantity, &found.quantity_shipped)?;
        same(&line("returned"), &back(place), &found.quantity_returned)?;
    }
    Ok(())
}

/// Whether a payment is all of its order.
pub(crate) fn same_payment(order: &pb::Order, found: &pb::Payment) -> Compared {
    same("order", &order.id, &found.order_id)?;
    same("customer", &order.customer_id, &found.customer_id)?;
    same("amount", &order.total, &found.amount)?;
    same("provider", PROVIDER, found.provider.as_str())?;
    same("reference of the provider", &order.reference, &found.provider_reference)?;
    same("reference", &order.reference, &found.reference)?;
    same("status", &pb::payment::Status::Recorded, &found.status())
}

/// Whether a shipment is all of its order.
pub(crate) fn same_shipment(order: &pb::Order, found: &pb::Shipment) -> Compared {
    same("order", &order.id, &found.order_id)?;
    same("customer", &order.customer_id, &found.customer_id)?;
    same("reference", &order.reference, &found.reference)?;
    same("status", &pb::shipment::Status::Shipped, &found.status())?;
    let wanted: BTreeMap<_, _> = order.items.iter().map(|item| (&item.id, item.quantity)).collect();
    same("lines", &wanted, &found.items.iter().map(|item| (&item.item_id, item.quantity)).collect())
}

/// Whether a return is what the credit note says, wherever it stands.
pub(crate) fn same_return(wanted: &Giveback, order: &pb::Order, found: &pb::Return) -> Compared {
    same("order", &order.id, &found.order_id)?;
    same("customer", &order.customer_id, &found.customer_id)?;
    same("reference", &wanted.reference, &found.reference)?;
    same("lines", &pieces(wanted, order), &found.items.iter().map(|item| (&*item.item_id, item.quantity)).collect())
}

/// Whether all of a return is in stock again.
pub(crate) fn same_restocked(found: &pb::Return) -> Compared {
    same("status", &pb::r#return::Status::Closed, &found.status())?;
    for (place, item) in found.items.iter().enumerate() {
        let line = |what| format!("{what} units of line {}", place + 1);
        same(&line("received"), &item.quantity, &item.quantity_received)?;
        same(&line("restocked"), &item.quantity, &item.quantity_restocked)?;
        same(&line("scrapped"), &0, &item.quantity_scrapped)?;
        same(&line("sent back"), &0, &item.quantity_sent_back)?;
    }
    Ok(())
}

/// Whether a refund is what the credit note says to the penny, wherever it stands.
pub(crate) fn same_refund(wanted: &Giveback, order: &pb::Order, found: &pb::Refund) -> Compared {
    same("order", &order.id, &found.order_id)?;
    same("customer", &order.customer_id, &found.customer_id)?;
    same("reference", &wanted.reference, &found.reference)?;
    same("lines", &pieces(wanted, order), &found.items.iter().map(|item| (&*item.item_id, item.quantity)).collect())?;
    let price = |line: usize| order.items.get(line).map_or(0, |item| amount(item.unit_price.as_ref()));
    let parts: BTreeMap<_, _> =
        wanted.pieces.iter().map(|&(line, units)| (item_id(order, line), i64::from(units) * price(line))).collect();
    same("amount", &parts.values().sum(), &amount(found.amount.as_ref()))?;
    let found = found.items.iter().map(|item| (&*item.item_id, amount(item.amount.as_ref())));
    same("amounts of lines", &parts, &found.collect())
}

fn pieces<'a>(wanted: &Giveback, order: &'a pb::Order) -> BTreeMap<&'a str, i32> {
    wanted.pieces.iter().map(|&(line, units)| (item_id(order, line), units)).collect()
}

fn item_id(order: &pb::Order, line: usize) -> &str {
    order.items.get(line).map_or("", |item| &item.id)
}

/// What lines cost together, in pence. Products of the file carry no tax.
pub(crate) fn value(items: &[Item]) -> i64 {
    items.iter().map(|item| i64::from(item.quantity) * amount(item.unit_price.as_ref())).sum()
}

/// An amount in pence; nothing is nothing.
pub(crate) fn amount(money: Option<&pb::Money>) -> i64 {
    money.map_or(0, |money| money.minor_units)
}

pub(crate) fn same<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, wanted: &T, found: &T) -> Compared {
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
