//! Calls of `OrderService`.

use tradepost::contract::pb;

use super::super::client::Client;
use super::super::world::{TEAPOT, order};
use super::{Case, Hidden, Things};

/// An order with a hold.
pub(super) async fn held(owner: &Client, customer: &str) -> String {
    let id = owner.call(order(customer, &[(TEAPOT, 1)])).await.expect("an order").id();
    let hold = pb::HoldOrderRequest { order_id: id.clone(), ..Default::default() };
    owner.call(hold).await.expect("a hold");
    id
}

pub(super) fn case(name: &str, things: &Things) -> Case {
    let hidden = Hidden::NotFound("order_not_found");
    let (draft, placed) = (things.draft.clone(), things.placed.clone());
    match name {
        "CreateOrder" => Case::new(order(&things.customer, &[(TEAPOT, 1)]), Hidden::NotFound("customer_not_found")),
        "GetOrder" => Case::new(pb::GetOrderRequest { order_id: placed }, hidden),
        "ListOrders" => Case::new(pb::ListOrdersRequest::default(), Hidden::Empty("orders")),
        "BatchGetOrders" => {
            Case::new(pb::BatchGetOrdersRequest { order_ids: vec![placed], ..Default::default() }, hidden)
        }
        "UpdateOrder" => {
            let note = pb::OrderPatch { note: Some(things.new_name.clone()), ..Default::default() };
            Case::new(pb::UpdateOrderRequest { order_id: placed, order: Some(note), ..Default::default() }, hidden)
        }
        "ReplaceOrder" => {
            let content = order(&things.customer, &[(TEAPOT, 2)]);
            let request = pb::ReplaceOrderRequest {
                order_id: draft,
                customer_id: content.customer_id,
                currency_code: content.currency_code,
                items: content.items,
                ..Default::default()
            };
            Case::new(request, hidden)
        }
        "DeleteOrder" => Case::new(pb::DeleteOrderRequest { order_id: draft, ..Default::default() }, hidden),
        "PlaceOrder" => Case::new(pb::PlaceOrderRequest { order_id: draft, ..Default::default() }, hidden),
        "ConfirmOrder" => Case::new(pb::ConfirmOrderRequest { order_id: placed, ..Default::default() }, hidden),
        "CancelOrder" => Case::new(pb::CancelOrderRequest { order_id: placed, ..Default::default() }, hidden),
        "HoldOrder" => Case::new(pb::HoldOrderRequest { order_id: placed, ..Default::default() }, hidden),
        "ReleaseOrderHold" => {
            Case::new(pb::ReleaseOrderHoldRequest { order_id: things.held.clone(), ..Default::default() }, hidden)
        }
        "CompleteOrder" => {
            Case::new(pb::CompleteOrderRequest { order_id: things.shipped.clone(), ..Default::default() }, hidden)
        }
        "BatchCreateOrders" => {
            let orders = vec![order(&things.customer, &[(TEAPOT, 1)])];
            let request = pb::BatchCreateOrdersRequest { orders, ..Default::default() };
            Case::new(request, Hidden::NotFound("customer_not_found"))
        }
        "ExportOrders" => Case::new(pb::ExportOrdersRequest::default(), Hidden::Empty("messages")),
        "WatchOrders" => {
            let request = pb::WatchOrdersRequest { after_sequence: Some(0), order_id: placed, ..Default::default() };
            Case::new(request, Hidden::Empty("messages"))
        }
        "ListOrderEvents" => Case::new(pb::ListOrderEventsRequest { order_id: placed, ..Default::default() }, hidden),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
