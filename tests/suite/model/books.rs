//! What the service should hold: as few numbers as will do.

use serde_json::Value;
use tradepost::contract::pb;

use crate::order_stock::{counted, stock};
use crate::support::client::Client;
use crate::support::world;

/// What is sold: two products whose units are counted, and one whose are not.
pub(super) const SKUS: [&str; 3] = ["COUNTED-1", "COUNTED-2", "PLENTY"];

/// What a unit costs, of each of them. There is no tax.
pub(super) const PRICE: i64 = 1000;

/// Units of each counted product in the beginning.
const FIRST: i64 = 60;

/// A line of an order.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) sku: usize,
    pub(super) quantity: i32,
    pub(super) canceled: i32,
    pub(super) shipped: i32,
    pub(super) returned: i32,
    /// Claimed by returns.
    pub(super) coming_back: i32,
}

impl Line {
    pub(super) fn open(&self) -> i32 {
        self.quantity - self.canceled - self.shipped
    }
}

/// An order.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) lines: Vec<Line>,
    pub(super) holds: i32,
    pub(super) paid: i64,
    pub(super) refunded: i64,
    /// Refunds that succeeded or may still.
    pub(super) claims: i64,
}

impl Order {
    pub(super) fn is_running(&self) -> bool {
        ["PLACED", "CONFIRMED"].contains(&self.status)
    }

    pub(super) fn open(&self) -> i32 {
        self.lines.iter().map(Line::open).sum()
    }

    pub(super) fn shipped(&self) -> i32 {
        self.lines.iter().map(|line| line.shipped).sum()
    }

    fn sum(&self, units: fn(&Line) -> i32) -> i64 {
        self.lines.iter().map(|line| i64::from(units(line)) * PRICE).sum()
    }

    fn payment_status(&self) -> &'static str {
        let owed = self.sum(|line| line.quantity) - self.sum(|line| line.canceled);
        match self.refunded {
            0 if self.paid == owed => "PAID",
            0 if self.paid == 0 => "UNPAID",
            0 if self.paid < owed => "PARTIALLY_PAID",
            0 => "OVERPAID",
            given if given < self.paid => "PARTIALLY_REFUNDED",
            _ => "REFUNDED",
        }
    }
}

/// A shipment of one line, or a return.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) id: String,
    pub(super) order: usize,
    pub(super) line: usize,
    pub(super) quantity: i32,
    pub(super) status: &'static str,
}

/// A payment or a refund.
#[derive(Debug, Clone)]
pub(super) struct Amount {
    pub(super) id: String,
    pub(super) order: usize,
    pub(super) units: i64,
    pub(super) status: &'static str,
}

/// A reservation of one product.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) sku: usize,
    pub(super) quantity: i32,
    pub(super) status: &'static str,
}

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Units on hand and reserved, of each product whose units are counted.
    pub(super) stock: [(i64, i64); 2],
    pub(super) orders: Vec<Order>,
    pub(super) shipments: Vec<Parcel>,
    pub(super) returns: Vec<Parcel>,
    pub(super) payments: Vec<Amount>,
    pub(super) refunds: Vec<Amount>,
    pub(super) reservations: Vec<Held>,
}

impl Books {
    /// Makes the products.
    pub(super) async fn open(client: &Client) -> Self {
        for sku in &SKUS[..2] {
            counted(client, sku, FIRST).await;
        }
        client.call(world::product(SKUS[2], &[("GBP", PRICE)], 0)).await.expect("a product");
        Self { stock: [(FIRST, 0); 2], ..Default::default() }
    }

    pub(super) fn available(&self, sku: usize) -> i64 {
        self.stock.get(sku).map_or(i64::MAX, |(on_hand, reserved)| on_hand - reserved)
    }

    /// Moves the counters of a product, if it has any.
    pub(super) fn moved(&mut self, sku: usize, on_hand: i32, reserved: i32) {
        if let Some(counters) = self.stock.get_mut(sku) {
            counters.0 += i64::from(on_hand);
            counters.1 += i64::from(reserved);
        }
    }

    /// Cancels the open units of an order of which nothing else is left.
    pub(super) fn settle(&mut self, order: usize) {
        let order = &mut self.orders[order];
        if order.open() == 0 && order.shipped() == 0 {
            order.status = "CANCELED";
        }
    }

    pub(super) async fn check_stock(&self, client: &Client) {
        for (sku, expected) in SKUS.iter().zip(self.stock) {
            assert_eq!(stock(client, sku).await, expected, "{sku}");
        }
    }

    pub(super) async fn check_order(&self, client: &Client, place: usize) {
        let expected = &self.orders[place];
        let found = client.call(pb::GetOrderRequest { order_id: expected.id.clone() }).await.expect("the order").json;
        let amount = |name: &str| found[name]["minor_units"].as_str().and_then(|units| units.parse::<i64>().ok());
        let (total, canceled) = (expected.sum(|line| line.quantity), expected.sum(|line| line.canceled));
        let due = (total - canceled - expected.paid).max(0);
        for (name, expected) in [
            ("total", total),
            ("canceled_total", canceled),
            ("paid_total", expected.paid),
            ("refunded_total", expected.refunded),
            ("amount_due", due),
        ] {
            assert_eq!(amount(name), Some(expected), "{name} of {found}");
        }
        assert_eq!(found["status"], expected.status, "{found}");
        assert_eq!(found["payment_status"], expected.payment_status(), "{found}");
        assert_eq!(found["holds"].as_array().map(Vec::len), usize::try_from(expected.holds).ok(), "{found}");
        for (line, shown) in expected.lines.iter().zip(found["items"].as_array().expect("lines")) {
            let names = ["quantity", "quantity_canceled", "quantity_shipped", "quantity_returned"];
            let counts = [line.quantity, line.canceled, line.shipped, line.returned];
            assert_eq!(names.map(|name| shown[name].clone()), counts.map(Value::from), "{found}");
        }
    }
}
