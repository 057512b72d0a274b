//! `FulfillmentService`.

use super::pages;
use crate::app::fulfillment::{self, allowed_actions};
use crate::app::{Call, Caller, Error, Read};
use crate::contract::pb;
use crate::domain::ids::{ReturnId, ShipmentId};
use crate::domain::page::View;
use crate::domain::returns::{Inspection, NewReturn, Receipt, Return, ReturnList, ReturnMove};
use crate::domain::shipment::{NewShipment, ShipmentList, ShipmentMove};
use crate::present::returns as show;
use crate::present::shipments::{shipment, shipment_in};

pub(super) async fn create_shipment(call: &Call, new: NewShipment) -> Result<pb::Shipment, Error> {
    Ok(shipment(&fulfillment::create_shipment(call, new).await?))
}

pub(super) async fn get_shipment(call: &Read, id: ShipmentId) -> Result<pb::Shipment, Error> {
    Ok(shipment(&fulfillment::get_shipment(call, id).await?))
}

pub(super) async fn list_shipments(call: &Read, list: ShipmentList) -> Result<pb::ListShipmentsResponse, Error> {
    let page = fulfillment::list_shipments(call, &list).await?;
    let (shipments, next_page_token) = pages::fit(&page, shipment_in(list.page.view));
    Ok(pb::ListShipmentsResponse { shipments, next_page_token })
}

pub(super) async fn mark_shipment_delivered(call: &Call, step: ShipmentMove) -> Result<pb::Shipment, Error> {
    Ok(shipment(&fulfillment::mark_shipment_delivered(call, step).await?))
}

pub(super) async fn cancel_shipment(call: &Call, step: ShipmentMove) -> Result<pb::Shipment, Error> {
    Ok(shipment(&fulfillment::cancel_shipment(call, step).await?))
}

pub(super) async fn create_return(call: &Call, new: NewReturn) -> Result<pb::Return, Error> {
    Ok(full(&call.caller, &fulfillment::create_return(call, new).await?))
}

pub(super) async fn get_return(call: &Read, id: ReturnId) -> Result<pb::Return, Error> {
    Ok(full(&call.caller, &fulfillment::get_return(call, id).await?))
}

pub(super) async fn list_returns(call: &Read, list: ReturnList) -> Result<pb::ListReturnsResponse, Error> {
    let page = fulfillment::list_returns(call, &list).await?;
    let shown = |found: &Return| match list.page.view {
        View::Basic => show::basic_return(&found.head),
        View::Full => full(&call.caller, found),
    };
    let (returns, next_page_token) = pages::fit(&page, shown);
    Ok(pb::ListReturnsResponse { returns, next_page_token })
}

pub(super) async fn authorize_return(call: &Call, step: ReturnMove) -> Result<pb::Return, Error> {
    Ok(full(&call.caller, &fulfillment::authorize_return(call, step).await?))
}

pub(super) async fn receive_return(call: &Call, receipt: Receipt) -> Result<pb::Return, Error> {
    Ok(full(&call.caller, &fulfillment::receive_return(call, receipt).await?))
}

pub(super) async fn inspect_return(call: &Call, inspection: Inspection) -> Result<pb::Return, Error> {
    Ok(full(&call.caller, &fulfillment::inspect_return(call, inspection).await?))
}

pub(super) async fn reject_return(call: &Call, step: ReturnMove) -> Result<pb::Return, Error> {
    Ok(full(&call.caller, &fulfillment::reject_return(call, step).await?))
}

pub(super) async fn close_return(call: &Call, step: ReturnMove) -> Result<pb::Return, Error> {
    Ok(full(&call.caller, &fulfillment::close_return(call, step).await?))
}

fn full(caller: &Caller, found: &Return) -> pb::Return {
    show::full_return(found, &allowed_actions(caller, found.head.status))
}
