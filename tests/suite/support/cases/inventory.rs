//! The inventory: its things, and a valid call of each of its methods.

use tradepost::contract::pb;

use super::{Case, Hidden};
use crate::support::client::{Client, Wire};
use crate::support::service::PLATFORM_KEY;
use crate::support::world::{World, product};

/// What the inventory of a tenant has, of each kind one. Writes use some of them up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stocked {
    /// A product whose stock is counted: 100 units at the default location.
    pub(crate) sku: String,
    pub(crate) product: String,
    pub(crate) location: String,
    /// It keeps 5 units.
    pub(crate) reservation: String,
    pub(crate) movement: String,
}

impl Stocked {
    pub(super) async fn new(world: &World, name: &str) -> Self {
        let owner = Client::new(world.service.address, Wire::Grpc, PLATFORM_KEY);
        let sku = format!("S-{name}");
        let counted = pb::CreateProductRequest { track_inventory: true, ..product(&sku, &[("GBP", 1)], 0) };
        let product = owner.call(counted).await.expect("a product").id();
        let location = owner.call(location(&sku)).await.expect("a location").id();
        let adjusted = owner.keyed(&sku, adjust(&sku, 100)).await.expect("stock");
        assert_eq!(adjusted.text("/available"), "100");
        let reservation = owner.keyed(&sku, reserve(&[(&sku, 5)])).await.expect("a reservation").id();
        let of_product = pb::ListStockMovementsRequest { sku: sku.clone(), ..Default::default() };
        let movement = owner.call(of_product).await.expect("movements").text("/stock_movements/0/id");
        Self { sku, product, location, reservation, movement }
    }

    pub(super) fn ids(&self) -> [&str; 4] {
        [&self.product, &self.location, &self.reservation, &self.movement]
    }

    pub(super) fn absent(&self) -> Self {
        use crate::access::sibling;
        Self {
            sku: format!("{} that never was", self.sku),
            product: sibling(&self.product),
            location: sibling(&self.location),
            reservation: sibling(&self.reservation),
            movement: sibling(&self.movement),
        }
    }
}

/// What creates a location.
pub(crate) fn location(code: &str) -> pb::CreateLocationRequest {
    pb::CreateLocationRequest { code: code.to_owned(), name: format!("The {code}"), ..Default::default() }
}

/// What changes the count of a product at the default location.
pub(crate) fn adjust(sku: &str, delta: i64) -> pb::AdjustStockRequest {
    pb::AdjustStockRequest { sku: sku.to_owned(), delta: Some(delta), ..Default::default() }
}

/// What keeps units that are at the default location.
pub(crate) fn reserve(lines: &[(&str, i32)]) -> pb::CreateReservationRequest {
    let line = |(sku, quantity): &(&str, i32)| pb::create_reservation_request::Line {
        sku: (*sku).to_owned(),
        quantity: *quantity,
        ..Default::default()
    };
    pb::CreateReservationRequest { lines: lines.iter().map(line).collect(), ..Default::default() }
}

pub(super) fn case(name: &str, things: &Stocked, new_name: &str) -> Case {
    let (of_product, of_reservation) =
        (Hidden::NotFound("product_not_found"), Hidden::NotFound("reservation_not_found"));
    let (sku, location_id) = (things.sku.as_str(), things.location.clone());
    let reservation_id = things.reservation.clone();
    match name {
        "CreateLocation" => Case::new(location(new_name), Hidden::Nothing),
        "GetLocation" => Case::new(pb::GetLocationRequest { location_id }, Hidden::NotFound("location_not_found")),
        "ListLocations" => Case::new(pb::ListLocationsRequest::default(), Hidden::Empty("locations")),
        "UpdateLocation" => {
            let location = Some(pb::LocationPatch { name: Some(new_name.to_owned()), ..Default::default() });
            let request = pb::UpdateLocationRequest { location_id, location, ..Default::default() };
            Case::new(request, Hidden::NotFound("location_not_found"))
        }
        "ListStockLevels" => {
            Case::new(pb::ListStockLevelsRequest::default(), Hidden::Empty("stock_levels")).open_to_customers()
        }
        "AdjustStock" => Case::new(adjust(sku, 1), of_product),
        "TransferStock" => {
            let (sku, to_location_id) = (sku.to_owned(), location_id);
            Case::new(pb::TransferStockRequest { sku, to_location_id, quantity: 1, ..Default::default() }, of_product)
        }
        "CreateReservation" => Case::new(reserve(&[(sku, 1)]), of_product),
        "GetReservation" => Case::new(pb::GetReservationRequest { reservation_id }, of_reservation),
        "ListReservations" => Case::new(pb::ListReservationsRequest::default(), Hidden::Empty("reservations")),
        "CommitReservation" => {
            Case::new(pb::CommitReservationRequest { reservation_id, ..Default::default() }, of_reservation)
        }
        "ReleaseReservation" => {
            Case::new(pb::ReleaseReservationRequest { reservation_id, ..Default::default() }, of_reservation)
        }
        "ExtendReservation" => {
            let ttl = Some(prost_types::Duration { seconds: 600, nanos: 0 });
            Case::new(pb::ExtendReservationRequest { reservation_id, ttl, ..Default::default() }, of_reservation)
        }
        "ListStockMovements" => Case::new(pb::ListStockMovementsRequest::default(), Hidden::Empty("stock_movements")),
        other => panic!("the walks do not know {other}: give it its case"),
    }
}
