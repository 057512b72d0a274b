"""What an internal service with Python and grpcio relies on.

Usage: smoke.py BASE_URL API_KEY [CALL_FILE]

Generates its stubs from proto/, then calls the service over gRPC, and over REST where a retry changes
the wire. Writes one call with its answer to CALL_FILE, for another client to repeat.
One line for each check, `ok …` or `FAIL …`; exit code 0 when all hold.
"""

import json
import sys
import tempfile
import traceback
import urllib.request
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import grpc_tools
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_tools import protoc

PROTO = Path(__file__).resolve().parents[3] / "proto"
failed = 0


def check(name, holds, seen=""):
    global failed
    if holds:
        print(f"ok   python: {name}")
    else:
        failed += 1
        print(f"FAIL python: {name}", f"     | {seen}" if str(seen) else "", sep="\n")


def generate_stubs(folder):
    """Stubs for our own protos; those of google/ come with the installed packages."""
    files = [*sorted(PROTO.glob("tradepost/**/*.proto")), *sorted(PROTO.glob("buf/**/*.proto"))]
    code = protoc.main([
        "protoc",
        f"-I{PROTO}",
        f"-I{Path(grpc_tools.__file__).parent / '_proto'}",
        f"--python_out={folder}",
        f"--grpc_python_out={folder}",
        *map(str, files),
    ])
    if code:
        sys.exit(f"protoc ended with {code}")
    sys.path.insert(0, folder)


def refusal(call):
    """The error a call ends with, or None when it succeeds."""
    try:
        call()
    except grpc.RpcError as error:
        return error
    return None


def check_refused(name, call, code, reason):
    """The call fails with this code and an ErrorInfo of this reason; returns the details by type."""
    error = refusal(call)
    if error is None:
        check(f"{name}: {code.name}", False, "the call succeeded")
        return {}
    check(f"{name}: {code.name}", error.code() == code, repr(error))
    details = {}
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            check(f"{name}: the details repeat the code", status.code == code.value[0], status)
            for any_message in status.details:
                kind = getattr(error_details_pb2, any_message.TypeName().removeprefix("google.rpc."), None)
                if kind is not None:
                    details[kind.DESCRIPTOR.name] = kind.FromString(any_message.value)
    info = details.get("ErrorInfo", error_details_pb2.ErrorInfo())
    check(f"{name}: ErrorInfo {reason}", (info.reason, info.domain) == (reason, "tradepost"), details)
    check(f"{name}: RequestInfo", details.get("RequestInfo", error_details_pb2.RequestInfo()).request_id != "", details)
    return details


def main():
    base, key = sys.argv[1:3]
    call_file = sys.argv[3] if len(sys.argv) > 3 else None
    channel = grpc.insecure_channel(urlsplit(base).netloc)
    auth = (("authorization", f"Bearer {key}"),)

    def limits(idempotency_key=None):
        once = (("idempotency-key", idempotency_key),) if idempotency_key else ()
        return {"metadata": auth + once, "timeout": 30}

    with tempfile.TemporaryDirectory() as folder:
        generate_stubs(folder)
        from tradepost.v1 import access_pb2, access_pb2_grpc, catalog_pb2, catalog_pb2_grpc
        from tradepost.v1 import common_pb2, customers_pb2, customers_pb2_grpc, orders_pb2, orders_pb2_grpc

    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=30)
    check("health: SERVING", health.status == health_pb2.HealthCheckResponse.SERVING, health)

    # The messages of v1 and v1alpha are the same; only the path differs.
    for version in ("v1", "v1alpha"):
        reflect = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
        )
        asked = [
            reflection_pb2.ServerReflectionRequest(list_services=""),
            reflection_pb2.ServerReflectionRequest(file_containing_symbol="tradepost.v1.OrderService"),
        ]
        listed, described = reflect(iter(asked), **limits())
        names = {service.name for service in listed.list_services_response.service}
        wanted = {f"tradepost.v1.{name}Service" for name in ("Access", "Catalog", "Customer", "Order")}
        check(f"reflection {version}: lists the services", wanted <= names, names)
        files = described.file_descriptor_response.file_descriptor_proto
        check(f"reflection {version}: describes OrderService", any(b"CreateOrder" in file for file in files), described)

    access = access_pb2_grpc.AccessServiceStub(channel)
    me = access.Whoami(access_pb2.WhoamiRequest(), **limits())
    check("whoami: PLATFORM", me.role == access_pb2.PLATFORM, me)
    check("whoami: a tenant and a key", me.tenant_id.startswith("ten_") and me.api_key_id.startswith("key_"), me)
    check("whoami: orders.write", "orders.write" in me.permissions, me)

    run = uuid.uuid4().hex[:12]
    sku = f"Python-{run}"
    gbp = lambda amount: common_pb2.Money(currency_code="GBP", minor_units=amount)
    catalog = catalog_pb2_grpc.CatalogServiceStub(channel)
    product = catalog.CreateProduct(
        catalog_pb2.CreateProductRequest(sku=sku, name="Lantern", prices=[gbp(339)], tax_rate_bps=2000),
        **limits(f"product-{run}"),
    )
    check("create product", product.id.startswith("prd_") and product.prices == [gbp(339)], product)
    same = catalog.GetProduct(catalog_pb2.GetProductRequest(product_id=product.id), **limits())
    check("get product", same == product, same)
    customer = customers_pb2_grpc.CustomerServiceStub(channel).CreateCustomer(
        customers_pb2.CreateCustomerRequest(name="Python & Söhne"), **limits(f"customer-{run}")
    )
    check("create customer", customer.id.startswith("cus_") and customer.name == "Python & Söhne", customer)

    # 5 × 3.39 = 16.95, and 20 % tax of that is 3.39.
    orders = orders_pb2_grpc.OrderServiceStub(channel)
    request = orders_pb2.CreateOrderRequest(
        customer_id=customer.id,
        currency_code="GBP",
        items=[orders_pb2.CreateOrderRequest.Item(sku=sku, quantity=5)],
        shipping_address=common_pb2.Address(name="Grace", country_code="GB"),
        metadata={"b": "2", "a": "1"},
    )

    def create(idempotency_key, message=request):
        answer, call = orders.CreateOrder.with_call(message, **limits(idempotency_key))
        return answer, dict(call.initial_metadata()).get("idempotent-replayed")

    first, replayed = create(f"order-{run}")
    check("create order: PLACED", first.id.startswith("ord_") and first.status == orders_pb2.Order.PLACED, first)
    amounts = (first.subtotal, first.tax_total, first.total)
    check("create order: totals", amounts == (gbp(1695), gbp(339), gbp(2034)), first)
    check("create order: not a replay", replayed is None, replayed)
    again, replayed = create(f"order-{run}")
    check("repeat: the same order", again == first, again)
    check("repeat: idempotent-replayed: true", replayed == "true", replayed)
    other = orders_pb2.CreateOrderRequest()
    other.CopyFrom(request)
    other.items[0].quantity = 6
    check_refused(
        "the same key for another order",
        lambda: create(f"order-{run}", other),
        grpc.StatusCode.FAILED_PRECONDITION,
        "IDEMPOTENCY_KEY_REUSED",
    )

    # One call, two wires: made over REST, repeated over gRPC.
    body = MessageToDict(request, preserving_proto_field_name=True)
    posted = urllib.request.Request(
        f"{base}/v1/orders",
        data=json.dumps(body).encode(),
        method="POST",
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"wires-{run}",
        },
    )
    with urllib.request.urlopen(posted, timeout=30) as answer:
        check("create by REST: 201", answer.status == 201, answer.status)
        rest = json.load(answer)
    crossed, replayed = create(f"wires-{run}")
    check("repeat by gRPC: the same order", crossed.id == rest["id"] and crossed.id != first.id, (crossed.id, rest["id"]))
    check("repeat by gRPC: idempotent-replayed: true", replayed == "true", replayed)

    read = orders.GetOrder(orders_pb2.GetOrderRequest(order_id=first.id), **limits())
    check("get order: what the creation answered", read == first, read)
    page = orders.ListOrders(orders_pb2.ListOrdersRequest(customer_id=customer.id, page_size=1), **limits())
    check("page 1: the newer order", [order.id for order in page.orders] == [crossed.id], page)
    page = orders.ListOrders(
        orders_pb2.ListOrdersRequest(customer_id=customer.id, page_size=1, page_token=page.next_page_token), **limits()
    )
    check("page 2: the older order, and the end", [o.id for o in page.orders] == [first.id] and not page.next_page_token, page)

    details = check_refused(
        "several violations",
        lambda: orders.CreateOrder(
            orders_pb2.CreateOrderRequest(customer_id="nobody", currency_code="pounds"), **limits()
        ),
        grpc.StatusCode.INVALID_ARGUMENT,
        "VALIDATION_FAILED",
    )
    violations = details.get("BadRequest", error_details_pb2.BadRequest()).field_violations
    fields = sorted(violation.field for violation in violations)
    check("several violations: all are named", fields == ["currency_code", "customer_id", "items"], details)
    check_refused(
        "without a key",
        lambda: access.Whoami(access_pb2.WhoamiRequest(), timeout=30),
        grpc.StatusCode.UNAUTHENTICATED,
        "UNAUTHENTICATED",
    )
    check_refused(
        "an unknown order",
        lambda: orders.GetOrder(orders_pb2.GetOrderRequest(order_id="ord_01h455vb4pex5vsknk084sn02q"), **limits()),
        grpc.StatusCode.NOT_FOUND,
        "ORDER_NOT_FOUND",
    )
    unknown = channel.unary_unary("/tradepost.v1.OrderService/NoSuchMethod")
    error = refusal(lambda: unknown(b"", **limits()))
    check("an unknown method: UNIMPLEMENTED", error and error.code() == grpc.StatusCode.UNIMPLEMENTED, repr(error))

    if call_file:
        call = {"idempotency_key": f"order-{run}", "request": body, "order_id": first.id}
        Path(call_file).write_text(json.dumps(call), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Exception:
        check("runs to its end", False, traceback.format_exc())
    sys.exit(1 if failed else 0)
