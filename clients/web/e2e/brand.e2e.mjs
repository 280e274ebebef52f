import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assertNoFaults, choose, eventually, newPaidAccount, openPage } from "./harness.mjs";
import { previewShows } from "./make_steps.mjs";
import { photo } from "./pictures.mjs";

async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), []);
}

test("a brand kit and a template of one’s own dress a cover", async (t) => {
  const page = await openPage({ account: await newPaidAccount("PRO_PLUS") });

  await t.test("a kit with a logo is made", async () => {
    await page.goto("/brand");
    await page.getByText("No brand kit yet").waitFor();
    await page.getByRole("button", { name: "New brand kit" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Quiet Harbour");
    await dialog.getByLabel("Ground", { exact: true }).fill("#0e2a33");
    await dialog.getByRole("combobox", { name: "Heading typeface" }).selectOption({ index: 2 });
    await dialog.locator("input[type=file]").setInputFiles({ name: "logo.png", mimeType: "image/png", buffer: photo(200, 120) });
    await dialog.getByRole("img", { name: "Logo" }).waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByTestId("brand-kits").getByText("Quiet Harbour").waitFor();
  });

  await t.test("it is used for a cover", async () => {
    await page.getByRole("button", { name: "Make a cover with Quiet Harbour" }).click();
    await page.getByLabel("Title", { exact: true }).fill("In our colours");
    await previewShows(page, { title: "In our colours" });
    await page.getByRole("tab", { name: "Style" }).click();
    const kit = page.getByRole("combobox", { name: "Brand kit" });
    assert.equal(await kit.evaluate((select) => select.selectedOptions[0].textContent), "Quiet Harbour");
  });

  await t.test("a template is designed with a living picture", async () => {
    await page.goto("/brand");
    await page.getByRole("link", { name: "New template" }).click();
    const picture = page.getByTestId("design-preview");
    await picture.waitFor();
    const before = await picture.getAttribute("src");
    await choose(page.getByRole("radio", { name: "Capitals" }));
    await eventually("another picture", async () => (await picture.getAttribute("src")) !== before);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Give it a name.").waitFor();
    await page.getByLabel("Name").fill("Loud harbour");
    await page.getByRole("button", { name: "Save" }).click();
    await page.waitForURL("**/brand");
    await page.getByTestId("custom-templates").getByText("Loud harbour").waitFor();
  });

  await t.test("it is changed, and an earlier version comes back", async () => {
    await page.getByRole("link", { name: "Edit Loud harbour" }).click();
    await page.getByLabel("When to use it").fill("For storms");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Version 2 · For storms").waitFor();
    await page.getByRole("button", { name: "Versions of Loud harbour" }).click();
    const dialog = page.getByRole("dialog");
    const versions = dialog.getByTestId("template-versions").getByRole("listitem");
    await eventually("both versions", async () => (await versions.count()) === 2);
    await versions.first().getByText("In use").waitFor();
    await assertAccessible(page);
    await dialog.getByRole("button", { name: "Restore version 1" }).click();
    await page.getByText("Version 1 is back, as version 3.").waitFor();
    await eventually("three versions", async () => (await versions.count()) === 3);
    await page.keyboard.press("Escape");
    await page.getByText("Version 3", { exact: true }).waitFor();
  });

  await t.test("it goes out as a file and comes in again", async () => {
    const [arrived] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export Loud harbour" }).click()]);
    assert.equal(arrived.suggestedFilename(), "loud-harbour.covergen.json");
    const file = JSON.parse(readFileSync(await arrived.path(), "utf8"));
    assert.equal(file.template.name, "Loud harbour");
    const choose = (name, text) => page.getByTestId("import-file").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
    await choose("holiday.json", "{ not a template");
    await page.getByText("This is not a file of a template that was exported here.").waitFor();
    await choose("other.json", JSON.stringify({ ...file, formatVersion: 7 }));
    await page.getByRole("alert").getByText("formatVersion", { exact: false }).or(page.getByText("Must be one of 1.")).waitFor();
    await assertAccessible(page);
    await choose("foreign.covergen.json", JSON.stringify({ ...file, template: { ...file.template, name: "Foreign harbour" } }));
    await page.getByText("Foreign harbour is among your templates now.").waitFor();
    const cards = page.getByTestId("custom-templates");
    await cards.getByRole("heading", { name: "Foreign harbour" }).waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    await page.getByRole("button", { name: "Delete Foreign harbour" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await cards.getByRole("heading", { name: "Foreign harbour" }).waitFor({ state: "detached" });
  });

  await t.test("it is used and deleted", async () => {
    await page.getByRole("button", { name: "Make a cover with Loud harbour" }).click();
    await eventually("the own template in the preview", async () => {
      return (await page.getByTestId("preview").getAttribute("data-template"))?.startsWith("tpl_");
    });
    await page.goto("/brand");
    await page.getByRole("button", { name: "Delete Loud harbour" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("No template of your own yet").waitFor();
  });

  assertNoFaults(page);
  await page.context().close();
});
