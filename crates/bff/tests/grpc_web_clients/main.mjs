// Drives one gRPC-web client in Chromium against a BFF:
//
//   node main.mjs CLIENT BACKEND
//
// CLIENT names a page (connect, grpc_web, protobuf_ts), BACKEND the cases (echo,
// platform). It serves the page from two origins and prints them as a line of
// JSON, then reads one: where the BFF is, and what the cases need to know.
import { createServer } from "node:http";
import { after } from "node:test";
import { createInterface } from "node:readline/promises";
import { chromium } from "playwright-core";
import { bundle } from "./bundle.mjs";

const [client, backend] = process.argv.slice(2);
/** Generations on a busy machine take long. */
const LONGEST_CALL_MS = 60_000;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hear = async () => JSON.parse((await lines.next()).value);

const sources = await hear();
const script = await bundle({ client, backend, ...sources });
const servers = [await serve(script), await serve(script)];
const [allowed, foreign] = servers.map((server) => `http://127.0.0.1:${server.address().port}`);
console.log(JSON.stringify({ allowed, foreign }));
const world = await hear();
process.stdin.destroy();

const browser = await chromium.launch({
  executablePath: process.env.COVERGEN_TEST_CHROMIUM || "/usr/bin/chromium",
  args: FLAGS,
});
const pages = { allowed: await open(allowed), foreign: await open(foreign) };
after(async () => {
  await browser.close();
  for (const server of servers) server.close();
});

const { cases } = await import(`./cases/${backend}.mjs`);
cases({
  client,
  ...world,
  /** Makes a call on the page of an origin that the BFF allows, or of another. */
  call: (call, origin = "allowed") =>
    within(
      LONGEST_CALL_MS,
      pages[origin].evaluate((call) => window.run(call), {
        base: world.bff,
        streams: false,
        text: false,
        headers: {},
        request: {},
        ...call,
      }),
    ),
});

async function within(limitMs, work) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error("the client never tells the end of the call")), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function serve(script) {
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    response.end(isScript ? script : "<!doctype html><title>client</title><script src=/page.js></script>");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

async function open(origin) {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForFunction(() => typeof window.run === "function");
  return page;
}
