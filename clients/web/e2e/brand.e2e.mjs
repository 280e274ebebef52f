import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, choose, eventually, newPaidAccount, openPage } from "./harness.mjs";
import { previewShows } from "./make_steps.mjs";
import { photo } from "./pictures.mjs";

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

  await t.test("it is changed, used and deleted", async () => {
    await page.getByRole("link", { name: "Edit Loud harbour" }).click();
    await page.getByLabel("When to use it").fill("For storms");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Version 2").waitFor();
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
