//! `OrderService`.

use super::call::page;
use crate::app::orders::{Filter, Sort};
use crate::app::{self, Call, Error, Read};
use crate::contract::pb;
use crate::present::{self, orders as show};

pub(super) async fn create_order(call: &Call, message: pb::CreateOrderRequest) -> Result<pb::Order, Error> {
    let order = app::orders::create(call, show::new_order(message)?).await?;
    Ok(show::order(order))
}

pub(super) async fn get_order(call: &Read, message: pb::GetOrderRequest) -> Result<pb::Order, Error> {
    let id = present::parse_id("order_id", &message.order_id)?;
    Ok(show::order(app::orders::get(call, id).await?))
}

pub(super) async fn list_orders(
    call: &Read,
    mut message: pb::ListOrdersRequest,
) -> Result<pb::ListOrdersResponse, Error> {
    let (size, token) = (std::mem::take(&mut message.page_size), std::mem::take(&mut message.page_token));
    let page = page("ListOrders", &message, size, token);
    let customer = match message.customer_id.as_str() {
        "" => None,
        id => Some(present::parse_id("customer_id", id)?),
    };
    let sort = if message.order_by == "create_time" { Sort::OldestFirst } else { Sort::NewestFirst };
    let filter = Filter { statuses: show::statuses(&message), customer };
    let found = app::orders::list(call, &filter, sort, &page).await?;
    let orders = found.items.iter().map(show::basic_order).collect();
    Ok(pb::ListOrdersResponse { orders, next_page_token: found.next_token })
}
