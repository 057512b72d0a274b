//! The examples of quotes: the two teapots, as they were offered.

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

use super::{CUSTOMER, PRODUCT, TIME, gbp};

pub(super) const QUOTE: &str = "quo_01h455vb4pex5vsknk084sn02q";
const UNTIL: &str = "2026-04-01T00:00:00Z";

/// The example of a message.
pub(super) fn message(name: &str) -> Option<Object> {
    Some(match name {
        "CreateQuoteRequest" => object! {
            "customer_id": CUSTOMER,
            "currency_code": "GBP",
            "items": vec![object! { "sku": "TEAPOT", "quantity": 2 }],
            "valid_until": UNTIL,
            "reference": "offer-7",
        },
        "Quote" => quote(true),
        "ListQuotesResponse" => object! { "quotes": vec![quote(false)], "next_page_token": "" },
        "QuotePatch" => patch(),
        "UpdateQuoteRequest" => object! { "quote_id": QUOTE, "quote": patch(), "etag": "v1" },
        "SubmitQuoteRequest" => object! { "reason": "asked for on the phone" },
        "SendQuoteRequest" => object! { "reason": "sent by mail" },
        "AcceptQuoteRequest" => object! { "reason": "our order 4711" },
        "DeclineQuoteRequest" => object! { "reason": "too dear" },
        "ReviseQuoteRequest" => object! { "reason": "three teapots, not two" },
        "WithdrawQuoteRequest" => object! { "reason": "no longer made" },
        _ => return None,
    })
}

fn patch() -> Object {
    object! { "items": vec![object! { "sku": "TEAPOT", "quantity": 3 }], "valid_until": UNTIL }
}

fn item() -> Object {
    object! {
        "id": "itm_01h455vb4pex5vsknk084sn02q",
        "product_id": PRODUCT,
        "sku": "TEAPOT",
        "name": "Teapot",
        "quantity": 2,
        "unit_price": gbp("1250"),
        "discount": gbp("0"),
        "tax": gbp("500"),
        "total": gbp("3000"),
        "tax_rate_bps": 2000,
    }
}

/// Lists show less.
fn quote(full: bool) -> Object {
    let actions: Vec<Json> = ["accept", "decline", "revise", "withdraw"].map(Json::from).into();
    object! {
        "id": QUOTE,
        "customer_id": CUSTOMER,
        "currency_code": "GBP",
        "status": "SENT",
        "version": 1,
        "revises_quote_id": "",
        "order_id": "",
        "items": if full { vec![item()] } else { Vec::new() },
        "subtotal": gbp("2500"),
        "discount_total": gbp("0"),
        "tax_total": gbp("500"),
        "total": gbp("3000"),
        "tax_mode": "EXCLUSIVE",
        "rounding_mode": "HALF_UP",
        "valid_until": UNTIL,
        "note": "",
        "reference": "offer-7",
        "metadata": Object::new(),
        "allowed_actions": if full { actions } else { Vec::new() },
        "etag": "v3",
        "create_time": TIME,
        "update_time": TIME,
        "submit_time": TIME,
        "approve_time": TIME,
        "send_time": TIME,
    }
}
