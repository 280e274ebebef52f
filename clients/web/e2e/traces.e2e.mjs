import assert from "node:assert/strict";
import { test } from "node:test";
import { newAccount, openPage } from "./harness.mjs";
import { makeCover } from "./make_steps.mjs";

const PLACE = /^00-(?<trace>[0-9a-f]{32})-(?<span>[0-9a-f]{16})-01$/;

test("every call bears a trace, and one click's calls share theirs", async () => {
  const page = await openPage({ account: await newAccount() });
  const calls = [];
  page.on("request", (request) => {
    const call = /covergen\.\w+\.v1\.\w+\/(\w+)$/.exec(request.url());
    if (call) calls.push({ name: call[1], ...PLACE.exec(request.headers().traceparent ?? "")?.groups });
  });
  await makeCover(page, "Followed all the way");
  assert.ok(calls.length > 3, JSON.stringify(calls));
  for (const call of calls) assert.ok(call.trace && call.span, JSON.stringify(call));
  const spans = new Set(calls.map((call) => call.span));
  assert.equal(spans.size, calls.length, "each call has a span of its own");
  const of = (name) => calls.find((call) => call.name === name)?.trace;
  assert.ok(of("Generate"));
  assert.equal(of("WatchTask"), of("Generate"), "the click that asks and what it watches");
  assert.notEqual(of("Generate"), calls[0].trace, "another action, another trace");
  await page.context().close();
});
