//! `InventoryService`.

use std::time::Duration;

use super::pages;
use crate::app::{Call, Error, Read, inventory};
use crate::contract::pb;
use crate::contract::policy::Permission;
use crate::domain::ids::{LocationId, ReservationId};
use crate::domain::location::{LocationList, LocationPatch, NewLocation};
use crate::domain::reservation::{NewReservation, ReservationList};
use crate::domain::stock::{MovementList, StockAdjustment, StockLevel, StockList, StockTransfer};
use crate::present::inventory as show;
use crate::present::reservations::{reservation, reservation_in};

pub(super) async fn create_location(call: &Call, new: NewLocation) -> Result<pb::Location, Error> {
    Ok(show::location(&inventory::create_location(call, new).await?))
}

pub(super) async fn get_location(call: &Read, id: LocationId) -> Result<pb::Location, Error> {
    Ok(show::location(&inventory::get_location(call, id).await?))
}

pub(super) async fn list_locations(call: &Read, list: LocationList) -> Result<pb::ListLocationsResponse, Error> {
    let page = inventory::list_locations(call, &list).await?;
    let (locations, next_page_token) = pages::fit(&page, show::location_in(list.page.view));
    Ok(pb::ListLocationsResponse { locations, next_page_token })
}

pub(super) async fn update_location(call: &Call, update: (LocationId, LocationPatch)) -> Result<pb::Location, Error> {
    Ok(show::location(&inventory::update_location(call, update).await?))
}

pub(super) async fn list_stock_levels(call: &Read, list: StockList) -> Result<pb::ListStockLevelsResponse, Error> {
    let page = inventory::list_stock_levels(call, &list).await?;
    let show = show::stock_level_for(call.caller.may(Permission::InventoryRead));
    let (stock_levels, next_page_token) = pages::fit(&page, show);
    Ok(pb::ListStockLevelsResponse { stock_levels, next_page_token })
}

pub(super) async fn adjust_stock(call: &Call, new: StockAdjustment) -> Result<pb::StockLevel, Error> {
    Ok(shown(call, &inventory::adjust_stock(call, new).await?))
}

pub(super) async fn transfer_stock(call: &Call, new: StockTransfer) -> Result<pb::TransferStockResponse, Error> {
    let (from, to) = inventory::transfer_stock(call, new).await?;
    Ok(pb::TransferStockResponse { from: Some(shown(call, &from)), to: Some(shown(call, &to)) })
}

fn shown(call: &Call, level: &StockLevel) -> pb::StockLevel {
    show::stock_level_for(call.caller.may(Permission::InventoryRead))(level)
}

pub(super) async fn create_reservation(call: &Call, new: NewReservation) -> Result<pb::Reservation, Error> {
    Ok(reservation(&inventory::create_reservation(call, new).await?))
}

pub(super) async fn get_reservation(call: &Read, id: ReservationId) -> Result<pb::Reservation, Error> {
    Ok(reservation(&inventory::get_reservation(call, id).await?))
}

pub(super) async fn list_reservations(
    call: &Read,
    list: ReservationList,
) -> Result<pb::ListReservationsResponse, Error> {
    let page = inventory::list_reservations(call, &list).await?;
    let (reservations, next_page_token) = pages::fit(&page, reservation_in(list.page.view));
    Ok(pb::ListReservationsResponse { reservations, next_page_token })
}

pub(super) async fn commit_reservation(call: &Call, wanted: (ReservationId, String)) -> Result<pb::Reservation, Error> {
    Ok(reservation(&inventory::commit_reservation(call, wanted).await?))
}

pub(super) async fn release_reservation(
    call: &Call,
    wanted: (ReservationId, String),
) -> Result<pb::Reservation, Error> {
    Ok(reservation(&inventory::release_reservation(call, wanted).await?))
}

pub(super) async fn extend_reservation(
    call: &Call,
    wanted: (ReservationId, Duration, String),
) -> Result<pb::Reservation, Error> {
    Ok(reservation(&inventory::extend_reservation(call, wanted).await?))
}

pub(super) async fn list_stock_movements(
    call: &Read,
    list: MovementList,
) -> Result<pb::ListStockMovementsResponse, Error> {
    let page = inventory::list_stock_movements(call, &list).await?;
    let (stock_movements, next_page_token) = pages::fit(&page, show::stock_movement);
    Ok(pb::ListStockMovementsResponse { stock_movements, next_page_token })
}
