import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, choose, eventually, newCredentials, openPage } from "./harness.mjs";
import { covers, openTool, previewPixels, previewShows } from "./make_steps.mjs";
import { download } from "./pictures.mjs";

const TITLE = "How a quiet harbour town learned to love the rain";

/** Notes every title the preview shows and every stage the progress tells. */
function watchTheScreen(page) {
  return page.addInitScript(() => {
    window.seen = { titles: [], stages: [], percents: [] };
    const note = (list, value) => value && list.at(-1) !== value && list.push(value);
    new MutationObserver(() => {
      note(window.seen.titles, document.querySelector("[data-testid=preview]")?.dataset.title);
      note(window.seen.stages, document.querySelector("[data-testid=stage]")?.textContent);
      note(window.seen.percents, document.querySelector("[role=progressbar]")?.ariaValueNow);
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
}

const quotaLeft = async (page) => Number.parseInt(await page.getByTestId("quota").innerText(), 10);

test("somebody signs up, makes covers, downloads, exports and signs out", async (t) => {
  const page = await openPage();
  await watchTheScreen(page);
  const account = newCredentials();

  await t.test("an account is opened", async () => {
    await page.goto("/");
    await page.waitForURL("**/sign-in");
    await page.getByRole("link", { name: "Create account" }).click();
    await page.getByLabel("Your name").fill(account.displayName);
    await page.getByLabel("E-mail").fill(account.email);
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Use at least 10 characters.").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(account.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByTestId("preview").locator("img").waitFor();
  });

  await t.test("the preview follows the typing", async () => {
    const before = await previewPixels(page);
    await page.getByLabel("Title", { exact: true }).pressSequentially(TITLE, { delay: 70 });
    await previewShows(page, { title: TITLE, preset: "youtube" });
    const { titles } = await page.evaluate(() => window.seen);
    const onTheWay = titles.filter((title) => title !== TITLE && TITLE.startsWith(title));
    assert.ok(onTheWay.length >= 3, `pictures came while typing: ${JSON.stringify(titles)}`);
    const after = await previewPixels(page);
    assert.deepEqual([after.width, after.height], [1280, 720]);
    assert.notEqual(after.sum, before.sum);
    await page.getByTestId("latency").getByText(/^\d+ ms$/).waitFor();
  });

  await t.test("palette, seed and shown size change the picture", async () => {
    const first = await previewPixels(page);
    await openTool(page, "Style");
    const palettes = page.getByRole("group", { name: "Palette" }).getByRole("radio");
    await choose(palettes.nth(1));
    await eventually("another palette", async () => (await previewPixels(page)).sum !== first.sum);
    const second = await previewPixels(page);
    await page.getByRole("button", { name: "Shuffle" }).click();
    await eventually("another arrangement", async () => (await previewPixels(page)).sum !== second.sum);
    await choose(page.getByRole("radio", { name: "Instagram square" }));
    await previewShows(page, { preset: "instagram_square" });
    const square = await previewPixels(page);
    assert.equal(square.width, square.height);
  });

  await t.test("the covers come over a server stream", async () => {
    const left = await quotaLeft(page);
    await openTool(page, "Sizes");
    await choose(page.getByRole("checkbox", { name: /^Link preview/ }));
    await choose(page.getByRole("checkbox", { name: /^Story/ }));
    const stream = page.waitForResponse((answer) => answer.url().endsWith("CoverService/WatchTask"));
    await page.getByRole("button", { name: "Generate" }).click();
    assert.match((await stream).headers()["content-type"], /^application\/grpc-web/);
    await covers(page);
    const { stages, percents } = await page.evaluate(() => window.seen);
    assert.ok(stages.length > 0, "a stage was told");
    assert.deepEqual(percents, [...percents].sort((a, b) => a - b), "progress never falls");
    await eventually("the quota to be counted", async () => (await quotaLeft(page)) === left - 1);
  });

  await t.test("each size downloads in its own pixels", async () => {
    const wanted = { youtube: [1280, 720], open_graph: [1200, 630], instagram_square: [1080, 1080] };
    for (const [preset, size] of Object.entries(wanted)) {
      const file = await download(page, page.getByTestId(`download-${preset}-png`));
      assert.deepEqual([file.format, file.width, file.height], ["png", ...size]);
      assert.match(file.name, /^how-a-quiet-harbour-town.*\.png$/);
    }
    assert.equal(await page.getByTestId("download-story-png").count(), 0);
  });

  await t.test("the library holds the cover and exports it as JPEG", async () => {
    await page.getByRole("link", { name: "Library", exact: true }).click();
    await page.getByTestId("covers").getByRole("link", { name: TITLE }).click();
    await page.getByRole("heading", { level: 1, name: TITLE }).waitFor();
    await page.getByRole("button", { name: "Export another size" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Size").selectOption("pinterest");
    await choose(dialog.getByRole("radio", { name: "JPEG" }));
    await dialog.getByRole("button", { name: "Export", exact: true }).click();
    const file = await download(page, dialog.getByTestId("export-download"));
    assert.deepEqual([file.format, file.width, file.height], ["jpeg", 1000, 1500]);
    await page.keyboard.press("Escape");
  });

  await t.test("a design can be used again", async () => {
    await page.getByRole("button", { name: "Use this design again" }).click();
    await previewShows(page, { title: TITLE });
  });

  await t.test("signing out ends it", async () => {
    await page.getByRole("button", { name: "Account menu" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.waitForURL("**/sign-in");
    await page.goto("/library");
    await page.waitForURL("**/sign-in?next=%2Flibrary");
    assert.equal(await page.evaluate(() => document.cookie), "");
  });

  assertNoFaults(page);
  await page.context().close();
});
