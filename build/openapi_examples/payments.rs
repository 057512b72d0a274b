//! The examples of payments and refunds: the two teapots are paid, and one of them is given back.

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

use super::{CUSTOMER, ORDER, TIME, gbp};

pub(super) const PAYMENT: &str = "pay_01h455vb4pex5vsknk084sn02q";
pub(super) const REFUND: &str = "ref_01h455vb4pex5vsknk084sn02q";
const ITEM: &str = "itm_01h455vb4pex5vsknk084sn02q";

/// The example of a message.
pub(super) fn message(name: &str) -> Option<Object> {
    Some(match name {
        "CreatePaymentRequest" => object! {
            "order_id": ORDER,
            "amount": gbp("3000"),
            "provider": "stripe",
            "provider_reference": "ch_3MmlLrLkdIwHu7ix0snN0B15",
        },
        "Payment" => payment(),
        "ListPaymentsResponse" => object! { "payments": vec![payment()], "next_page_token": "" },
        "VoidPaymentRequest" => object! { "reason": "recorded for the wrong order" },
        "CreateRefundRequest" => object! {
            "order_id": ORDER,
            "items": vec![object! { "item_id": ITEM, "quantity": 1 }],
            "reason": "arrived broken",
        },
        "Refund" => refund(true),
        "ListRefundsResponse" => object! { "refunds": vec![refund(false)], "next_page_token": "" },
        "MarkRefundSucceededRequest" | "RetryRefundRequest" => object! { "etag": "v1" },
        "MarkRefundFailedRequest" => object! { "reason": "the card was closed" },
        "CancelRefundRequest" => object! { "reason": "the customer keeps it" },
        _ => return None,
    })
}

fn payment() -> Object {
    object! {
        "id": PAYMENT,
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "amount": gbp("3000"),
        "provider": "stripe",
        "provider_reference": "ch_3MmlLrLkdIwHu7ix0snN0B15",
        "status": "RECORDED",
        "reference": "",
        "metadata": Object::new(),
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}

/// Lists show less.
fn refund(full: bool) -> Object {
    let item = || object! { "item_id": ITEM, "quantity": 1, "amount": gbp("1500") };
    let actions: Vec<Json> = ["markSucceeded", "markFailed", "cancel"].map(Json::from).into();
    object! {
        "id": REFUND,
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "payment_id": "",
        "amount": gbp("1500"),
        "items": if full { vec![item()] } else { Vec::new() },
        "status": "PENDING",
        "reason": "arrived broken",
        "failure_reason": "",
        "reference": "",
        "metadata": Object::new(),
        "allowed_actions": if full { actions } else { Vec::new() },
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}
