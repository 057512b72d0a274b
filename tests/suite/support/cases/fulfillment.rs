//! Shipments and returns: an order on its way, and a valid call of each method.

use tradepost::contract::pb;

use super::{Case, Hidden};
use crate::support::client::{Answer, Client};
use crate::support::world::{TEAPOT, order};

/// A confirmed order of which some units are on their way, and some come back. Writes use some of it up.
#[derive(Debug, Clone, Default)]
pub(crate) struct OnTheWay {
    /// It has open units.
    pub(crate) order: String,
    /// Its only line.
    pub(crate) item: String,
    pub(crate) shipment: String,
    pub(crate) requested: String,
    pub(crate) authorized: String,
    pub(crate) received: String,
}

impl OnTheWay {
    pub(crate) async fn new(owner: &Client, customer: &str) -> Self {
        let (order, item) = confirmed(owner, customer, 9).await;
        send(owner, shipment(&order, &[(&item, 5)])).await;
        let shipment = send(owner, shipment(&order, &[(&item, 1)])).await.id();
        let mut returns = Vec::new();
        for _ in 0..3 {
            returns.push(send(owner, come_back(&order, &[(&item, 1)])).await.id());
        }
        let [requested, authorized, received] = returns.try_into().expect("three");
        for id in [&authorized, &received] {
            owner.call(authorize(id)).await.expect("authorized");
        }
        owner.call(receive(&received, &[])).await.expect("received");
        Self { order, item, shipment, requested, authorized, received }
    }

    pub(super) fn ids(&self) -> [&str; 5] {
        [&self.order, &self.shipment, &self.requested, &self.authorized, &self.received]
    }

    pub(super) fn absent(&self) -> Self {
        use crate::access::sibling;
        Self {
            order: sibling(&self.order),
            item: sibling(&self.item),
            shipment: sibling(&self.shipment),
            requested: sibling(&self.requested),
            authorized: sibling(&self.authorized),
            received: sibling(&self.received),
        }
    }
}

/// A call that needs a key, with a new one.
pub(crate) async fn send<Q: crate::support::rpc::Rpc>(client: &Client, request: Q) -> Answer {
    client.keyed(&new_key(), request).await.expect("a success")
}

/// A key that no call had before.
pub(crate) fn new_key() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static KEYS: AtomicU64 = AtomicU64::new(0);
    format!("fulfillment-{}", KEYS.fetch_add(1, Ordering::Relaxed))
}

/// A confirmed order of so many teapots: its id, and that of its line.
pub(crate) async fn confirmed(owner: &Client, customer: &str, quantity: i32) -> (String, String) {
    let placed = owner.call(order(customer, &[(TEAPOT, quantity)])).await.expect("an order");
    let order_id = placed.id();
    owner.call(pb::ConfirmOrderRequest { order_id, ..Default::default() }).await.expect("confirmed");
    (placed.id(), placed.text("/items/0/id"))
}

/// An order of which everything was shipped.
pub(super) async fn shipped(owner: &Client, customer: &str) -> String {
    let (order, item) = confirmed(owner, customer, 1).await;
    send(owner, shipment(&order, &[(&item, 1)])).await;
    order
}

/// What ships units of lines.
pub(crate) fn shipment(order: &str, lines: &[(&str, i32)]) -> pb::CreateShipmentRequest {
    let item = |(item, quantity): &(&str, i32)| pb::create_shipment_request::Item {
        item_id: (*item).to_owned(),
        quantity: *quantity,
    };
    pb::CreateShipmentRequest {
        order_id: order.to_owned(),
        items: lines.iter().map(item).collect(),
        carrier: "Royal Mail".to_owned(),
        tracking_number: "RM-1".to_owned(),
        ..Default::default()
    }
}

/// What asks to send units of lines back.
pub(crate) fn come_back(order: &str, lines: &[(&str, i32)]) -> pb::CreateReturnRequest {
    let (order_id, items) = (order.to_owned(), units(lines));
    pb::CreateReturnRequest { order_id, items, reason: "too many".to_owned(), ..Default::default() }
}

fn units(lines: &[(&str, i32)]) -> Vec<pb::create_return_request::Item> {
    let item = |(item, quantity): &(&str, i32)| pb::create_return_request::Item {
        item_id: (*item).to_owned(),
        quantity: *quantity,
    };
    lines.iter().map(item).collect()
}

pub(crate) fn deliver(shipment: &str) -> pb::MarkShipmentDeliveredRequest {
    pb::MarkShipmentDeliveredRequest { shipment_id: shipment.to_owned(), ..Default::default() }
}

pub(crate) fn take_back(shipment: &str) -> pb::CancelShipmentRequest {
    pb::CancelShipmentRequest {
        shipment_id: shipment.to_owned(),
        reason: "wrong address".to_owned(),
        ..Default::default()
    }
}

pub(crate) fn authorize(id: &str) -> pb::AuthorizeReturnRequest {
    pb::AuthorizeReturnRequest { return_id: id.to_owned(), ..Default::default() }
}

/// What takes in units of lines, or all of them.
pub(crate) fn receive(id: &str, lines: &[(&str, i32)]) -> pb::ReceiveReturnRequest {
    pb::ReceiveReturnRequest { return_id: id.to_owned(), items: units(lines), ..Default::default() }
}

/// What decides on units of lines.
pub(crate) fn inspect(id: &str, lines: &[(&str, i32, pb::r#return::Disposition)]) -> pb::InspectReturnRequest {
    let item = |(item, quantity, disposition): &(&str, i32, pb::r#return::Disposition)| {
        let disposition = (*disposition).into();
        pb::inspect_return_request::Item { item_id: (*item).to_owned(), quantity: *quantity, disposition }
    };
    let items = lines.iter().map(item).collect();
    pb::InspectReturnRequest { return_id: id.to_owned(), items, ..Default::default() }
}

pub(crate) fn reject(id: &str) -> pb::RejectReturnRequest {
    pb::RejectReturnRequest { return_id: id.to_owned(), reason: "worn".to_owned(), ..Default::default() }
}

pub(crate) fn close(id: &str) -> pb::CloseReturnRequest {
    pb::CloseReturnRequest { return_id: id.to_owned(), ..Default::default() }
}

pub(super) fn case(name: &str, things: &OnTheWay) -> Case {
    let of_order = Hidden::NotFound("order_not_found");
    let of_shipment = Hidden::NotFound("shipment_not_found");
    let of_return = Hidden::NotFound("return_not_found");
    let (order, item) = (things.order.as_str(), things.item.as_str());
    match name {
        "CreateShipment" => Case::new(shipment(order, &[(item, 1)]), of_order),
        "GetShipment" => Case::new(pb::GetShipmentRequest { shipment_id: things.shipment.clone() }, of_shipment),
        "ListShipments" => Case::new(pb::ListShipmentsRequest::default(), Hidden::Empty("shipments")),
        "MarkShipmentDelivered" => Case::new(deliver(&things.shipment), of_shipment),
        "CancelShipment" => Case::new(take_back(&things.shipment), of_shipment),
        "CreateReturn" => Case::new(come_back(order, &[(item, 1)]), of_order),
        "GetReturn" => Case::new(pb::GetReturnRequest { return_id: things.requested.clone() }, of_return),
        "ListReturns" => Case::new(pb::ListReturnsRequest::default(), Hidden::Empty("returns")),
        "AuthorizeReturn" => Case::new(authorize(&things.requested), of_return),
        "ReceiveReturn" => Case::new(receive(&things.authorized, &[]), of_return),
        "InspectReturn" => {
            let scrap = pb::r#return::Disposition::Scrap;
            Case::new(inspect(&things.received, &[(item, 1, scrap)]), of_return)
        }
        "RejectReturn" => Case::new(reject(&things.requested), of_return),
        "CloseReturn" => Case::new(close(&things.authorized), of_return),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
