//! `OrderService`.

use super::pages;
use crate::app::orders::{self, ListedOrder, allowed_actions};
use crate::app::{Call, Caller, Error, Read};
use crate::contract::pb;
use crate::domain::event::OrderEventList;
use crate::domain::ids::OrderId;
use crate::domain::order::{
    NewOrder, Order, OrderList, OrderMove, OrderReplacement, OrderSelection, OrderUpdate, Placement,
};
use crate::present::{events, orders as present};

pub(super) async fn create_order(call: &Call, new: NewOrder) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::create(call, new).await?))
}

pub(super) async fn get_order(call: &Read, id: OrderId) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::get(call, id).await?))
}

pub(super) async fn list_orders(call: &Read, list: OrderList) -> Result<pb::ListOrdersResponse, Error> {
    let page = orders::list(call, &list).await?;
    let (orders, next_page_token) = pages::fit(&page, |order| listed(&call.caller, order));
    Ok(pb::ListOrdersResponse { orders, next_page_token })
}

pub(super) async fn batch_get_orders(
    call: &Read,
    selection: OrderSelection,
) -> Result<pb::BatchGetOrdersResponse, Error> {
    let found = orders::batch_get(call, &selection).await?;
    let orders: Vec<_> = found.iter().map(|order| listed(&call.caller, order)).collect();
    Ok(pb::BatchGetOrdersResponse { orders: pages::whole(orders, "order_ids")? })
}

pub(super) async fn update_order(call: &Call, update: OrderUpdate) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::update(call, update).await?))
}

pub(super) async fn replace_order(call: &Call, replacement: OrderReplacement) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::replace(call, replacement).await?))
}

pub(super) async fn delete_order(call: &Call, id: OrderId) -> Result<(), Error> {
    orders::delete(call, id).await
}

pub(super) async fn place_order(call: &Call, placement: Placement) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::place(call, placement).await?))
}

pub(super) async fn confirm_order(call: &Call, step: OrderMove) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::confirm(call, step).await?))
}

pub(super) async fn cancel_order(call: &Call, step: OrderMove) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::cancel(call, step).await?))
}

fn full(caller: &Caller, order: Order) -> pb::Order {
    let actions = allowed_actions(caller, order.head.status);
    present::order(order, &actions)
}

fn listed(caller: &Caller, order: &ListedOrder) -> pb::Order {
    match order {
        ListedOrder::Basic(head) => present::basic_order(head),
        ListedOrder::Full(order) => full(caller, Order::clone(order)),
    }
}

pub(super) async fn list_order_events(call: &Read, list: OrderEventList) -> Result<pb::ListOrderEventsResponse, Error> {
    let page = orders::list_events(call, &list).await?;
    let (events, next_page_token) = pages::fit(&page, events::event);
    Ok(pb::ListOrderEventsResponse { events, next_page_token })
}
