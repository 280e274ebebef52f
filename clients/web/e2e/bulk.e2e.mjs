import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assertNoFaults, choose, eventually, newAccount, newPaidAccount, openPage } from "./harness.mjs";
import { tabTo } from "./keys.mjs";
import { sizeOf } from "./pictures.mjs";
import { entriesOf } from "./zip.mjs";

const ROWS = 50;
const csv = ["title,subtitle,reference", ...Array.from({ length: ROWS }, (_, at) => `"Harbour, morning ${at + 1}",Tide ${at + 1},SKU-${at + 1}`)].join("\n");

/** Notes every state of the progress bar. */
function watchTheBar(page) {
  return page.addInitScript(() => {
    window.percents = [];
    new MutationObserver(() => {
      const now = document.querySelector("[data-testid=bulk] [role=progressbar]")?.ariaValueNow;
      if (now && window.percents.at(-1) !== now) window.percents.push(now);
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
}

/** Waits for the end of the bulk on the page. */
function ended(page) {
  return eventually("the end of the bulk", async () => {
    const status = await page.getByTestId("bulk").getAttribute("data-status");
    assert.notEqual(status, "FAILED");
    return status === "SUCCEEDED";
  }, 120_000);
}

test("fifty rows become fifty covers, with progress, results and a ZIP", async (t) => {
  const page = await openPage({ account: await newPaidAccount("PRO_PLUS") });
  await watchTheBar(page);

  await t.test("what is wrong is told row by row", async () => {
    await page.goto("/bulk");
    await page.getByLabel("Rows as CSV").fill(`title,subtitle\nfine,x\n,no title here\n${"x".repeat(121)},too long\n`);
    const problems = page.getByTestId("problems").getByRole("row");
    await eventually("two rows of problems", async () => (await problems.count()) === 3);
    assert.match(await problems.nth(1).innerText(), /2\s+The title is empty/);
    assert.match(await problems.nth(2).innerText(), /3\s+The title has more than 120/);
    assert.ok(await page.getByRole("button", { name: "Make the covers" }).isDisabled());
  });

  await t.test("what only the server knows is told the same way", async () => {
    await page.getByLabel("Rows as CSV").fill("title,template_id\nfine,swiss\nnot so,no-such-template\n");
    await page.getByRole("button", { name: "Make the covers" }).click();
    const problems = page.getByTestId("problems").getByRole("row");
    await problems.nth(1).waitFor();
    assert.match(await problems.nth(1).innerText(), /^2\s+/);
  });

  await t.test("a file of rows is read, and the bar follows", async () => {
    await page.getByTestId("csv-file").setInputFiles({ name: "rows.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByText("Costs 50 covers of your plan.").waitFor();
    assert.equal(await page.getByTestId("rows-preview").getByRole("row").count(), 6);
    await page.getByLabel("Name of this bulk").fill("Fifty mornings");
    await choose(page.getByRole("checkbox", { name: "Thumbnail", exact: true }));
    await choose(page.getByRole("checkbox", { name: "YouTube thumbnail" }));
    await page.getByRole("button", { name: "Make the covers" }).click();
    await page.waitForURL("**/bulk/*");
    await ended(page);
    const percents = (await page.evaluate(() => window.percents)).map(Number);
    assert.ok(percents.length >= 3, `the bar moved: ${percents}`);
    assert.deepEqual(percents, [...percents].sort((a, b) => a - b), "it never falls");
    await page.getByText("50 of 50 rows done").first().waitFor();
  });

  await t.test("every row leads to its cover", async () => {
    const rows = page.getByTestId("bulk-rows").getByRole("row");
    await eventually("all rows", async () => (await rows.count()) === ROWS + 1);
    const row = rows.nth(1);
    await eventually("the first row’s cover", async () => (await row.getByRole("link").count()) === 1);
    assert.match(await row.innerText(), /Harbour, morning 1\s+SKU-1\s+Done/);
  });

  await t.test("all covers come in one ZIP", async () => {
    await page.getByRole("button", { name: "Download ZIP" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: /^Make the ZIP · 50 files$/ }).click();
    const link = dialog.getByTestId("pack-download");
    await link.waitFor({ timeout: 120_000 });
    const [arrived] = await Promise.all([page.waitForEvent("download"), link.click()]);
    const entries = entriesOf(readFileSync(await arrived.path()));
    assert.equal(entries.length, ROWS);
    for (const { bytes } of entries) assert.deepEqual(sizeOf(bytes), { format: "png", width: 320, height: 180 });
  });

  assertNoFaults(page);
  await page.context().close();
});

test("a bulk is started with the keyboard alone", async () => {
  const page = await openPage({ account: await newPaidAccount("PRO_PLUS") });
  await page.goto("/bulk");
  await page.getByLabel("Rows as CSV").waitFor();
  await tabTo(page, "the rows", () => document.activeElement?.tagName === "TEXTAREA");
  await page.keyboard.insertText("title\nBy hand\nWithout a mouse\n");
  await tabTo(page, "the button", () => document.activeElement?.textContent?.trim() === "Make the covers");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/bulk/*");
  await ended(page);
  await tabTo(page, "the first row’s cover", () => document.activeElement?.textContent?.trim() === "By hand");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "By hand" }).waitFor();
  await page.context().close();
});

test("bulk is explained on the free plan", async () => {
  const page = await openPage({ account: await newAccount() });
  await page.goto("/bulk");
  await page.getByText("Bulk comes with the Pro Plus plan").waitFor();
  await page.getByLabel("Rows as CSV").fill("title\nOne\n");
  assert.ok(await page.getByRole("button", { name: "Make the covers" }).isDisabled());
  await page.context().close();
});
