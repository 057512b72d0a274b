// What a real browser, headless Chromium, makes of the service: calls from pages of other origins, and the pages of the
// documentation, which may load nothing from elsewhere.
//
// Usage: node browser.mjs BASE_URL API_KEY PORT
//
// The service must allow the origin http://127.0.0.1:PORT. CHROMIUM names another program than /usr/bin/chromium.
// One line for each check, `ok …` or `FAIL …`; exit code 0 when all hold.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const [base, key, port] = process.argv.slice(2);
const here = import.meta.dirname;
let failed = 0;

function check(name, holds, seen) {
  failed += holds ? 0 : 1;
  console.log(holds ? `ok   browser: ${name}` : `FAIL browser: ${name}\n     | ${seen}`);
}

/** Serves an empty page with the script, at two origins. */
async function servePages() {
  const bundle = { entryPoints: [join(here, "page.mjs")], bundle: true, format: "iife", write: false };
  const script = (await build(bundle)).outputFiles[0].text;
  const answer = (_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>page</title><script>${script.replaceAll("</script", "<\\/script")}</script>`);
  };
  const listen = (wanted) =>
    new Promise((resolve) => {
      const server = createServer(answer).listen(wanted, "127.0.0.1", () => resolve(server));
    });
  return [await listen(Number(port)), await listen(0)];
}

async function checkCalls(context, known, unknown) {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${known.address().port}/`);
  for (const [name, holds, seen] of await page.evaluate(([to, as]) => run(to, as), [base, key])) {
    check(name, holds, seen);
  }
  await page.goto(`http://127.0.0.1:${unknown.address().port}/`);
  const blocked = await page.evaluate(([to, as]) => run(to, as).then(() => "", String), [base, key]);
  check("a page of an unknown origin is kept out", blocked.includes("Failed to fetch"), blocked);
  await page.close();
}

/** Opens a documentation page; counts what it asks for, and what its policy keeps it from doing. */
async function checkDocs(context, path, text) {
  const page = await context.newPage();
  const [foreign, complaints] = [[], []];
  page.on("requestfinished", (request) => {
    if (!request.url().startsWith(`${base}/`) && !/^(data|blob):/.test(request.url())) foreign.push(request.url());
  });
  page.on("console", (message) => {
    // ReDoc asks for a logo of its maker, which the page's policy keeps it from loading: that is the policy at work.
    const isLogo = message.text().includes("https://cdn.redoc.ly/redoc/logo-mini");
    if (message.type() === "error" && !isLogo) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(base + path);
  const shown = await page.getByText(text).first().waitFor({ timeout: 30_000 }).then(() => true, () => false);
  check(`${path} shows the document`, shown, complaints.join("\n     | "));
  await page.waitForLoadState("networkidle");
  check(`${path} loads nothing from elsewhere`, foreign.length === 0, foreign);
  check(`${path} runs without complaints`, complaints.length === 0, complaints.join("\n     | "));
  await page.close();
}

const profile = await mkdtemp(join(tmpdir(), "tradepost-browser-"));
const servers = await servePages();
let context;
try {
  context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  await checkCalls(context, ...servers);
  await checkDocs(context, "/docs", "/v1/orders/{order_id}");
  await checkDocs(context, "/redoc", "CustomerService");
} catch (error) {
  check("runs to its end", false, String(error?.stack ?? error));
} finally {
  await context?.close();
  servers.forEach((server) => server.close());
  await rm(profile, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;
