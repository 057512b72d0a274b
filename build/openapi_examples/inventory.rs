//! The examples of the inventory: two of 120 teapots are kept for a cart, and one that broke is written off.

use transcode_build::object;
use transcode_build::openapi::Object;

use super::{PRODUCT, TIME};

pub(super) const LOCATION: &str = "loc_01h455vb4pex5vsknk084sn02q";
pub(super) const RESERVATION: &str = "rsv_01h455vb4pex5vsknk084sn02q";
const OTHER_LOCATION: &str = "loc_01h455vb4pex5vsknk084sn02r";
const MOVEMENT: &str = "mov_01h455vb4pex5vsknk084sn02q";

/// The example of a message.
pub(super) fn message(name: &str) -> Option<Object> {
    Some(match name {
        "CreateLocationRequest" => object! { "code": "north", "name": "Northern warehouse" },
        "Location" => location(),
        "LocationPatch" => object! { "name": "Northern warehouse" },
        "ListLocationsResponse" => object! { "locations": vec![location()], "next_page_token": "" },
        "StockLevel" => level(LOCATION, "120", "2", "118"),
        "ListStockLevelsResponse" => {
            object! { "stock_levels": vec![level(LOCATION, "120", "2", "118")], "next_page_token": "" }
        }
        "AdjustStockRequest" => object! { "sku": "TEAPOT", "delta": "-1", "reason": "broken" },
        "TransferStockRequest" => {
            object! { "sku": "TEAPOT", "to_location_id": OTHER_LOCATION, "quantity": "20", "reason": "running low" }
        }
        "TransferStockResponse" => object! {
            "from": level(LOCATION, "100", "2", "98"),
            "to": level(OTHER_LOCATION, "20", "0", "20"),
        },
        "CreateReservationRequest" => object! {
            "lines": vec![object! { "sku": "TEAPOT", "quantity": 2 }],
            "ttl": "900s",
            "reference": "cart-17",
        },
        "Reservation" => reservation(true),
        "ListReservationsResponse" => object! { "reservations": vec![reservation(false)], "next_page_token": "" },
        "CommitReservationRequest" => object! { "reason": "taken over the counter" },
        "ReleaseReservationRequest" => object! { "reason": "the cart was emptied" },
        "ExtendReservationRequest" => object! { "ttl": "1800s" },
        "StockMovement" => movement(),
        "ListStockMovementsResponse" => object! { "stock_movements": vec![movement()], "next_page_token": "" },
        _ => return None,
    })
}

fn location() -> Object {
    object! {
        "id": LOCATION,
        "code": "default",
        "name": "Default",
        "metadata": Object::new(),
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}

fn level(location: &str, on_hand: &str, reserved: &str, available: &str) -> Object {
    object! {
        "sku": "TEAPOT",
        "product_id": PRODUCT,
        "location_id": location,
        "in_stock": true,
        "on_hand": on_hand,
        "reserved": reserved,
        "available": available,
    }
}

/// Lists show less.
fn reservation(full: bool) -> Object {
    let line = || object! { "sku": "TEAPOT", "product_id": PRODUCT, "location_id": LOCATION, "quantity": 2 };
    object! {
        "id": RESERVATION,
        "status": "HELD",
        "lines": if full { vec![line()] } else { Vec::new() },
        "order_id": "",
        "reference": "cart-17",
        "metadata": Object::new(),
        "etag": "v1",
        "expire_time": "2026-03-01T09:45:00.123456Z",
        "create_time": TIME,
        "update_time": TIME,
    }
}

fn movement() -> Object {
    object! {
        "id": MOVEMENT,
        "product_id": PRODUCT,
        "sku": "TEAPOT",
        "location_id": LOCATION,
        "type": "ADJUSTED",
        "on_hand_change": "-1",
        "reserved_change": "0",
        "reason": "broken",
        "order_id": "",
        "reservation_id": "",
        "shipment_id": "",
        "return_id": "",
        "create_time": TIME,
    }
}
