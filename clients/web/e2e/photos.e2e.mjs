import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, call, choose, eventually, newAccount, openPage } from "./harness.mjs";
import { tabTo } from "./keys.mjs";
import { openMake, openTool, previewShows } from "./make_steps.mjs";
import { photo } from "./pictures.mjs";
import { zipOf } from "./zip.mjs";

const file = (name, ...size) => ({ name, mimeType: "image/png", buffer: photo(...size) });
async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), []);
}

const usedBytes = async (account) => Number((await call(account, "GET", "/media")).storage.usedBytes);

test("photos are seen with the room they take, and deleted after a question", async (t) => {
  const account = await newAccount();
  const page = await openPage({ account });
  const cards = page.getByTestId("photos").getByRole("listitem");
  const input = page.locator("input[type=file]");

  await t.test("none at first, then two", async () => {
    await page.goto("/account/photos");
    await page.getByRole("heading", { name: "No photo yet" }).waitFor();
    await page.getByTestId("storage").getByText(/^0 of /).waitFor();
    for (const [at, upload] of [file("sunset.png"), file("harbour.png", 300, 500)].entries()) {
      await input.setInputFiles(upload);
      await eventually("the photo’s card", async () => (await cards.count()) === at + 1);
    }
    await page.getByTestId("storage").getByText(/^2 of /).waitFor();
    assert.match(await cards.first().innerText(), /harbour\.png\s+300 × 500 px/);
    await eventually("the pictures", () => cards.locator("img").evaluateAll((all) => all.every((img) => img.complete && img.naturalWidth > 0)));
    await assertAccessible(page);
  });

  await t.test("a photo that a design uses is deleted, and the design goes on without", async () => {
    await openMake(page);
    await page.getByLabel("Title", { exact: true }).fill("With the sun");
    await previewShows(page, { title: "With the sun" });
    await openTool(page, "Photo");
    await choose(page.getByRole("radio", { name: "sunset.png" }));
    const chosen = page.getByRole("radio", { checked: true, name: "sunset.png" });
    await chosen.waitFor({ state: "attached" });
    await page.goto("/account/photos");
    await page.getByRole("button", { name: "Delete sunset.png" }).click();
    const question = page.getByRole("alertdialog");
    await question.getByText("sunset.png is deleted for good.", { exact: false }).waitFor();
    await assertAccessible(page);
    await question.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await cards.count(), 2);
    const before = await usedBytes(account);
    await page.getByRole("button", { name: "Delete sunset.png" }).click();
    await question.getByRole("button", { name: "Delete" }).click();
    await eventually("the card to go", async () => (await cards.count()) === 1);
    assert.ok((await usedBytes(account)) < before, "its room is given back");
    await openMake(page);
    await previewShows(page, { title: "With the sun" });
    await openTool(page, "Photo");
    await page.getByRole("radio", { name: "harbour.png" }).waitFor({ state: "attached" });
    assert.equal(await page.getByRole("radio", { checked: true, name: /png$/ }).count(), 0);
  });

  await t.test("a ZIP becomes its photos, and what is none is told", async () => {
    await page.goto("/account/photos");
    await cards.first().waitFor();
    const [before, names] = [await cards.count(), ["one.png", "two.png"]];
    const files = names.map((name, at) => ({ name, bytes: photo(200 + at, 150) }));
    const archive = zipOf([...files, { name: "notes.txt", bytes: Buffer.from("what a day") }]);
    await input.setInputFiles({ name: "album.zip", mimeType: "application/zip", buffer: archive });
    await page.getByText("2 photos were added.").waitFor();
    await page.getByTestId("left-out").getByText(/^notes\.txt: /).waitFor();
    await eventually("a card for each", async () => (await cards.count()) === before + 2);
    await assertAccessible(page);
    for (const name of names) {
      await page.getByRole("button", { name: `Delete ${name}` }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
      await page.getByRole("button", { name: `Delete ${name}` }).waitFor({ state: "detached" });
    }
    await eventually("the others to stay", async () => (await cards.count()) === before);
  });

  await t.test("the keyboard does it, too", async () => {
    await page.goto("/account/photos");
    await cards.first().waitFor();
    await tabTo(page, "the button that deletes", () => document.activeElement?.getAttribute("aria-label") === "Delete harbour.png");
    await page.keyboard.press("Enter");
    await page.getByRole("alertdialog").waitFor();
    await tabTo(page, "the answer", () => document.activeElement?.textContent?.trim() === "Delete");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "No photo yet" }).waitFor();
    assert.equal(await usedBytes(account), 0);
  });

  assertNoFaults(page);
  await page.context().close();
});
