//! What the service has, read back page by page.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tradepost::contract::pb;
use tradepost::contract::pb::order_service_client::OrderServiceClient;

use crate::Fault;
use crate::client::{Refusal, Service};
use crate::progress::counter;

/// What a page may have at most.
const PAGE: i32 = 100;

/// Shows every order to somebody, without its lines, oldest first.
pub(crate) async fn order_heads(service: &Service, mut see: impl FnMut(pb::Order)) -> Result<(), Fault> {
    let bar = counter("orders listed")?;
    let mut request =
        pb::ListOrdersRequest { page_size: PAGE, order_by: "create_time".to_owned(), ..Default::default() };
    loop {
        let page = order_page(service, &request).await?;
        bar.inc(page.orders.len() as u64);
        page.orders.into_iter().for_each(&mut see);
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

/// Shows every order to somebody, with its lines.
pub(crate) async fn orders(service: &Service, concurrency: usize, mut see: impl FnMut(pb::Order)) -> Result<(), Fault> {
    let mut ids = Vec::new();
    order_heads(service, |order| ids.push(order.id)).await?;
    let bar = counter("orders read")?;
    let mut orders = stream::iter(ids).map(|id| order(service, id)).buffered(concurrency);
    while let Some(order) = orders.try_next().await? {
        bar.inc(1);
        see(order);
    }
    Ok(())
}

/// One order, with its lines.
pub(crate) async fn order(service: &Service, order_id: String) -> Result<pb::Order, Refusal> {
    let request = pb::GetOrderRequest { order_id };
    service
        .call(None, request, async |channel, request| OrderServiceClient::new(channel).get_order(request).await)
        .await
}

async fn order_page(service: &Service, request: &pb::ListOrdersRequest) -> Result<pb::ListOrdersResponse, Refusal> {
    service
        .call(None, request.clone(), async |channel, request| {
            OrderServiceClient::new(channel).list_orders(request).await
        })
        .await
}
