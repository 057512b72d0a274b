"""What no schema can say to Schemathesis. Requests that break the contract on purpose are left as they are."""

import uuid

import schemathesis

KEY = "Idempotency-Key"


@schemathesis.hook
def before_call(context, case, kwargs):
    components = case.meta.components if case.meta else {}
    if not all(info.mode.is_positive for info in components.values()):
        return
    # A key used again for another request is refused, rightly: every request has its own.
    if case.headers and KEY in case.headers:
        case.headers[KEY] = str(uuid.uuid4())
    if isinstance(case.body, dict):
        settle(case.body)


def settle(body):
    """Keeps the rules that tie fields to each other, or to a list that is too long for a schema."""
    # Currencies are those of ISO 4217, one in a request, and one price each. Prices are not negative.
    if "currency_code" in body:
        body["currency_code"] = "GBP"
    if isinstance(body.get("prices"), list):
        body["prices"] = [price(one) for one in body["prices"][:1]]
    for item in body.get("items") or []:
        if isinstance(item, dict) and isinstance(item.get("unit_price"), dict):
            item["unit_price"] = price(item["unit_price"])
    # A PARTNER key is bound to a customer, every other key is not.
    if "role" in body:
        partner = body["role"] == "PARTNER"
        body["customer_id"] = body.get("customer_id") or "cus_01h455vb4pex5vsknk084sn02q" if partner else None


def price(money):
    units = money.get("minor_units") or 0
    units = units.removeprefix("-") if isinstance(units, str) else abs(units)
    return {"currency_code": "GBP", "minor_units": units}
