// A receiver of webhooks, as docs/webhooks.md tells to write one: checks signatures with the public library of npm.
//
// Usage: node webhooks.mjs BASE_URL API_KEY
//
// The service must be allowed to call 127.0.0.1. One line for each check, `ok …` or `FAIL …`; exit code 0 when all hold.
import { once } from "node:events";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const [base, key] = process.argv.slice(2);
let failed = 0;

function check(name, holds, seen) {
  if (!holds) failed += 1;
  console.log(holds ? `ok   webhooks, npm: ${name}` : `FAIL webhooks, npm: ${name}\n     | ${JSON.stringify(seen)}`);
}

async function call(path, body) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Whether the public library takes it. */
function verifies(secret, { body, headers }) {
  try {
    return new Webhook(secret).verify(body, headers);
  } catch {
    return undefined;
  }
}

const waiting = [];
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.writeHead(204).end();
  waiting.shift()?.({ body: Buffer.concat(chunks).toString(), headers: request.headers });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const late = setTimeout(() => {
  console.log("FAIL webhooks, npm: nothing arrives");
  process.exit(1);
}, 30_000);

async function tried(id) {
  const arrives = new Promise((resolve) => waiting.push(resolve));
  await call(`/v1/webhook_endpoints/${id}:test`, {});
  return arrives;
}

const url = `http://127.0.0.1:${server.address().port}/hook`;
const { webhook_endpoint: endpoint, secret } = await call("/v1/webhook_endpoints", { url, event_types: ["order.placed"] });
const first = await tried(endpoint.id);
const event = verifies(secret, first);
check("a signature verifies", event?.type === "webhook_endpoint.tested", event);
check("webhook-id is the event", first.headers["webhook-id"] === event?.id, first.headers);
check("a changed body does not", verifies(secret, { ...first, body: `${first.body} ` }) === undefined, first.body);
const other = `whsec_${Buffer.alloc(32).toString("base64")}`;
check("another secret does not", verifies(other, first) === undefined, first.headers);
const old = { ...first.headers, "webhook-timestamp": String(Math.floor(Date.now() / 1000) - 600) };
check("an old timestamp does not", verifies(secret, { ...first, headers: old }) === undefined, old);
const { secret: next } = await call(`/v1/webhook_endpoints/${endpoint.id}:rotateSecret`, {});
const second = await tried(endpoint.id);
check("after a rotation both secrets verify", verifies(secret, second) && verifies(next, second), second.headers);

clearTimeout(late);
const headers = { authorization: `Bearer ${key}` };
await fetch(`${base}/v1/webhook_endpoints/${endpoint.id}`, { method: "DELETE", headers });
server.closeAllConnections();
server.close();
process.exitCode = failed ? 1 : 0;
