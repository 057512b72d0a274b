//! `OrderService`.

use super::pages;
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::event::OrderEventList;
use crate::domain::ids::OrderId;
use crate::domain::order::{NewOrder, OrderList};
use crate::present::{events, orders as show};

pub(super) async fn create_order(call: &Call, new: NewOrder) -> Result<pb::Order, Error> {
    Ok(show::order(app::orders::create(call, new).await?))
}

pub(super) async fn get_order(call: &Read, id: OrderId) -> Result<pb::Order, Error> {
    Ok(show::order(app::orders::get(call, id).await?))
}

pub(super) async fn list_orders(call: &Read, list: OrderList) -> Result<pb::ListOrdersResponse, Error> {
    let page = app::orders::list(call, &list).await?;
    let (orders, next_page_token) = pages::fit(&page, show::basic_order);
    Ok(pb::ListOrdersResponse { orders, next_page_token })
}

pub(super) async fn batch_get_orders(
    _call: &Read,
    _request: super::stubs::Stub<pb::BatchGetOrdersRequest>,
) -> Result<pb::BatchGetOrdersResponse, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn update_order(
    _call: &Call,
    _request: super::stubs::Stub<pb::UpdateOrderRequest>,
) -> Result<pb::Order, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn replace_order(
    _call: &Call,
    _request: super::stubs::Stub<pb::ReplaceOrderRequest>,
) -> Result<pb::Order, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn delete_order(
    _call: &Call,
    _request: super::stubs::Stub<pb::DeleteOrderRequest>,
) -> Result<(), Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn place_order(
    _call: &Call,
    _request: super::stubs::Stub<pb::PlaceOrderRequest>,
) -> Result<pb::Order, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn confirm_order(
    _call: &Call,
    _request: super::stubs::Stub<pb::ConfirmOrderRequest>,
) -> Result<pb::Order, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn cancel_order(
    _call: &Call,
    _request: super::stubs::Stub<pb::CancelOrderRequest>,
) -> Result<pb::Order, Error> {
    Err(Error::Fault("not built yet".to_owned()))
}

pub(super) async fn list_order_events(call: &Read, list: OrderEventList) -> Result<pb::ListOrderEventsResponse, Error> {
    let page = app::orders::list_events(call, &list).await?;
    let (events, next_page_token) = pages::fit(&page, events::event);
    Ok(pb::ListOrderEventsResponse { events, next_page_token })
}
