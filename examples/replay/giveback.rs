//! Takes back what credit notes give back: the goods by a return, put into stock again, and the money by a refund.
//!
//! What is left to do is read from the return and the refund, so that this goes on wherever it was interrupted.

use std::collections::{BTreeMap, HashMap};

use tradepost::commands::retail::{Books, Giveback};
use tradepost::contract::pb;
use tradepost::contract::pb::fulfillment_service_client::FulfillmentServiceClient;
use tradepost::contract::pb::payment_service_client::PaymentServiceClient;
use tradepost::contract::pb::r#return::{Disposition, Status};

use crate::Fault;
use crate::books::{same_refund, same_return};
use crate::client::{Refusal, Service};
use crate::listing;
use crate::progress::{each, grouped};
use crate::send::{REASON, expect, key};

/// What the service lists, by reference.
#[derive(Default)]
struct Known {
    returns: HashMap<String, pb::Return>,
    refunds: HashMap<String, pb::Refund>,
}

/// Takes everything back, one return after the other of each order. The ids of orders go by their references.
pub(crate) async fn everything(
    service: &Service,
    books: &Books,
    ids: &HashMap<String, String>,
    concurrency: usize,
) -> Result<(), Fault> {
    let mut known = Known::default();
    listing::returns(service, |found| drop(known.returns.insert(found.reference.clone(), found))).await?;
    listing::refunds(service, |found| drop(known.refunds.insert(found.reference.clone(), found))).await?;
    let mut open: BTreeMap<&str, Vec<&Giveback>> = BTreeMap::new();
    for giveback in books.returns.iter().filter(|giveback| !known.done(&giveback.reference)) {
        open.entry(&giveback.order).or_default().push(giveback);
    }
    let left: usize = open.values().map(Vec::len).sum();
    println!("  {:>7} returns are refunded already", grouped(books.returns.len() - left));
    let known = &known;
    each("orders with returns and refunds", open, concurrency, async |(reference, givebacks)| {
        let id = ids.get(reference).ok_or_else(|| format!("order {reference:?} is not there"))?;
        let order = listing::order(service, id.clone()).await.map_err(|refusal| format!("order {id}: {refusal}"))?;
        for giveback in givebacks {
            take_back(service, &order, giveback, known.returns.get(&giveback.reference)).await?;
            refund(service, &order, giveback, known.refunds.get(&giveback.reference)).await?;
        }
        Ok(())
    })
    .await
}

impl Known {
    fn done(&self, reference: &str) -> bool {
        self.returns.get(reference).is_some_and(|found| found.status() == Status::Closed)
            && self.refunds.get(reference).is_some_and(|found| found.status() == pb::refund::Status::Succeeded)
    }
}

async fn take_back(
    service: &Service,
    order: &pb::Order,
    giveback: &Giveback,
    known: Option<&pb::Return>,
) -> Result<(), Fault> {
    let told = |refusal: Refusal| format!("return {:?}: {refusal}", giveback.reference);
    let mut found = match known {
        Some(known) => known.clone(),
        None => create_return(service, order, giveback).await.map_err(told)?,
    };
    expect("return", &giveback.reference, same_return(giveback, order, &found))?;
    loop {
        found = match found.status() {
            Status::Requested => authorize(service, &found).await,
            Status::Authorized => receive(service, &found).await,
            Status::Received => inspect(service, &found).await,
            Status::Inspected => close(service, &found).await,
            Status::Closed => return Ok(()),
            Status::Rejected | Status::Unspecified => {
                return Err(format!("return {:?} is {:?}", giveback.reference, found.status()).into());
            }
        }
        .map_err(told)?;
    }
}

async fn create_return(service: &Service, order: &pb::Order, giveback: &Giveback) -> Result<pb::Return, Refusal> {
    let item = |&(line, quantity): &(usize, i32)| {
        let item_id = order.items.get(line).map(|item| item.id.clone()).unwrap_or_default();
        pb::create_return_request::Item { item_id, quantity }
    };
    let request = pb::CreateReturnRequest {
        order_id: order.id.clone(),
        items: giveback.pieces.iter().map(item).collect(),
        reason: REASON.to_owned(),
        reference: giveback.reference.clone(),
        ..Default::default()
    };
    let create = service.call(Some(key("return", &giveback.reference)), request, async |channel, request| {
        FulfillmentServiceClient::new(channel).create_return(request).await
    });
    match create.await {
        Err(Refusal::Exists(id)) => listing::returned(service, id).await,
        other => other,
    }
}

async fn authorize(service: &Service, found: &pb::Return) -> Result<pb::Return, Refusal> {
    let request =
        pb::AuthorizeReturnRequest { return_id: found.id.clone(), reason: REASON.to_owned(), ..Default::default() };
    let authorize = service.call(Some(key("authorize", &found.reference)), request, async |channel, request| {
        FulfillmentServiceClient::new(channel).authorize_return(request).await
    });
    authorize.await
}

async fn receive(service: &Service, found: &pb::Return) -> Result<pb::Return, Refusal> {
    // No lines are all of them.
    let request =
        pb::ReceiveReturnRequest { return_id: found.id.clone(), reason: REASON.to_owned(), ..Default::default() };
    let receive = service.call(Some(key("receive", &found.reference)), request, async |channel, request| {
        FulfillmentServiceClient::new(channel).receive_return(request).await
    });
    receive.await
}

async fn inspect(service: &Service, found: &pb::Return) -> Result<pb::Return, Refusal> {
    let item = |item: &pb::r#return::Item| pb::inspect_return_request::Item {
        item_id: item.item_id.clone(),
        quantity: item.quantity_received,
        disposition: Disposition::Restock.into(),
    };
    let request = pb::InspectReturnRequest {
        return_id: found.id.clone(),
        items: found.items.iter().map(item).collect(),
        reason: REASON.to_owned(),
        ..Default::default()
    };
    let inspect = service.call(Some(key("inspect", &found.reference)), request, async |channel, request| {
        FulfillmentServiceClient::new(channel).inspect_return(request).await
    });
    inspect.await
}

async fn close(service: &Service, found: &pb::Return) -> Result<pb::Return, Refusal> {
    let request =
        pb::CloseReturnRequest { return_id: found.id.clone(), reason: REASON.to_owned(), ..Default::default() };
    let close = service.call(Some(key("close", &found.reference)), request, async |channel, request| {
        FulfillmentServiceClient::new(channel).close_return(request).await
    });
    close.await
}

async fn refund(
    service: &Service,
    order: &pb::Order,
    giveback: &Giveback,
    known: Option<&pb::Refund>,
) -> Result<(), Fault> {
    let told = |refusal: Refusal| format!("refund {:?}: {refusal}", giveback.reference);
    let found = match known {
        Some(known) => known.clone(),
        None => create_refund(service, order, giveback).await.map_err(told)?,
    };
    expect("refund", &giveback.reference, same_refund(giveback, order, &found))?;
    let found = match found.status() {
        pb::refund::Status::Pending => mark_succeeded(service, found).await.map_err(told)?,
        _ => found,
    };
    if found.status() != pb::refund::Status::Succeeded {
        return Err(format!("refund {:?} is {:?}", giveback.reference, found.status()).into());
    }
    Ok(())
}

async fn create_refund(service: &Service, order: &pb::Order, giveback: &Giveback) -> Result<pb::Refund, Refusal> {
    let item = |&(line, quantity): &(usize, i32)| {
        let item_id = order.items.get(line).map(|item| item.id.clone()).unwrap_or_default();
        pb::create_refund_request::Item { item_id, quantity }
    };
    let request = pb::CreateRefundRequest {
        order_id: order.id.clone(),
        items: giveback.pieces.iter().map(item).collect(),
        reason: REASON.to_owned(),
        reference: giveback.reference.clone(),
        ..Default::default()
    };
    let create = service.call(Some(key("refund", &giveback.reference)), request, async |channel, request| {
        PaymentServiceClient::new(channel).create_refund(request).await
    });
    match create.await {
        Err(Refusal::Exists(id)) => listing::refund(service, id).await,
        other => other,
    }
}

async fn mark_succeeded(service: &Service, found: pb::Refund) -> Result<pb::Refund, Refusal> {
    let request =
        pb::MarkRefundSucceededRequest { refund_id: found.id, reason: REASON.to_owned(), ..Default::default() };
    let mark = service.call(Some(key("succeeded", &found.reference)), request, async |channel, request| {
        PaymentServiceClient::new(channel).mark_refund_succeeded(request).await
    });
    mark.await
}
