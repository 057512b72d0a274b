"""What a partner writes in Python with a client generated from the OpenAPI document.

Usage: python rest.py FOLDER_OF_THE_CLIENT BASE_URL API_KEY
"""

import sys
import uuid

folder, base, key = sys.argv[1:]
sys.path.insert(0, folder)

from tradepost_client import AuthenticatedClient, models as m  # noqa: E402
from tradepost_client.api.catalog_service import create_product  # noqa: E402
from tradepost_client.api.customer_service import create_customer  # noqa: E402
from tradepost_client.api.order_service import create_order, get_order, list_orders  # noqa: E402

client = AuthenticatedClient(base_url=base, token=key)


def must(answer, kind):
    assert isinstance(answer, kind), answer
    return answer


sku = f"Python-{uuid.uuid4()}"
price = m.MoneyInput(currency_code="GBP", minor_units="1250")
product = m.CreateProductRequest(sku=sku, name="Teapot", prices=[price], tax_rate_bps=2000)
must(create_product.sync(client=client, body=product), m.Product)
customer = must(create_customer.sync(client=client, body=m.CreateCustomerRequest(name="Python")), m.Customer)

request = m.CreateOrderRequest(
    customer_id=customer.id, currency_code="GBP", items=[m.CreateOrderRequestItem(sku=sku, quantity=2)]
)
order = must(create_order.sync(client=client, body=request, idempotency_key=sku), m.Order)
again = must(create_order.sync(client=client, body=request, idempotency_key=sku), m.Order)
read = must(get_order.sync(order.id, client=client), m.Order)
assert again.id == read.id == order.id
assert read.status == m.OrderStatus.PLACED and read.total.minor_units == "3000", read

placed = [m.ListOrdersStatusItem.PLACED]
page = must(list_orders.sync(client=client, customer_id=customer.id, status=placed), m.ListOrdersResponse)
assert [one.id for one in page.orders] == [order.id] and page.next_page_token == "", page

missing = must(get_order.sync("ord_01h455vb4pex5vsknk084sn02q", client=client), m.Error)
assert missing.error.code == "order_not_found", missing
print(f"ok   python: created and read {read.id}")
