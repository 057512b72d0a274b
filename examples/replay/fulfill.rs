//! Takes every order from placed to completed: paid, confirmed, shipped as a whole.
//!
//! What is left to do is read from the order itself, so that this goes on wherever it was interrupted.

use std::collections::{HashMap, HashSet};

use tradepost::commands::retail::Books;
use tradepost::contract::pb;
use tradepost::contract::pb::fulfillment_service_client::FulfillmentServiceClient;
use tradepost::contract::pb::order::{FulfillmentStatus, PaymentStatus, Status};
use tradepost::contract::pb::order_service_client::OrderServiceClient;
use tradepost::contract::pb::payment_service_client::PaymentServiceClient;

use crate::Fault;
use crate::books::{PROVIDER, same_payment, same_shipment};
use crate::client::{Refusal, Service};
use crate::listing;
use crate::progress::{each, grouped};
use crate::send::{REASON, expect, key};

/// Completes the orders that are not. Answers the ids of all by their references.
pub(crate) async fn orders(
    service: &Service,
    books: &Books,
    concurrency: usize,
) -> Result<HashMap<String, String>, Fault> {
    let wanted: HashSet<&str> = books.orders.iter().map(|order| order.reference.as_str()).collect();
    let (mut ids, mut open) = (HashMap::new(), Vec::new());
    listing::orders(service, pb::View::Basic, |found| {
        if !wanted.contains(found.reference.as_str()) {
            return;
        }
        ids.insert(found.reference.clone(), found.id.clone());
        if found.status() != Status::Completed {
            open.push(found);
        }
    })
    .await?;
    println!("  {:>7} orders are completed already", grouped(ids.len() - open.len()));
    each("orders paid, confirmed, shipped and completed", open, concurrency, |head| one(service, head)).await?;
    Ok(ids)
}

async fn one(service: &Service, head: pb::Order) -> Result<(), Fault> {
    let reference = head.reference.clone();
    let told = |refusal: Refusal| format!("order {reference:?}: {refusal}");
    if head.payment_status() == PaymentStatus::Unpaid {
        pay(service, &head).await?;
    }
    let order = match head.status() {
        Status::Placed => confirm(service, &head).await,
        _ => listing::order(service, head.id).await,
    }
    .map_err(told)?;
    if order.fulfillment_status() == FulfillmentStatus::Unfulfilled {
        ship(service, &order).await?;
    }
    let completed = complete(service, &order).await.map_err(told)?;
    if completed.status() != Status::Completed {
        return Err(format!("order {reference:?} is {:?}, not completed", completed.status()).into());
    }
    Ok(())
}

async fn pay(service: &Service, order: &pb::Order) -> Result<(), Fault> {
    let request = pb::CreatePaymentRequest {
        order_id: order.id.clone(),
        amount: order.total.clone(),
        provider: PROVIDER.to_owned(),
        provider_reference: order.reference.clone(),
        reference: order.reference.clone(),
        ..Default::default()
    };
    let create = service.call(Some(key("payment", &order.reference)), request, async |channel, request| {
        PaymentServiceClient::new(channel).create_payment(request).await
    });
    let found = match create.await {
        Err(Refusal::Exists(id)) => listing::payment(service, id).await,
        other => other,
    };
    let found = found.map_err(|refusal| format!("payment {:?}: {refusal}", order.reference))?;
    expect("payment", &order.reference, same_payment(order, &found))
}

async fn confirm(service: &Service, order: &pb::Order) -> Result<pb::Order, Refusal> {
    let request =
        pb::ConfirmOrderRequest { order_id: order.id.clone(), reason: REASON.to_owned(), ..Default::default() };
    let confirm = service.call(Some(key("confirm", &order.reference)), request, async |channel, request| {
        OrderServiceClient::new(channel).confirm_order(request).await
    });
    confirm.await
}

async fn ship(service: &Service, order: &pb::Order) -> Result<(), Fault> {
    let item = |item: &pb::order::Item| pb::create_shipment_request::Item {
        item_id: item.id.clone(),
        quantity: item.quantity,
    };
    let request = pb::CreateShipmentRequest {
        order_id: order.id.clone(),
        items: order.items.iter().map(item).collect(),
        reference: order.reference.clone(),
        ..Default::default()
    };
    let create = service.call(Some(key("shipment", &order.reference)), request, async |channel, request| {
        FulfillmentServiceClient::new(channel).create_shipment(request).await
    });
    let found = match create.await {
        Err(Refusal::Exists(id)) => listing::shipment(service, id).await,
        other => other,
    };
    let found = found.map_err(|refusal| format!("shipment {:?}: {refusal}", order.reference))?;
    expect("shipment", &order.reference, same_shipment(order, &found))
}

async fn complete(service: &Service, order: &pb::Order) -> Result<pb::Order, Refusal> {
    let request =
        pb::CompleteOrderRequest { order_id: order.id.clone(), reason: REASON.to_owned(), ..Default::default() };
    let complete = service.call(Some(key("complete", &order.reference)), request, async |channel, request| {
        OrderServiceClient::new(channel).complete_order(request).await
    });
    complete.await
}
