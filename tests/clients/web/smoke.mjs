// What a browser with gRPC-Web relies on; Node.js stands in for it, over HTTP/1.1.
//
// Usage: node smoke.mjs BASE_URL API_KEY CALL_FILE
//
// CALL_FILE holds a call that another client made over gRPC: {idempotency_key, request, order_id}.
// One line for each check, `ok …` or `FAIL …`; exit code 0 when all hold.
import { readFile } from "node:fs/promises";
import { create, equals, fromJson } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AccessService, Role } from "./gen/tradepost/v1/access_pb.js";
import { CatalogService } from "./gen/tradepost/v1/catalog_pb.js";
import { CustomerService } from "./gen/tradepost/v1/customers_pb.js";
import {
  CreateOrderRequestSchema,
  Order_Status,
  OrderSchema,
  OrderService,
} from "./gen/tradepost/v1/orders_pb.js";

const [base, key, callFile] = process.argv.slice(2);
let failed = 0;

function check(name, holds, seen) {
  if (holds) {
    console.log(`ok   web: ${name}`);
  } else {
    failed += 1;
    const shown = JSON.stringify(seen, (_, value) => (typeof value === "bigint" ? String(value) : value));
    console.log(`FAIL web: ${name}\n     | ${shown}`);
  }
}

/** The ErrorInfo of an error: its reason and its domain, fields 1 and 2. */
function errorInfo(error) {
  const info = {};
  const detail = error.details.find((one) => one.type === "google.rpc.ErrorInfo");
  if (detail) {
    const reader = new BinaryReader(detail.value);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1) info.reason = reader.string();
      else if (field === 2) info.domain = reader.string();
      else reader.skip(wireType, field);
    }
  }
  return info;
}

async function checkRefused(name, call, code, reason) {
  try {
    await call();
    check(`${name}: ${Code[code]}`, false, "the call succeeded");
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    check(`${name}: ${Code[code]}`, error.code === code, String(error));
    const info = errorInfo(error);
    check(`${name}: ErrorInfo ${reason}`, info.reason === reason && info.domain === "tradepost", info);
  }
}

async function main() {
  const transport = createGrpcWebTransport({ baseUrl: base, useBinaryFormat: true, defaultTimeoutMs: 30_000 });
  const access = createClient(AccessService, transport);
  const catalog = createClient(CatalogService, transport);
  const customers = createClient(CustomerService, transport);
  const orders = createClient(OrderService, transport);
  const auth = { headers: { authorization: `Bearer ${key}` } };

  const me = await access.whoami({}, auth);
  check("whoami: PLATFORM", me.role === Role.PLATFORM && me.tenantId.startsWith("ten_"), me);

  /** Creates an order; tells whether the answer was a replay. */
  async function createOrder(request, idempotencyKey) {
    let replayed = null;
    const order = await orders.createOrder(request, {
      headers: { ...auth.headers, "idempotency-key": idempotencyKey },
      onHeader: (headers) => (replayed = headers.get("idempotent-replayed")),
    });
    return { order, replayed };
  }

  // What was created over gRPC can be read and repeated here.
  const call = JSON.parse(await readFile(callFile, "utf8"));
  const read = await orders.getOrder({ orderId: call.order_id }, auth);
  check("get the order made over gRPC", read.id === call.order_id && read.status === Order_Status.PLACED, read);
  const crossed = await createOrder(fromJson(CreateOrderRequestSchema, call.request), call.idempotency_key);
  check("repeat the call made over gRPC: the same order", equals(OrderSchema, crossed.order, read), crossed);
  check("repeat the call made over gRPC: idempotent-replayed: true", crossed.replayed === "true", crossed.replayed);

  // The JSON of REST is the JSON that protobuf defines.
  const answer = await fetch(`${base}/v1/orders/${call.order_id}`, auth);
  const rest = fromJson(OrderSchema, await answer.json());
  check("REST answers with the same message", equals(OrderSchema, rest, read), rest);

  const run = crypto.randomUUID();
  const product = await catalog.createProduct(
    {
      sku: `Web-${run}`,
      name: "Hot water bottle",
      prices: [{ currencyCode: "GBP", minorUnits: 425n }],
      taxRateBps: 2000,
    },
    auth,
  );
  check("create product", product.id.startsWith("prd_") && product.prices[0]?.minorUnits === 425n, product);
  const customer = await customers.createCustomer({ name: "Web & Söhne" }, auth);
  check("create customer", customer.id.startsWith("cus_") && customer.name === "Web & Söhne", customer);

  // 2 × 4.25 = 8.50, and 20 % tax of that is 1.70.
  const request = create(CreateOrderRequestSchema, {
    customerId: customer.id,
    currencyCode: "GBP",
    items: [{ sku: product.sku, quantity: 2 }],
  });
  const first = await createOrder(request, `web-${run}`);
  check("create order: PLACED", first.order.status === Order_Status.PLACED, first);
  check("create order: total", first.order.total?.minorUnits === 1020n, first);
  check("create order: not a replay", first.replayed === null, first.replayed);
  const again = await createOrder(request, `web-${run}`);
  check("repeat: the same order", equals(OrderSchema, again.order, first.order), again);
  check("repeat: idempotent-replayed: true", again.replayed === "true", again.replayed);

  const page = await orders.listOrders({ customerId: customer.id, pageSize: 10 }, auth);
  check("list", page.orders.length === 1 && page.orders[0].id === first.order.id && page.nextPageToken === "", page);

  await checkRefused(
    "the same key for another order",
    () => createOrder({ ...request, note: "other" }, `web-${run}`),
    Code.FailedPrecondition,
    "IDEMPOTENCY_KEY_REUSED",
  );
  await checkRefused(
    "a malformed id",
    () => orders.getOrder({ orderId: "42" }, auth),
    Code.InvalidArgument,
    "VALIDATION_FAILED",
  );
  await checkRefused("without a key", () => access.whoami({}), Code.Unauthenticated, "UNAUTHENTICATED");
}

try {
  await main();
} catch (error) {
  check("runs to its end", false, String(error?.stack ?? error));
}
process.exitCode = failed ? 1 : 0;
