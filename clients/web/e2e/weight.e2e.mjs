import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { newAccount, openPage } from "./harness.mjs";
import { openMake } from "./make_steps.mjs";

const SCRIPT_LIMIT_BYTES = 200 * 1024;

test("the main screen needs at most 200 KiB of script", async () => {
  const page = await openPage({ account: await newAccount() });
  const scripts = [];
  page.on("response", (answer) => {
    if (answer.request().resourceType() === "script") scripts.push(answer);
  });
  await openMake(page);
  await page.waitForLoadState("networkidle");
  const bodies = await Promise.all(scripts.map((answer) => answer.body()));
  const total = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
  assert.ok(total > 0 && total <= SCRIPT_LIMIT_BYTES, `${total} bytes of gzipped script`);
  const hashed = scripts.filter((answer) => answer.url().includes("/assets/"));
  assert.ok(hashed.length > 0);
  for (const answer of hashed) assert.match(answer.headers()["cache-control"] ?? "", /immutable/, answer.url());
  await page.context().close();
});
