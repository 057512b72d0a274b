//! The examples of the OpenAPI document: one small story, an order of two teapots.

#[path = "openapi_examples/fulfillment.rs"]
mod fulfillment;
#[path = "openapi_examples/inventory.rs"]
mod inventory;
#[path = "openapi_examples/payments.rs"]
mod payments;
#[path = "openapi_examples/quotes.rs"]
mod quotes;
#[path = "openapi_examples/reports.rs"]
mod reports;
#[path = "openapi_examples/webhooks.rs"]
mod webhooks;

use transcode_build::object;
use transcode_build::openapi::{Json, Object};

const CUSTOMER: &str = "cus_01h455vb4pex5vsknk084sn02q";
const PRODUCT: &str = "prd_01h455vb4pex5vsknk084sn02q";
const ORDER: &str = "ord_01h455vb4pex5vsknk084sn02q";
const TENANT: &str = "ten_01h455vb4pex5vsknk084sn02q";
const KEY: &str = "key_01h455vb4pex5vsknk084sn02q";
const EVENT: &str = "evt_01h455vb4pex5vsknk084sn02q";
const POLICY: &str = "pol_01h455vb4pex5vsknk084sn02q";
const APPROVAL: &str = "apr_01h455vb4pex5vsknk084sn02q";
const AUDIT_EVENT: &str = "aud_01h455vb4pex5vsknk084sn02q";
const TIME: &str = "2026-03-01T09:30:00.123456Z";

/// The example of a message.
pub(crate) fn message(name: &str) -> Option<Json> {
    let desk = orders(name).or_else(|| approvals(name)).or_else(|| fulfillment::message(name));
    let desk = desk.or_else(|| inventory::message(name));
    desk.or_else(|| payments::message(name))
        .or_else(|| quotes::message(name))
        .or_else(|| reports::message(name))
        .or_else(|| webhooks::message(name))
        .or_else(|| access(name))
        .or_else(|| others(name))
        .map(Json::from)
}

fn orders(name: &str) -> Option<Object> {
    Some(match name {
        "CreateOrderRequest" => object! {
            "customer_id": CUSTOMER,
            "currency_code": "GBP",
            "items": vec![object! { "sku": "TEAPOT", "quantity": 2 }],
            "reference": "web-1001",
        },
        "Order" => order(true),
        "UpdateOrderRequest" => object! { "order_id": ORDER, "order": order_patch(), "etag": "v1" },
        "OrderPatch" => order_patch(),
        "ReplaceOrderRequest" => object! {
            "customer_id": CUSTOMER,
            "currency_code": "GBP",
            "items": vec![object! { "sku": "TEAPOT", "quantity": 3 }],
            "expected_total": gbp("4500"),
        },
        "PlaceOrderRequest" => object! { "expected_total": gbp("3000") },
        "ConfirmOrderRequest" => object! { "reason": "credit checked" },
        "CancelOrderRequest" => object! { "reason": "no longer wanted" },
        "BatchGetOrdersResponse" => object! { "orders": vec![order(false)] },
        "ListOrdersResponse" => object! { "orders": vec![order(false)], "next_page_token": "" },
        _ => return None,
    })
}

fn approvals(name: &str) -> Option<Object> {
    Some(match name {
        "CreateApprovalPolicyRequest" => policy_fields(),
        "ApprovalPolicy" => policy(),
        "ApprovalPolicyPatch" => object! { "expires_after": "86400s" },
        "ListApprovalPoliciesResponse" => object! { "approval_policies": vec![policy()], "next_page_token": "" },
        "Approval" => approval(),
        "ListApprovalsResponse" => object! { "approvals": vec![approval()], "next_page_token": "" },
        "ApproveApprovalRequest" => object! { "reason": "within the budget" },
        "RejectApprovalRequest" => object! { "reason": "too large for a new customer" },
        _ => return None,
    })
}

fn access(name: &str) -> Option<Object> {
    Some(match name {
        "Tenant" => tenant(),
        "TenantPatch" => object! { "tax_mode": "INCLUSIVE" },
        "ListTenantsResponse" => object! { "tenants": vec![tenant()], "next_page_token": "" },
        "ApiKey" => api_key(),
        "ListApiKeysResponse" => object! { "api_keys": vec![api_key()], "next_page_token": "" },
        "ArchiveProductRequest" | "EraseCustomerRequest" | "RevokeApiKeyRequest" | "RotateApiKeyRequest" => {
            object! { "etag": "v1" }
        }
        "CreateTenantRequest" => object! { "name": "Acme" },
        "CreateTenantResponse" => object! { "tenant": tenant(), "admin_key": "tp_…" },
        "CreateApiKeyRequest" => object! { "name": "Web shop", "role": "PARTNER", "customer_id": CUSTOMER },
        "CreateApiKeyResponse" | "RotateApiKeyResponse" => object! { "api_key": api_key(), "key": "tp_…" },
        "WhoamiResponse" => object! {
            "tenant_id": TENANT,
            "api_key_id": KEY,
            "name": "Web shop",
            "role": "PARTNER",
            "permissions": vec!["products.read", "orders.read", "orders.write"],
            "customer_id": CUSTOMER,
            "owner": "",
        },
        _ => return None,
    })
}

fn others(name: &str) -> Option<Object> {
    Some(match name {
        "CreateProductRequest" => product_fields(),
        "Product" => product(),
        "CreateCustomerRequest" => {
            object! { "name": "Ada Lovelace", "email": "ada@example.com", "reference": "crm-17" }
        }
        "Customer" => customer(),
        "ListOrderEventsResponse" | "ListEventsResponse" => {
            object! { "events": vec![event()], "next_page_token": "" }
        }
        "Event" => event(),
        "AuditEvent" => audit_event(),
        "ListAuditEventsResponse" => object! { "audit_events": vec![audit_event()], "next_page_token": "" },
        "ProductPatch" => object! { "prices": vec![gbp("1300")] },
        "ListProductsResponse" => object! { "products": vec![product()], "next_page_token": "" },
        "BatchGetProductsResponse" => object! { "products": vec![product()] },
        "ExecuteBatchRequest" => object! { "operations": vec![
            object! {
                "method": "POST",
                "path": "/v1/customers",
                "body": object! { "name": "Ada Lovelace", "reference": "crm-17" },
                "idempotency_key": "crm-17",
            },
            object! { "method": "GET", "path": format!("/v1/orders/{ORDER}") },
        ] },
        "ExecuteBatchResponse" => object! { "responses": vec![
            answer(201, object! { "location": format!("/v1/customers/{CUSTOMER}"), "etag": "\"v1\"" }, customer()),
            answer(200, object! { "etag": "\"v1\"" }, order(true)),
        ] },
        "CustomerPatch" => object! { "email": "ada@example.org" },
        "ListCustomersResponse" => object! { "customers": vec![customer()], "next_page_token": "" },
        _ => return None,
    })
}

/// The example of a field of a request that comes in the path or the query.
pub(crate) fn parameter(request: &str, name: &str) -> Option<Json> {
    Some(match name {
        "status" if request == "ListProductsRequest" => vec!["ACTIVE"].into(),
        "status" if request == "ListPaymentsRequest" => vec!["RECORDED"].into(),
        "status" if request == "ListQuotesRequest" => vec!["SENT"].into(),
        "status" if request == "ListRefundsRequest" => vec!["PENDING"].into(),
        "status" if request == "ListReturnsRequest" => vec!["REQUESTED"].into(),
        "status" if request == "ListShipmentsRequest" => vec!["SHIPPED"].into(),
        "status" if request == "ListApprovalsRequest" => vec!["PENDING"].into(),
        "status" if request == "ListJobsRequest" => vec!["RUNNING"].into(),
        "status" if request == "ListReportsRequest" => vec!["SUCCEEDED"].into(),
        "status" if request == "ListReservationsRequest" => vec!["HELD"].into(),
        "status" if request == "ListWebhookDeliveriesRequest" => vec!["FAILED"].into(),
        "webhook_endpoint_id" => webhooks::ENDPOINT.into(),
        "webhook_delivery_id" => webhooks::DELIVERY.into(),
        "code" => "default".into(),
        "location_id" => inventory::LOCATION.into(),
        "reservation_id" => inventory::RESERVATION.into(),
        "available_below" => "10".into(),
        "approval_id" => APPROVAL.into(),
        "approval_policy_id" => POLICY.into(),
        "subject" => "ORDER".into(),
        "order_id" | "resource_id" | "subject_id" => ORDER.into(),
        "product_id" => PRODUCT.into(),
        "quote_id" => quotes::QUOTE.into(),
        "customer_id" => CUSTOMER.into(),
        "page_size" => 20.into(),
        "order_by" => "create_time desc".into(),
        "order_ids" => vec![ORDER].into(),
        "payment_id" => payments::PAYMENT.into(),
        "return_id" => fulfillment::RETURN.into(),
        "shipment_id" => fulfillment::SHIPMENT.into(),
        "tracking_number" => "AB123456789GB".into(),
        "refund_id" => payments::REFUND.into(),
        "provider" => "stripe".into(),
        "provider_reference" => "ch_3MmlLrLkdIwHu7ix0snN0B15".into(),
        "product_ids" => vec![PRODUCT].into(),
        "tenant_id" => TENANT.into(),
        "event_id" => EVENT.into(),
        "audit_event_id" => AUDIT_EVENT.into(),
        "api_key_id" | "actor" => KEY.into(),
        "resource_type" => "order".into(),
        "type" => vec!["order.placed"].into(),
        "sku" => "TEAPOT".into(),
        "reference" => "web-1001".into(),
        "email" => "ada@example.com".into(),
        "view" => "FULL".into(),
        "create_time_after" => "2026-03-01T00:00:00Z".into(),
        "create_time_before" => "2026-04-01T00:00:00Z".into(),
        "etag" => "v1".into(),
        _ => return None,
    })
}

fn order_patch() -> Object {
    object! { "items": vec![object! { "sku": "TEAPOT", "quantity": 3 }], "note": "Leave it at the back door" }
}

fn event() -> Object {
    object! {
        "id": EVENT,
        "sequence": "1205",
        "type": "order.placed",
        "resource_type": "order",
        "resource_id": ORDER,
        "resource_sequence": "1",
        "data": object! { "id": ORDER, "status": "PLACED" },
        "actor": KEY,
        "create_time": TIME,
    }
}

fn audit_event() -> Object {
    object! {
        "id": AUDIT_EVENT,
        "actor": KEY,
        "owner": "ada",
        "method": "tradepost.v1.OrderService/CreateOrder",
        "resource_type": "order",
        "resource_id": ORDER,
        "request_id": "web-7f3a",
        "reason": "",
        "create_time": TIME,
    }
}

/// The answer of an operation in a batch.
fn answer(status: i64, headers: Object, body: Object) -> Object {
    object! { "status": status, "headers": headers, "body": body, "body_omitted": false }
}

fn gbp(minor_units: &str) -> Object {
    object! { "currency_code": "GBP", "minor_units": minor_units }
}

fn policy_fields() -> Object {
    object! {
        "name": "Large orders",
        "subject": "ORDER",
        "tiers": vec![
            object! { "amount_over": gbp("100000"), "role": "MANAGER" },
            object! { "amount_over": gbp("1000000"), "role": "ADMIN" },
        ],
        "expires_after": "604800s",
    }
}

fn policy() -> Object {
    let mut policy = object! { "id": POLICY };
    policy.extend(policy_fields());
    policy.extend(object! { "metadata": Object::new(), "etag": "v1", "create_time": TIME, "update_time": TIME });
    policy
}

fn approval() -> Object {
    object! {
        "id": APPROVAL,
        "subject": "ORDER",
        "subject_id": ORDER,
        "customer_id": CUSTOMER,
        "status": "PENDING",
        "amount": gbp("300000"),
        "discount_bps": 0,
        "role": "MANAGER",
        "policy_ids": vec![POLICY],
        "requested_by": "ada",
        "requester": KEY,
        "reason": "",
        "decided_by": "",
        "decider": "",
        "expire_time": "2026-03-08T09:30:00.123456Z",
        "allowed_actions": vec!["approve", "reject"],
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}

fn product_fields() -> Object {
    object! { "sku": "TEAPOT", "name": "Teapot", "prices": vec![gbp("1250")], "tax_rate_bps": 2000 }
}

fn product() -> Object {
    let mut product = object! { "id": PRODUCT };
    product.extend(product_fields());
    product.extend(object! {
        "description": "",
        "track_inventory": false,
        "status": "ACTIVE",
        "metadata": Object::new(),
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    });
    product
}

fn customer() -> Object {
    object! {
        "id": CUSTOMER,
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "company": "",
        "addresses": Vec::<Json>::new(),
        "reference": "crm-17",
        "metadata": Object::new(),
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}

fn item() -> Object {
    object! {
        "id": "itm_01h455vb4pex5vsknk084sn02q",
        "product_id": PRODUCT,
        "sku": "TEAPOT",
        "name": "Teapot",
        "quantity": 2,
        "unit_price": gbp("1250"),
        "tax": gbp("500"),
        "total": gbp("3000"),
        "quantity_canceled": 0,
        "quantity_shipped": 0,
        "quantity_returned": 0,
        "location_id": "",
        "tax_rate_bps": 2000,
    }
}

/// Lists show less.
fn order(full: bool) -> Object {
    object! {
        "id": ORDER,
        "customer_id": CUSTOMER,
        "currency_code": "GBP",
        "status": "PLACED",
        "payment_status": "UNPAID",
        "fulfillment_status": "UNFULFILLED",
        "items": if full { vec![item()] } else { Vec::new() },
        "subtotal": gbp("2500"),
        "discount_total": gbp("0"),
        "tax_total": gbp("500"),
        "total": gbp("3000"),
        "canceled_total": gbp("0"),
        "paid_total": gbp("0"),
        "refunded_total": gbp("0"),
        "amount_due": gbp("3000"),
        "tax_mode": "EXCLUSIVE",
        "rounding_mode": "HALF_UP",
        "holds": Vec::<Json>::new(),
        "quote_id": "",
        "note": "",
        "reference": "web-1001",
        "metadata": Object::new(),
        "allowed_actions": Vec::<Json>::new(),
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
        "place_time": TIME,
        "cancel_reason": "",
    }
}

fn tenant() -> Object {
    object! {
        "id": TENANT,
        "name": "Acme",
        "tax_mode": "EXCLUSIVE",
        "rounding_mode": "HALF_UP",
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}

fn api_key() -> Object {
    object! {
        "id": KEY,
        "name": "Web shop",
        "role": "PARTNER",
        "permissions": vec!["products.read", "orders.read", "orders.write"],
        "customer_id": CUSTOMER,
        "owner": "",
        "etag": "v1",
        "create_time": TIME,
        "update_time": TIME,
    }
}
