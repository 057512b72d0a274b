// What a partner writes in TypeScript with types generated from the OpenAPI document. That it compiles is half of the test.
//
// Usage: node rest.js BASE_URL API_KEY
import createClient from "openapi-fetch";
import type { components, paths } from "./gen-rest/schema.js";

declare const process: { argv: string[] };
const [base, key] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${key}` } });

function must<T>(answer: { data?: T; error?: components["schemas"]["Error"] }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

const sku = `Typed-${crypto.randomUUID()}`;
const prices = [{ currency_code: "GBP", minor_units: "1250" }];
must(await client.POST("/v1/products", { body: { sku, name: "Teapot", prices, tax_rate_bps: 2000 } }));
const customer = must(await client.POST("/v1/customers", { body: { name: "Typed" } }));

const headers = { "Idempotency-Key": sku };
const body = { customer_id: customer.id, currency_code: "GBP", items: [{ sku, quantity: 2 }] };
const order = must(await client.POST("/v1/orders", { params: { header: headers }, body }));
const read = must(await client.GET("/v1/orders/{order_id}", { params: { path: { order_id: order.id } } }));
const status: components["schemas"]["Order.Status"] = read.status;
const total: string | undefined = read.total?.minor_units;
if (status !== "PLACED" || total !== "3000") throw new Error(`${status}, ${total}`);

const list = must(
  await client.GET("/v1/orders", { params: { query: { status: ["PLACED"], customer_id: customer.id, page_size: 5 } } }),
);
if (list.orders.length !== 1 || list.next_page_token !== "") throw new Error(JSON.stringify(list));

const missing = await client.GET("/v1/orders/{order_id}", {
  params: { path: { order_id: "ord_01h455vb4pex5vsknk084sn02q" } },
});
if (missing.error?.error.code !== "order_not_found") throw new Error(JSON.stringify(missing));
console.log(`ok   typescript: created and read ${read.id}`);
