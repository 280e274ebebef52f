import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { assertNoFaults, BASE, controlled, newAccount, openPhone } from "./harness.mjs";

/** The page's script before anything is touched may weigh this much. */
const MAX_SCRIPT_BYTES = 100 * 1024;

/** Width and height of a PNG file, from its header. */
function pngSize(bytes) {
  assert.equal(bytes.subarray(1, 4).toString("latin1"), "PNG");
  return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
}

test("the app can be installed", async (t) => {
  const phone = await openPhone();
  const { page } = phone;
  await page.goto("/");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await controlled(page);

  await t.test("Chromium finds nothing that stands in the way", async () => {
    const session = await phone.context.newCDPSession(page);
    const { errors } = await session.send("Page.getAppManifest");
    assert.deepEqual(errors, []);
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    // Profiles of tests are private ones, in which nothing is installed.
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"), []);
  });

  await t.test("the manifest’s icons load in the sizes it tells", async () => {
    const link = await page.locator("link[rel=manifest]").getAttribute("href");
    const answer = await fetch(new URL(link, BASE));
    assert.match(answer.headers.get("content-type"), /^application\/manifest\+json/);
    const manifest = await answer.json();
    assert.equal(manifest.display, "standalone");
    for (const { src, sizes } of manifest.icons) {
      const icon = await fetch(new URL(src, BASE));
      assert.equal(icon.status, 200, src);
      assert.equal(pngSize(Buffer.from(await icon.arrayBuffer())), sizes, src);
    }
    const purposes = manifest.icons.map(({ purpose }) => purpose);
    assert.ok(purposes.includes("maskable") && purposes.includes("any"), String(purposes));
    const touch = await page.locator("link[rel=apple-touch-icon]").getAttribute("href");
    assert.equal(pngSize(Buffer.from(await (await fetch(new URL(touch, BASE))).arrayBuffer())), "180x180");
  });

  await t.test("the service worker keeps every file of the shell", async () => {
    const kept = await page.evaluate(async () => {
      const [name] = (await caches.keys()).filter((key) => key.startsWith("covergen-shell-"));
      return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
    });
    assert.ok(kept.includes("/index.html") && kept.includes("/boot.js"), String(kept));
    assert.ok(kept.some((path) => /^\/assets\/index-.+\.js$/.test(path)), String(kept));
    assert.ok(!kept.some((path) => path.startsWith("/m/")), "no answer of the API is kept");
  });

  assertNoFaults(phone);
  await phone.close();
});

test("the first script is light", async () => {
  const phone = await openPhone({ account: await newAccount(), serviceWorkers: "block" });
  const scripts = new Set();
  phone.page.on("request", (request) => {
    if (request.resourceType() === "script") scripts.add(new URL(request.url()).pathname);
  });
  await phone.page.goto("/");
  await phone.page.getByTestId("preview").locator("img").waitFor();
  const weigh = async (path) => {
    const script = await fetch(new URL(path, BASE));
    return [path, gzipSync(Buffer.from(await script.arrayBuffer())).length];
  };
  const weights = await Promise.all([...scripts].map(weigh));
  const total = weights.reduce((sum, [, bytes]) => sum + bytes, 0);
  assert.ok(total > 10_000 && total <= MAX_SCRIPT_BYTES, JSON.stringify(weights));
  await phone.close();
});
