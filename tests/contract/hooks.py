"""What no schema can say to Schemathesis. Requests that break the contract on purpose are left as they are."""

import uuid

import schemathesis

KEY = "Idempotency-Key"
SUFFIX = "_01h455vb4pex5vsknk084sn02q"
SOMEBODY = "cus" + SUFFIX
PREFIXES = {
    "api_key_id": "key", "approval_id": "apr", "approval_policy_id": "pol", "audit_event_id": "aud", "customer_id": "cus",
    "event_id": "evt", "job_id": "job", "location_id": "loc", "order_id": "ord", "payment_id": "pay", "product_id": "prd", "quote_id": "quo",
    "refund_id": "ref", "report_id": "rep", "reservation_id": "rsv", "return_id": "ret", "shipment_id": "shp", "tenant_id": "ten",
    "webhook_delivery_id": "dlv", "webhook_endpoint_id": "whe",
}


@schemathesis.hook
def before_call(context, case, kwargs):
    # Checking alone ignores the key, a bad one too.
    if isinstance(case.body, dict) and case.body.get("validate_only") is True:
        case.body["validate_only"] = False
    # An id that another answer left empty is no id.
    for name, value in (case.path_parameters or {}).items():
        if value == "":
            case.path_parameters[name] = PREFIXES[name] + SUFFIX
    components = case.meta.components if case.meta else {}
    if not all(info.mode.is_positive for info in components.values()):
        return
    # The reference of a provider says nothing without the provider.
    if isinstance(case.query, dict) and "provider_reference" in case.query:
        case.query.setdefault("provider", "stripe")
    # A key used again for another request is refused, rightly: every request has its own.
    if case.headers and KEY in case.headers:
        case.headers[KEY] = str(uuid.uuid4())
    if isinstance(case.body, dict):
        if case.path == "/v1/api_keys":
            case.body.setdefault("role", "VIEWER")
        settle(case.body)
        settle_desk(case.path, case.body)
        settle_background(case.path, case.body)
        # Units are canceled under a key.
        if case.path.endswith(":cancel") and case.body.get("items"):
            case.headers = {**(case.headers or {}), KEY: str(uuid.uuid4())}


def settle(body):
    """Keeps the rules that tie fields to each other, or to a list that is too long for a schema."""
    # In an update null clears, and these cannot be without a value.
    for name in ("name", "sku", "code", "items", "customer_id", "currency_code", "tax_mode", "rounding_mode"):
        if name in body and body[name] in (None, []):
            body.pop(name)
    # Etags are those of things as they are now.
    body.pop("etag", None)
    # Currencies are those of ISO 4217, one in a request, and one price each. Prices are not negative.
    if "currency_code" in body:
        body["currency_code"] = "GBP"
    if isinstance(body.get("prices"), list):
        body["prices"] = [price(one) for one in body["prices"][:1]]
    for item in body.get("items") or []:
        if isinstance(item, dict) and isinstance(item.get("unit_price"), dict):
            item["unit_price"] = price(item["unit_price"])
        if isinstance(item, dict):
            item.pop("discount", None)
    # Durations have no bounds in a schema.
    body.pop("unpaid_expiry", None)
    for name in ("expected_total", "discount"):
        if isinstance(body.get(name), dict):
            body.pop(name)
    # A key has a role or permissions, and does not end in the past. A PARTNER key is bound to a customer, others are not.
    if "expire_time" in body:
        body["expire_time"] = None
    if "permissions" in body:
        body["permissions"] = []
    if "role" in body:
        body["role"] = "VIEWER" if body["role"] in (None, "ROLE_UNSPECIFIED") else body["role"]
        partner = body["role"] == "PARTNER"
        body["customer_id"] = body.get("customer_id") or SOMEBODY if partner else None


def settle_desk(path, body):
    """The same, of stock, quotes, approvals, payments and batches."""
    # Durations and points in time have no bounds in a schema.
    for name in ("ttl", "expires_after"):
        body.pop(name, None)
    if path.startswith("/v1/quotes") and ("valid_until" in body or path == "/v1/quotes"):
        body["valid_until"] = "2099-01-01T00:00:00Z"
    if path == "/v1/reservations/{reservation_id}:extend":
        body["ttl"] = "60s"
    # One of several fields.
    if path == "/v1/stock:adjust":
        for name in ("counted", "expected_on_hand"):
            body.pop(name, None)
        body["delta"] = "1"
    if path == "/v1/refunds":
        body.pop("items", None)
        body.pop("amount", None)
        body["remaining"] = True
    if path == "/v1/payments":
        body["amount"] = {"currency_code": "GBP", "minor_units": "100"}
    if path.startswith("/v1/approval_policies") and "tiers" in body:
        body["tiers"] = [{"role": "MANAGER", "discount_over_bps": 1000}]
    if path.startswith("/v1/approval_policies") and body.get("subject", "ORDER") in (None, "SUBJECT_UNSPECIFIED"):
        body["subject"] = "ORDER"
    if path == "/v1/shipments":
        body.pop("tracking_url", None)
    if path == "/v1/orders" and body.get("draft"):
        body.pop("reservation_id", None)
    # What is done many times at once follows the rules of each.
    if path == "/v1/orders:batchCreate":
        for order in body.get("orders") or []:
            settle(order)
            for name in ("validate_only", "reservation_id", "draft"):
                order.pop(name, None)
    if path == "/v1/batch":
        body["operations"] = [{"method": "GET", "path": "/v1/whoami"}]


def settle_background(path, body):
    """The same, of reports and webhooks."""
    # A span of time has an end after its beginning, and stock has none.
    if path == "/v1/reports":
        body.pop("create_time_after", None)
        body.pop("create_time_before", None)
        if body.get("kind") in (None, "KIND_UNSPECIFIED"):
            body["kind"] = "ORDERS"
    # URLs are those of receivers that everybody can reach, and types those that there are.
    if path.startswith("/v1/webhook_endpoints"):
        if "url" in body:
            body["url"] = "https://shop.example/hooks"
        if "event_types" in body:
            body["event_types"] = ["order.*"]


def price(money):
    units = money.get("minor_units") or 0
    units = units.removeprefix("-") if isinstance(units, str) else abs(units)
    return {"currency_code": "GBP", "minor_units": units}
