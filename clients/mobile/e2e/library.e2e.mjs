import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, call, eventually, makeElsewhere, newAccount, openPhone } from "./harness.mjs";

const covers = (page) => page.getByTestId("covers").getByRole("link");

/** What every delta brought, as the page heard it. */
function watchDeltas(page) {
  const deltas = [];
  page.on("response", async (response) => {
    const url = new URL(response.url());
    if (url.pathname !== "/m/v1/covers/changes" || !response.ok()) return;
    const body = await response.json().catch(() => undefined);
    if (body) deltas.push({ cursor: url.searchParams.get("cursor"), upserted: body.upserted.length, deleted: body.deletedIds.length });
  });
  return deltas;
}

/** A finger draws the page down from its top and lets go. */
async function pull(page) {
  const session = await page.context().newCDPSession(page);
  const touch = (type, y) => session.send("Input.dispatchTouchEvent", { type, touchPoints: y === undefined ? [] : [{ x: 195, y }] });
  await touch("touchStart", 120);
  for (let y = 140; y <= 380; y += 20) await touch("touchMove", y);
  await page.getByText("Release to refresh").waitFor();
  await touch("touchEnd");
}

test("the library follows other devices by deltas alone", async (t) => {
  const account = await newAccount();
  const [first, second] = [await makeElsewhere(account, "The first"), await makeElsewhere(account, "The second")];
  const phone = await openPhone({ account });
  const { page } = phone;
  const deltas = watchDeltas(page);

  await t.test("it begins with everything", async () => {
    await page.getByRole("link", { name: "Library" }).click();
    await page.getByText("2 covers", { exact: true }).waitFor();
    assert.deepEqual(await covers(page).allInnerTexts(), ["The second", "The first"]);
  });

  await t.test("a pull brings what is new, and nothing else", async () => {
    await makeElsewhere(account, "The third");
    await eventually("quiet", async () => (await page.locator("main").getAttribute("aria-busy")) === "false");
    deltas.length = 0;
    await pull(page);
    await covers(page).filter({ hasText: "The third" }).waitFor();
    const news = await eventually("the delta", () => deltas.find(({ upserted }) => upserted > 0));
    assert.ok(news.cursor, "it went on from a cursor");
    assert.equal(news.upserted, 1);
  });

  await t.test("marks and deletions come over", async () => {
    await call(account, "POST", `/covers/${first.id}/favorite`, {});
    await call(account, "DELETE", `/covers/${second.id}`);
    await page.getByRole("button", { name: "Refresh" }).click();
    await covers(page).filter({ hasText: "The second" }).waitFor({ state: "detached" });
    await covers(page).filter({ hasText: "The first" }).getByText("Favourite").waitFor({ state: "attached" });
    assert.deepEqual(await covers(page).count(), 2);
  });

  await t.test("a second start asks from where it left off", async () => {
    deltas.length = 0;
    await page.reload();
    await page.getByText("2 covers", { exact: true }).waitFor();
    const [delta] = await eventually("a delta", () => deltas.length > 0 && deltas);
    assert.ok(delta.cursor && delta.upserted === 0, JSON.stringify(delta));
  });

  assertNoFaults(phone);
  await phone.close();
});

test("the library comes although the home screen does not", async () => {
  const account = await newAccount();
  const phone = await openPhone({ account });
  const { page } = phone;
  await phone.context.route("**/m/v1/screens/home?*", (route) => route.fulfill({ status: 503 }));
  await page.getByRole("link", { name: "Library" }).click();
  await eventually("quiet", async () => (await page.locator("main").getAttribute("aria-busy")) === "false");
  await makeElsewhere(account, "Made meanwhile");
  await page.getByRole("button", { name: "Refresh" }).click();
  await covers(page).filter({ hasText: "Made meanwhile" }).waitFor();
  await phone.close();
});

test("a cursor that is too old begins anew and forgets what is gone", async () => {
  const account = await newAccount();
  const stays = await makeElsewhere(account, "It stays");
  const goes = await makeElsewhere(account, "It goes");
  const phone = await openPhone({ account });
  const { page } = phone;
  await page.getByRole("link", { name: "Library" }).click();
  await page.getByText("2 covers", { exact: true }).waitFor();
  await call(account, "DELETE", `/covers/${goes.id}`);
  let expired = 0;
  // Ninety days later the platform has forgotten what was deleted before them.
  await phone.context.route("**/m/v1/covers/changes?*cursor=*", (route) => {
    expired += 1;
    return route.fulfill({
      status: 410,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "Gone", status: 410, detail: "", code: "OUT_OF_RANGE", reason: "CURSOR_EXPIRED", requestId: "" }),
    });
  }, { times: 1 });
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByText("1 cover", { exact: true }).waitFor();
  assert.equal(expired, 1);
  assert.deepEqual(await covers(page).allInnerTexts(), [stays.title]);
  await phone.close();
});

test("pictures are as large as this phone shows them", async () => {
  const account = await newAccount();
  const { taskId } = await call(account, "POST", "/covers/generate", { title: "Sharp, not heavy", sizes: [{ preset: "x" }] });
  await eventually("the cover", async () => (await call(account, "GET", `/covers/tasks/${taskId}`)).status === "SUCCEEDED");
  const phone = await openPhone({ account, deviceScaleFactor: 2 });
  const { page } = phone;
  await page.getByRole("link", { name: "Library" }).click();
  const image = covers(page).first().locator("img");
  const { shown, natural, src } = await image.evaluate((img) =>
    img.decode().then(() => ({ shown: img.getBoundingClientRect().width * devicePixelRatio, natural: img.naturalWidth, src: img.currentSrc })),
  );
  assert.ok(natural >= shown && natural < 1600, `${natural} pixels for ${shown}`);
  assert.match(new URL(src).pathname, /^\/i\//);
  await covers(page).first().click();
  const large = page.getByRole("img", { name: /^Sharp, not heavy/ });
  await eventually("the picture for the whole screen", () =>
    large.evaluate((img) => img.complete && img.naturalWidth >= img.getBoundingClientRect().width * devicePixelRatio && img.naturalWidth < 1600),
  );
  await phone.close();
});
