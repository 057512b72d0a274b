// What a web page does with the service: the official gRPC-Web client, and plain fetch. It runs in the browser, from
// another origin than the service's; browser.mjs bundles it and reads what it returns.
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccessService } from "./gen/tradepost/v1/access_pb.js";
import { CatalogService } from "./gen/tradepost/v1/catalog_pb.js";
import { CustomerService } from "./gen/tradepost/v1/customers_pb.js";
import { EventService } from "./gen/tradepost/v1/events_pb.js";
import { Order_Status, OrderService } from "./gen/tradepost/v1/orders_pb.js";

/** Runs every check; answers with [name, holds, what was seen] of each. */
async function run(base, key) {
  const results = [];
  const check = (name, holds, seen) => results.push([name, Boolean(holds), String(seen)]);
  const auth = { headers: { authorization: `Bearer ${key}` } };
  const transport = createGrpcWebTransport({ baseUrl: base, defaultTimeoutMs: 30_000 });
  const client = (service) => createClient(service, transport);

  async function refused(name, call, code) {
    try {
      await call();
      check(name, false, "the call succeeded");
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      const info = error.details.some((detail) => detail.type === "google.rpc.ErrorInfo");
      check(name, error.code === code && info && error.metadata.get("x-request-id"), error);
    }
  }

  const me = await client(AccessService).whoami({}, auth);
  check("whoami", me.tenantId.startsWith("ten_"), me.tenantId);
  const sku = `Page-${crypto.randomUUID()}`;
  const prices = [{ currencyCode: "GBP", minorUnits: 425n }];
  await client(CatalogService).createProduct({ sku, name: "Mug", prices }, auth);
  const customer = await client(CustomerService).createCustomer({ name: "Page" }, auth);

  const request = { customerId: customer.id, currencyCode: "GBP", items: [{ sku, quantity: 2 }] };
  const headers = { ...auth.headers, "idempotency-key": sku };
  let replayed;
  const options = { headers, onHeader: (answer) => (replayed = answer.get("idempotent-replayed")) };
  const order = await client(OrderService).createOrder(request, options);
  check("create an order", order.status === Order_Status.PLACED && replayed === null, order.id);
  const again = await client(OrderService).createOrder(request, options);
  check("repeat it: a replay, which the page can see", again.id === order.id && replayed === "true", replayed);

  const orders = client(OrderService);
  await refused("a malformed id", () => orders.getOrder({ orderId: "42" }, auth), Code.InvalidArgument);
  await refused("no key", () => orders.getOrder({ orderId: order.id }), Code.Unauthenticated);

  // A stream over gRPC-Web, and the same as server-sent events, which go on where they broke off.
  const watching = new AbortController();
  let event;
  for await (event of client(EventService).watchEvents({ afterSequence: 0n }, { ...auth, signal: watching.signal })) {
    if (event.resourceId === order.id) break;
  }
  check("gRPC-Web: a stream of events", event.type === "order.placed" && event.sequence > 0n, event.type);
  const resumed = { ...auth.headers, "last-event-id": String(event.sequence - 1n) };
  const stream = await fetch(`${base}/v1/events:watch`, { headers: resumed, signal: watching.signal });
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  const { value: text } = await reader.read();
  check("SSE: goes on where it broke off", text.startsWith(`id: ${event.sequence}\ndata: {`), text);
  watching.abort();

  const body = JSON.stringify({ name: "Page" });
  const json = { ...auth.headers, "content-type": "application/json" };
  const created = await fetch(`${base}/v1/customers`, { method: "POST", headers: json, body });
  check("REST: 201", created.status === 201, created.status);
  const location = created.headers.get("location");
  check("REST: Location can be read", location?.startsWith("/v1/customers/cus_"), location);
  const missing = await fetch(`${base}/nothing`, auth);
  const code = (await missing.json()).error.code;
  check("REST: a refusal can be read", missing.status === 404 && code === "route_not_found", code);
  return results;
}

globalThis.run = run;
