//! The examples of shipments and returns: the two teapots are sent, and one of them comes back broken.

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

use super::{CUSTOMER, ORDER, TIME};

pub(super) const SHIPMENT: &str = "shp_01h455vb4pex5vsknk084sn02q";
pub(super) const RETURN: &str = "ret_01h455vb4pex5vsknk084sn02q";
const ITEM: &str = "itm_01h455vb4pex5vsknk084sn02q";
const LOCATION: &str = "loc_01h455vb4pex5vsknk084sn02q";

/// The example of a message.
pub(super) fn message(name: &str) -> Option<Object> {
    Some(match name {
        "CreateShipmentRequest" => object! {
            "order_id": ORDER,
            "items": vec![object! { "item_id": ITEM, "quantity": 2 }],
            "carrier": "Royal Mail",
            "tracking_number": "AB123456789GB",
        },
        "Shipment" => shipment(true),
        "ListShipmentsResponse" => object! { "shipments": vec![shipment(false)], "next_page_token": "" },
        "MarkShipmentDeliveredRequest" => object! { "etag": "v1" },
        "CancelShipmentRequest" => object! { "reason": "never left the dock" },
        "CreateReturnRequest" => object! {
            "order_id": ORDER,
            "items": vec![object! { "item_id": ITEM, "quantity": 1 }],
            "reason": "arrived broken",
        },
        "Return" => returned(true),
        "ListReturnsResponse" => object! { "returns": vec![returned(false)], "next_page_token": "" },
        "AuthorizeReturnRequest" => object! { "reason": "broken on the way" },
        "ReceiveReturnRequest" => object! { "items": vec![object! { "item_id": ITEM, "quantity": 1 }] },
        "InspectReturnRequest" => object! {
            "items": vec![object! { "item_id": ITEM, "quantity": 1, "disposition": "SCRAP" }],
        },
        "RejectReturnRequest" => object! { "reason": "it was used" },
        "CloseReturnRequest" => object! { "etag": "v4" },
        _ => return None,
    })
}

/// Lists show less.
fn shipment(full: bool) -> Object {
    let item = || object! { "item_id": ITEM, "sku": "TEAPOT", "quantity": 2 };
    object! {
        "id": SHIPMENT,
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "location_id": LOCATION,
        "items": if full { vec![item()] } else { Vec::new() },
        "carrier": "Royal Mail",
        "tracking_number": "AB123456789GB",
        "tracking_url": "",
        "status": "SHIPPED",
        "reference": "",
        "metadata": Object::new(),
        "cancel_reason": "",
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}

/// Lists show less.
fn returned(full: bool) -> Object {
    let item = || {
        object! {
            "item_id": ITEM,
            "sku": "TEAPOT",
            "quantity": 1,
            "quantity_received": 0,
            "quantity_restocked": 0,
            "quantity_scrapped": 0,
            "quantity_sent_back": 0,
        }
    };
    let actions: Vec<Json> = ["authorize", "reject"].map(Json::from).into();
    object! {
        "id": RETURN,
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "status": "REQUESTED",
        "items": if full { vec![item()] } else { Vec::new() },
        "reason": "arrived broken",
        "reject_reason": "",
        "reference": "",
        "metadata": Object::new(),
        "allowed_actions": if full { actions } else { Vec::new() },
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}
