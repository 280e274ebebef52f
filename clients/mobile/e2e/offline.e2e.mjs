import assert from "node:assert/strict";
import { test } from "node:test";
import { call, controlled, coversOf, eventually, generate, makeElsewhere, newAccount, openPhone, picture } from "./harness.mjs";
import { workerOf } from "./workers.mjs";

const TAG = "covergen.outbox";

const waiting = (page) => page.getByTestId("open").locator("[data-state=waiting]");

/** The one cover an account has, once it has it. */
async function theOnlyCover(account, title) {
  await eventually(`the cover “${title}”`, async () => (await coversOf(account)).length > 0);
  const { used, reserved } = await eventually("nothing to be under way", async () => {
    const quota = await call(account, "GET", "/users/me/quota");
    return quota.reserved === 0 && quota;
  });
  assert.deepEqual([used, reserved], [1, 0]);
  assert.deepEqual((await coversOf(account)).map((cover) => cover.title), [title]);
}

/** A phone that has the app, an account, and the form's choices. */
async function preparedPhone() {
  const account = await newAccount();
  const phone = await openPhone({ account });
  await phone.page.getByTestId("preview").locator("img").waitFor();
  await controlled(phone.page);
  return { account, phone, page: phone.page };
}

test("the app starts offline, with the covers that were seen", async () => {
  const account = await newAccount();
  await makeElsewhere(account, "Seen before");
  const phone = await openPhone({ account });
  const { page } = phone;
  await controlled(page);
  await page.getByRole("link", { name: "Library" }).click();
  const image = page.getByTestId("covers").getByRole("link", { name: "Seen before" }).locator("img");
  const isDrawn = () => image.evaluate((img) => img.complete && img.naturalWidth > 0);
  await eventually("the picture", isDrawn);
  await eventually("the picture to be kept", () =>
    page.evaluate(async () => (await (await caches.open("covergen-images")).keys()).some(({ url }) => url.includes("/i/"))),
  );
  await phone.goOffline();
  await page.reload();
  await page.getByText("You are offline.").waitFor();
  await eventually("the picture without a connection", isDrawn);
  await page.getByRole("link", { name: "Make" }).click();
  await page.getByText("The preview comes back with the connection.").waitFor();
  await eventually("the form’s choices", async () => (await page.locator("input[name=template]").count()) > 5);
  await phone.close();
});

test("a cover asked for offline waits, and is made once when the connection is back", async () => {
  const { account, phone, page } = await preparedPhone();
  await phone.goOffline();
  await generate(page, "Written in a tunnel");
  await waiting(page).getByText("Waiting for a connection").waitFor();
  await picture(page, "waiting");
  await page.reload();
  await waiting(page).getByText("Written in a tunnel").waitFor();
  assert.deepEqual(await coversOf(account), []);
  await phone.goOnline();
  await page.getByTestId("covers").getByRole("link", { name: "Written in a tunnel" }).waitFor({ timeout: 60_000 });
  await eventually("nothing to wait", async () => (await page.getByTestId("open").count()) === 0);
  await theOnlyCover(account, "Written in a tunnel");
  await phone.close();
});

test("it is made while the app is closed, by Background Sync", async () => {
  const { account, phone, page } = await preparedPhone();
  const origin = phone.network.url;
  await phone.goOffline();
  await generate(page, "Sent in my pocket");
  await waiting(page).waitFor();
  const tags = await page.evaluate(async () => (await navigator.serviceWorker.ready).sync.getTags());
  const elsewhere = await phone.context.newPage();
  const worker = await workerOf(elsewhere, origin);
  await page.close();
  await phone.goOnline();
  // The browser may have been faster than we are; once is once.
  // A browser wakes the worker again where a first time came to nothing.
  await eventually("the worker to have sent it", async () => {
    await worker.sync(TAG).catch(() => undefined);
    return (await coversOf(account)).length > 0;
  });
  await theOnlyCover(account, "Sent in my pocket");
  assert.deepEqual(tags, [TAG], "the browser was asked to wake the worker");
  await worker.sync(TAG);
  const again = await phone.newPage();
  await again.goto("/library");
  await again.getByTestId("covers").getByRole("link", { name: "Sent in my pocket" }).waitFor();
  await eventually("nothing to wait", async () => (await again.getByTestId("open").count()) === 0);
  await theOnlyCover(account, "Sent in my pocket");
  await phone.close();
});

test("it is made at the next start where there is no Background Sync", async () => {
  const account = await newAccount();
  const phone = await openPhone();
  await phone.context.addInitScript(() => delete ServiceWorkerRegistration.prototype.sync);
  const { page } = phone;
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByTestId("preview").locator("img").waitFor();
  await controlled(page);
  await phone.goOffline();
  await generate(page, "Kept over night");
  await waiting(page).waitFor();
  await page.close();
  await phone.goOnline();
  assert.deepEqual(await coversOf(account), []);
  const morning = await phone.newPage();
  await morning.goto("/library");
  await morning.getByTestId("covers").getByRole("link", { name: "Kept over night" }).waitFor({ timeout: 60_000 });
  await theOnlyCover(account, "Kept over night");
  await phone.close();
});

test("an answer that got lost makes nothing twice", async () => {
  const { account, phone, page } = await preparedPhone();
  const keys = [];
  let isLossy = true;
  await phone.context.route("**/m/v1/covers/generate", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (!isLossy) return route.continue();
    // The platform hears it; the phone never learns that it did.
    await route.fetch();
    await route.abort("connectionreset");
  });
  await generate(page, "Heard, not answered");
  await waiting(page).waitFor();
  await eventually("the platform to have heard it", async () => (await coversOf(account)).length > 0);
  isLossy = false;
  await page.getByRole("button", { name: "Refresh" }).click();
  await eventually("nothing to wait", async () => (await page.getByTestId("open").count()) === 0);
  assert.ok(keys.length >= 2 && new Set(keys).size === 1, JSON.stringify(keys));
  await theOnlyCover(account, "Heard, not answered");
  await phone.close();
});

test("several tabs and the worker send a wish once", async () => {
  const { account, phone, page } = await preparedPhone();
  let sent = 0;
  phone.context.on("request", (request) => {
    if (request.url().endsWith("/covers/generate")) sent += 1;
  });
  await phone.goOffline();
  await generate(page, "One of many");
  await waiting(page).waitFor();
  const tabs = [page, await phone.newPage(), await phone.newPage()];
  await Promise.all(tabs.slice(1).map((tab) => tab.goto("/library")));
  const worker = await workerOf(page, phone.network.url);
  sent = 0;
  await phone.goOnline();
  await worker.sync(TAG);
  await theOnlyCover(account, "One of many");
  await Promise.all(tabs.map((tab) => tab.getByTestId("covers").getByRole("link", { name: "One of many" }).waitFor({ timeout: 60_000 })));
  assert.equal(sent, 1);
  await phone.close();
});

test("a wish the platform refuses says why, and can be dismissed", async () => {
  const { account, phone, page } = await preparedPhone();
  await phone.goOffline();
  await generate(page, "I will kill you tonight");
  await waiting(page).waitFor();
  await phone.goOnline();
  const refused = page.getByTestId("open").locator("[data-state=refused]");
  await refused.getByText("This text cannot stand on a cover.").waitFor();
  await picture(page, "refused");
  await refused.getByRole("button", { name: /^Dismiss/ }).click();
  await refused.waitFor({ state: "detached" });
  assert.deepEqual(await coversOf(account), []);
  await phone.close();
});
