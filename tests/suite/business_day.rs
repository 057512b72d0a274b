//! One day at the order desk, from a quote to a completed order, told once and lived on every wire.

use std::time::Duration;

use serde_json::json;
use tradepost::contract::pb;

use crate::support::client::{Answer, Client, Wire};
use crate::support::database::Engine;
use crate::support::on_both_engines;
use crate::support::rpc::Rpc;
use crate::support::service::PLATFORM_KEY;
use crate::support::world::{self, World, money};

on_both_engines! {
    a_day_at_the_desk,
}

/// Somebody at the desk, on one wire. Every call has a key of its own, as those of careful clients have.
struct Person {
    client: Client,
    name: String,
}

impl Person {
    async fn calls<Q: Rpc>(&self, what: &str, request: Q) -> Answer {
        let key = format!("{what} by {}", self.name).replace(' ', "-");
        self.client.keyed(&key, request).await.unwrap_or_else(|failed| panic!("{what}: {failed:?}"))
    }

    async fn is_refused<Q: Rpc>(&self, what: &str, request: Q) -> String {
        let key = format!("refused {what} by {}", self.name).replace(' ', "-");
        self.client.keyed(&key, request).await.expect_err(what).refusal().code
    }
}

/// The people of the day: who sells, who approves, who works in the warehouse and in the books, and who buys.
struct Desk {
    seller: Person,
    manager: Person,
    warehouse: Person,
    books: Person,
    buyer: Person,
    customer: String,
    lamp: String,
}

impl Desk {
    async fn open(world: &World, wire: Wire) -> Self {
        let owner = Client::new(world.service.address, wire, PLATFORM_KEY);
        let customer = world::customer(&owner, "Ada").await;
        let lamp = format!("LAMP-{wire:?}");
        // 40.00 GBP and 20 % tax, counted.
        let product =
            pb::CreateProductRequest { track_inventory: true, ..world::product(&lamp, &[("GBP", 4000)], 2000) };
        owner.call(product).await.expect("a product");
        let person = async |name: &str, role: pb::Role, customer_id: &str| {
            let request = pb::CreateApiKeyRequest {
                name: name.to_owned(),
                role: role.into(),
                owner: name.to_owned(),
                customer_id: customer_id.to_owned(),
                ..Default::default()
            };
            let key = owner.call(request).await.expect("a key").text("/key");
            Person { client: owner.with_key(&key), name: format!("{name}-{wire:?}") }
        };
        Self {
            seller: person("Sam", pb::Role::Manager, "").await,
            manager: person("Mia", pb::Role::Manager, "").await,
            warehouse: person("Will", pb::Role::Operator, "").await,
            books: person("Bea", pb::Role::Operator, "").await,
            buyer: person("Ada", pb::Role::Partner, &customer).await,
            customer,
            lamp,
        }
    }

    async fn stock(&self) -> (i64, i64) {
        let request = pb::ListStockLevelsRequest { sku: self.lamp.clone(), ..Default::default() };
        let stock = self.warehouse.client.call(request).await.expect("the stock");
        let count = |name: &str| stock.text(&format!("/stock_levels/0/{name}")).parse().expect("a count");
        (count("on_hand"), count("reserved"))
    }

    async fn order(&self, id: &str) -> Answer {
        self.buyer.client.call(pb::GetOrderRequest { order_id: id.to_owned() }).await.expect("the order")
    }
}

/// Everything over 300.00 GBP, or with more than 10 % off, takes a manager.
async fn rule_of_the_house(world: &World) {
    let tier = |amount: Option<pb::Money>, discount| pb::approval_policy::Tier {
        amount_over: amount,
        discount_over_bps: discount,
        role: pb::Role::Manager.into(),
    };
    let policy = pb::CreateApprovalPolicyRequest {
        name: "large quotes".to_owned(),
        subject: pb::approval_policy::Subject::Quote.into(),
        tiers: vec![tier(Some(money("GBP", 30_000)), None), tier(None, Some(1_000))],
        ..Default::default()
    };
    world.client(Wire::Grpc).call(policy).await.expect("a policy");
}

async fn a_day_at_the_desk(engine: Engine) {
    let world = World::new(engine).await;
    rule_of_the_house(&world).await;
    for wire in Wire::ALL {
        let desk = Desk::open(&world, wire).await;
        in_the_warehouse(&desk).await;
        let order = before_noon(&desk).await;
        afternoon(&desk, &order).await;
        evening(&desk, &order).await;
        books_balance(&world, &desk, &order).await;
    }
}

/// Twelve lamps are counted.
async fn in_the_warehouse(desk: &Desk) {
    let count = pb::AdjustStockRequest {
        sku: desk.lamp.clone(),
        counted: Some(12),
        expected_on_hand: Some(0),
        reason: "delivery".to_owned(),
        ..Default::default()
    };
    desk.warehouse.calls("count", count).await;
    assert_eq!(desk.stock().await, (12, 0));
}

/// Ten lamps are quoted, approved by somebody else, sent and accepted.
async fn before_noon(desk: &Desk) -> String {
    let quote = pb::CreateQuoteRequest {
        customer_id: desk.customer.clone(),
        currency_code: "GBP".to_owned(),
        items: vec![pb::create_quote_request::Item { sku: desk.lamp.clone(), quantity: 10, ..Default::default() }],
        valid_until: Some(world::after(Duration::from_hours(24))),
        ..Default::default()
    };
    let quote = desk.seller.calls("quote", quote).await;
    let quote_id = quote.id();
    assert_eq!(quote.text("/total/minor_units"), "48000");
    let submit = pb::SubmitQuoteRequest { quote_id: quote_id.clone(), ..Default::default() };
    assert_eq!(desk.seller.calls("submit", submit).await.text("/status"), "PENDING_APPROVAL");

    let pending = pb::ListApprovalsRequest { subject_id: quote_id.clone(), ..Default::default() };
    let approval = desk.manager.client.call(pending).await.expect("approvals").text("/approvals/0/id");
    let approve = || pb::ApproveApprovalRequest { approval_id: approval.clone(), ..Default::default() };
    assert_eq!(desk.seller.is_refused("own approval", approve()).await, "permission_denied");
    assert_eq!(desk.manager.calls("approve", approve()).await.text("/status"), "APPROVED");

    let send = pb::SendQuoteRequest { quote_id: quote_id.clone(), ..Default::default() };
    desk.seller.calls("send", send).await;
    assert_eq!(desk.stock().await, (12, 0), "a quote promises a price, not units");
    let accept = pb::AcceptQuoteRequest { quote_id: quote_id.clone(), ..Default::default() };
    let accepted = desk.buyer.calls("accept", accept).await;
    let order_id = accepted.text("/order_id");
    let order = desk.order(&order_id).await;
    assert_eq!((order.text("/status"), order.text("/quote_id")), ("PLACED".to_owned(), quote_id));
    assert_eq!(order.json["total"], accepted.json["total"], "at the quoted price");
    assert_eq!(desk.stock().await, (12, 10));
    order_id
}

/// It is confirmed, held, released, shipped in part, and two lamps are canceled.
async fn afternoon(desk: &Desk, order_id: &str) {
    let order_id = || order_id.to_owned();
    let confirm = pb::ConfirmOrderRequest { order_id: order_id(), ..Default::default() };
    desk.seller.calls("confirm", confirm).await;
    let stop = pb::HoldOrderRequest { order_id: order_id(), reason: "address".to_owned(), ..Default::default() };
    let held = desk.seller.calls("hold", stop).await;
    let item_id = held.text("/items/0/id");
    let ship = |quantity| pb::CreateShipmentRequest {
        order_id: order_id(),
        items: vec![pb::create_shipment_request::Item { item_id: item_id.clone(), quantity }],
        carrier: "Royal Mail".to_owned(),
        tracking_number: "RM1".to_owned(),
        ..Default::default()
    };
    assert_eq!(desk.warehouse.is_refused("ship while held", ship(6)).await, "order_on_hold");
    let hold_id = held.text("/holds/0/id");
    let release = pb::ReleaseOrderHoldRequest { order_id: order_id(), hold_id, ..Default::default() };
    desk.seller.calls("release", release).await;
    assert_eq!(desk.warehouse.is_refused("ship too many", ship(11)).await, "over_shipment");
    let shipment_id = desk.warehouse.calls("ship six", ship(6)).await.id();
    assert_eq!(desk.stock().await, (6, 4));
    let units = vec![pb::cancel_order_request::Item { item_id: item_id.clone(), quantity: 2 }];
    let cancel = pb::CancelOrderRequest { order_id: order_id(), items: units, ..Default::default() };
    let canceled = desk.buyer.calls("cancel two", cancel).await;
    assert_eq!(canceled.text("/canceled_total/minor_units"), "9600");
    assert_eq!(canceled.text("/amount_due/minor_units"), "38400");
    assert_eq!(desk.stock().await, (6, 2));
    let second = desk.warehouse.calls("ship two", ship(2)).await;
    assert_eq!(desk.order(&order_id()).await.text("/fulfillment_status"), "FULFILLED");
    assert_eq!(desk.stock().await, (4, 0));
    for (what, shipment_id) in [("first arrives", shipment_id), ("second arrives", second.id())] {
        let delivered = pb::MarkShipmentDeliveredRequest { shipment_id, ..Default::default() };
        desk.warehouse.calls(what, delivered).await;
    }
}

/// It is paid; three lamps come back, two of which can be sold again; they are refunded; and the order is complete.
async fn evening(desk: &Desk, order_id: &str) {
    let order_id = || order_id.to_owned();
    let payment = pb::CreatePaymentRequest {
        order_id: order_id(),
        amount: Some(money("GBP", 38_400)),
        provider: "bank".to_owned(),
        provider_reference: order_id(),
        ..Default::default()
    };
    desk.books.calls("payment", payment).await;
    let paid = desk.order(&order_id()).await;
    assert_eq!((paid.text("/payment_status"), paid.text("/amount_due/minor_units")), ("PAID".into(), "0".into()));

    let item_id = paid.text("/items/0/id");
    let item = |quantity| vec![pb::create_return_request::Item { item_id: item_id.clone(), quantity }];
    let wish = |quantity| pb::CreateReturnRequest { order_id: order_id(), items: item(quantity), ..Default::default() };
    assert_eq!(desk.buyer.is_refused("return too many", wish(9)).await, "over_return");
    let return_id = desk.buyer.calls("return three", wish(3)).await.id();
    let authorize = || pb::AuthorizeReturnRequest { return_id: return_id.clone(), ..Default::default() };
    assert_eq!(desk.buyer.is_refused("authorize", authorize()).await, "permission_denied");
    desk.warehouse.calls("authorize", authorize()).await;
    desk.warehouse
        .calls("receive", pb::ReceiveReturnRequest { return_id: return_id.clone(), ..Default::default() })
        .await;
    assert_eq!(desk.stock().await, (4, 0), "what comes back is not sold again by itself");
    let decide = |quantity, disposition: pb::r#return::Disposition| pb::inspect_return_request::Item {
        item_id: item_id.clone(),
        quantity,
        disposition: disposition.into(),
    };
    let items = vec![decide(2, pb::r#return::Disposition::Restock), decide(1, pb::r#return::Disposition::Scrap)];
    let inspect = pb::InspectReturnRequest { return_id: return_id.clone(), items, ..Default::default() };
    desk.warehouse.calls("inspect", inspect).await;
    assert_eq!(desk.stock().await, (6, 0));
    desk.warehouse.calls("close", pb::CloseReturnRequest { return_id, ..Default::default() }).await;

    let items = vec![pb::create_refund_request::Item { item_id: item_id.clone(), quantity: 3 }];
    let refund = pb::CreateRefundRequest { order_id: order_id(), items, ..Default::default() };
    let refund = desk.books.calls("refund three", refund).await;
    assert_eq!((refund.text("/amount/minor_units"), refund.text("/status")), ("14400".into(), "PENDING".into()));
    let succeeded = pb::MarkRefundSucceededRequest { refund_id: refund.id(), ..Default::default() };
    desk.books.calls("refunded", succeeded).await;
    let complete = pb::CompleteOrderRequest { order_id: order_id(), ..Default::default() };
    desk.seller.calls("complete", complete).await;
}

/// What the order says in the end, and that nothing is left over anywhere.
async fn books_balance(world: &World, desk: &Desk, order_id: &str) {
    let order = desk.order(order_id).await;
    let states = ["status", "payment_status", "fulfillment_status"].map(|name| order.json[name].clone());
    assert_eq!(states, [json!("COMPLETED"), json!("PARTIALLY_REFUNDED"), json!("PARTIALLY_RETURNED")]);
    let units = ["quantity", "quantity_canceled", "quantity_shipped", "quantity_returned"];
    assert_eq!(units.map(|name| order.json["items"][0][name].as_i64()), [Some(10), Some(2), Some(8), Some(3)]);
    let amounts = ["total", "canceled_total", "paid_total", "refunded_total", "amount_due"];
    let amounts = amounts.map(|name| order.text(&format!("/{name}/minor_units")));
    assert_eq!(amounts, ["48000", "9600", "38400", "14400", "0"]);
    assert_eq!(order.json["allowed_actions"], json!(["update"]));
    let ledger = "SELECT CAST(SUM(on_hand_change) AS BIGINT) FROM stock_movements";
    let counters = "SELECT CAST(SUM(on_hand) AS BIGINT) FROM stock_levels";
    assert_eq!(world.database.count(ledger).await, world.database.count(counters).await);
    let told = crate::order_holds::types(world, order_id).await;
    assert_eq!(told.first().map(String::as_str), Some("order.placed"));
    assert_eq!(told.last().map(String::as_str), Some("order.completed"));
}
