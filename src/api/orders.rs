//! `OrderService`.

use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::domain::ids::OrderId;
use crate::domain::order::{NewOrder, OrderList};
use crate::present::orders as show;

pub(super) async fn create_order(call: &Call, new: NewOrder) -> Result<pb::Order, Error> {
    Ok(show::order(app::orders::create(call, new).await?))
}

pub(super) async fn get_order(call: &Read, id: OrderId) -> Result<pb::Order, Error> {
    Ok(show::order(app::orders::get(call, id).await?))
}

pub(super) async fn list_orders(call: &Read, list: OrderList) -> Result<pb::ListOrdersResponse, Error> {
    let page = app::orders::list(call, &list).await?;
    let orders = page.items.iter().map(show::basic_order).collect();
    Ok(pb::ListOrdersResponse { orders, next_page_token: page.next_token })
}
