//! What the service has, read back page by page.

use tradepost::contract::pb;
use tradepost::contract::pb::catalog_service_client::CatalogServiceClient;
use tradepost::contract::pb::customer_service_client::CustomerServiceClient;
use tradepost::contract::pb::fulfillment_service_client::FulfillmentServiceClient;
use tradepost::contract::pb::inventory_service_client::InventoryServiceClient;
use tradepost::contract::pb::order_service_client::OrderServiceClient;
use tradepost::contract::pb::payment_service_client::PaymentServiceClient;

use crate::Fault;
use crate::client::{Refusal, Service};
use crate::progress::counter;

/// What a page may have at most. It may have less and still not be the last: only an empty token is the end.
const PAGE: i32 = 100;

/// Oldest first, so that what is added meanwhile comes last.
const OLDEST_FIRST: &str = "create_time";

/// Shows everything of one kind to somebody: the token of a page leads to its rows and the next token.
async fn pages<T>(
    name: &'static str,
    page: impl AsyncFn(String) -> Result<(Vec<T>, String), Refusal>,
    mut see: impl FnMut(T),
) -> Result<(), Fault> {
    let bar = counter(name)?;
    let mut token = String::new();
    loop {
        let (rows, next) = page(token).await?;
        bar.inc(rows.len() as u64);
        rows.into_iter().for_each(&mut see);
        if next.is_empty() {
            return Ok(());
        }
        token = next;
    }
}

/// Shows every product to somebody.
pub(crate) async fn products(service: &Service, see: impl FnMut(pb::Product)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListProductsRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            CatalogServiceClient::new(channel).list_products(request).await
        });
        list.await.map(|page| (page.products, page.next_page_token))
    };
    pages("products read", page, see).await
}

/// Shows every customer to somebody.
pub(crate) async fn customers(service: &Service, see: impl FnMut(pb::Customer)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListCustomersRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            CustomerServiceClient::new(channel).list_customers(request).await
        });
        list.await.map(|page| (page.customers, page.next_page_token))
    };
    pages("customers read", page, see).await
}

/// Shows every order to somebody: with its lines when the view is full.
pub(crate) async fn orders(service: &Service, view: pb::View, see: impl FnMut(pb::Order)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListOrdersRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: view.into(),
            ..Default::default()
        };
        let list = service
            .call(None, request, async |channel, request| OrderServiceClient::new(channel).list_orders(request).await);
        list.await.map(|page| (page.orders, page.next_page_token))
    };
    pages("orders read", page, see).await
}

/// Shows every payment to somebody.
pub(crate) async fn payments(service: &Service, see: impl FnMut(pb::Payment)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListPaymentsRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            PaymentServiceClient::new(channel).list_payments(request).await
        });
        list.await.map(|page| (page.payments, page.next_page_token))
    };
    pages("payments read", page, see).await
}

/// Shows every shipment, with its lines, to somebody.
pub(crate) async fn shipments(service: &Service, see: impl FnMut(pb::Shipment)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListShipmentsRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            FulfillmentServiceClient::new(channel).list_shipments(request).await
        });
        list.await.map(|page| (page.shipments, page.next_page_token))
    };
    pages("shipments read", page, see).await
}

/// Shows every return, with its lines, to somebody.
pub(crate) async fn returns(service: &Service, see: impl FnMut(pb::Return)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListReturnsRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            FulfillmentServiceClient::new(channel).list_returns(request).await
        });
        list.await.map(|page| (page.returns, page.next_page_token))
    };
    pages("returns read", page, see).await
}

/// Shows every refund, with its lines, to somebody.
pub(crate) async fn refunds(service: &Service, see: impl FnMut(pb::Refund)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListRefundsRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            PaymentServiceClient::new(channel).list_refunds(request).await
        });
        list.await.map(|page| (page.refunds, page.next_page_token))
    };
    pages("refunds read", page, see).await
}

/// Shows every count of a product to somebody.
pub(crate) async fn stock(service: &Service, see: impl FnMut(pb::StockLevel)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListStockLevelsRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            InventoryServiceClient::new(channel).list_stock_levels(request).await
        });
        list.await.map(|page| (page.stock_levels, page.next_page_token))
    };
    pages("counts of stock read", page, see).await
}

/// Shows every line of the ledger to somebody.
pub(crate) async fn movements(service: &Service, see: impl FnMut(pb::StockMovement)) -> Result<(), Fault> {
    let page = async |page_token| {
        let request = pb::ListStockMovementsRequest {
            page_size: PAGE,
            page_token,
            order_by: OLDEST_FIRST.to_owned(),
            view: pb::View::Full.into(),
            ..Default::default()
        };
        let list = service.call(None, request, async |channel, request| {
            InventoryServiceClient::new(channel).list_stock_movements(request).await
        });
        list.await.map(|page| (page.stock_movements, page.next_page_token))
    };
    pages("movements of stock read", page, see).await
}

/// One product.
pub(crate) async fn product(service: &Service, product_id: String) -> Result<pb::Product, Refusal> {
    let request = pb::GetProductRequest { product_id };
    let get = service
        .call(None, request, async |channel, request| CatalogServiceClient::new(channel).get_product(request).await);
    get.await
}

/// One customer.
pub(crate) async fn customer(service: &Service, customer_id: String) -> Result<pb::Customer, Refusal> {
    let request = pb::GetCustomerRequest { customer_id };
    let get = service
        .call(None, request, async |channel, request| CustomerServiceClient::new(channel).get_customer(request).await);
    get.await
}

/// One order, with its lines.
pub(crate) async fn order(service: &Service, order_id: String) -> Result<pb::Order, Refusal> {
    let request = pb::GetOrderRequest { order_id };
    let get =
        service.call(None, request, async |channel, request| OrderServiceClient::new(channel).get_order(request).await);
    get.await
}

/// One payment.
pub(crate) async fn payment(service: &Service, payment_id: String) -> Result<pb::Payment, Refusal> {
    let request = pb::GetPaymentRequest { payment_id };
    let get = service
        .call(None, request, async |channel, request| PaymentServiceClient::new(channel).get_payment(request).await);
    get.await
}

/// One shipment, with its lines.
pub(crate) async fn shipment(service: &Service, shipment_id: String) -> Result<pb::Shipment, Refusal> {
    let request = pb::GetShipmentRequest { shipment_id };
    let get = service.call(None, request, async |channel, request| {
        FulfillmentServiceClient::new(channel).get_shipment(request).await
    });
    get.await
}

/// One return, with its lines.
pub(crate) async fn returned(service: &Service, return_id: String) -> Result<pb::Return, Refusal> {
    let request = pb::GetReturnRequest { return_id };
    let get = service
        .call(None, request, async |channel, request| FulfillmentServiceClient::new(channel).get_return(request).await);
    get.await
}

/// One refund, with its lines.
pub(crate) async fn refund(service: &Service, refund_id: String) -> Result<pb::Refund, Refusal> {
    let request = pb::GetRefundRequest { refund_id };
    let get = service
        .call(None, request, async |channel, request| PaymentServiceClient::new(channel).get_refund(request).await);
    get.await
}
