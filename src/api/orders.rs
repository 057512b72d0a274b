//! `OrderService`.

use std::sync::Arc;

use futures_util::StreamExt as _;

use super::events::watch_events;
use super::streams::Streamed;
use super::{Failure, pages};
use crate::app::orders::{self, Exported, ListedOrder, NotCreated, allowed_actions};
use crate::app::{Call, Caller, Error, Read};
use crate::contract::pb;
use crate::domain::event::{EventWatch, OrderEventList};
use crate::domain::ids::OrderId;
use crate::domain::order::{
    Cancellation, HoldRelease, NewOrder, Order, OrderBatch, OrderExport, OrderList, OrderMove, OrderReplacement,
    OrderSelection, OrderUpdate, Placement,
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

pub(super) async fn cancel_order(call: &Call, cancellation: Cancellation) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::cancel(call, cancellation).await?))
}

pub(super) async fn hold_order(call: &Call, step: OrderMove) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::hold(call, step).await?))
}

pub(super) async fn release_order_hold(call: &Call, release: HoldRelease) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::release_hold(call, release).await?))
}

pub(super) async fn complete_order(call: &Call, step: OrderMove) -> Result<pb::Order, Error> {
    Ok(full(&call.caller, orders::complete(call, step).await?))
}

pub(super) async fn batch_create_orders(
    call: &Call,
    batch: OrderBatch,
) -> Result<pb::BatchCreateOrdersResponse, Error> {
    let batch = orders::batch_create(call, batch).await?;
    let orders = batch.orders.iter().map(|order| present::basic_order(&order.head)).collect();
    let failures = batch.failures.into_iter().map(not_created).collect();
    Ok(pb::BatchCreateOrdersResponse { orders, failures })
}

fn not_created(not: NotCreated) -> pb::batch_create_orders_response::Failure {
    use pb::batch_create_orders_response::{Failure as Told, failure::Detail};
    let failure = Failure::from(not.error);
    let details = failure.details().iter().map(|violation| Detail {
        field: violation.field.clone(),
        code: violation.code.to_string(),
        message: violation.message.clone(),
    });
    let metadata = failure.metadata().iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
    Told {
        index: i32::try_from(not.index).unwrap_or(i32::MAX),
        code: failure.policy().code.to_owned(),
        message: failure.text().to_owned(),
        details: details.collect(),
        metadata: metadata.collect(),
    }
}

fn full(caller: &Caller, order: Order) -> pb::Order {
    let actions = allowed_actions(caller, &order);
    present::order(order, &actions)
}

fn listed(caller: &Caller, order: &ListedOrder) -> pb::Order {
    match order {
        ListedOrder::Basic(head) => present::basic_order(head),
        ListedOrder::Full(order) => full(caller, Order::clone(order)),
    }
}

pub(super) async fn export_orders(
    call: Read,
    export: OrderExport,
) -> Result<Streamed<pb::ExportOrdersResponse>, Error> {
    let caller = Arc::clone(&call.caller);
    let orders = orders::export(call, export).await?;
    Ok(Streamed::new(orders.map(move |exported| {
        let Exported { order, resume_token } = exported?;
        Ok(pb::ExportOrdersResponse { order: Some(listed(&caller, &order)), resume_token })
    })))
}

pub(super) async fn watch_orders(call: Read, watch: EventWatch) -> Result<Streamed<pb::Event>, Error> {
    watch_events(call, watch).await
}

pub(super) async fn list_order_events(call: &Read, list: OrderEventList) -> Result<pb::ListOrderEventsResponse, Error> {
    let page = orders::list_events(call, &list).await?;
    let (events, next_page_token) = pages::fit(&page, events::event);
    Ok(pb::ListOrderEventsResponse { events, next_page_token })
}
