import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, newAccount, openPage } from "./harness.mjs";
import { tabTo } from "./keys.mjs";
import { covers, previewShows, shown } from "./make_steps.mjs";

const byText = (text) => document.activeElement?.textContent?.trim() === text;
const byName = (name) => document.activeElement?.getAttribute("name") === name;

/** Every stop of the Tab key must be seen: a ring around it or its label. */
function focusIsVisible(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const places = [element, element.closest("label"), element.nextElementSibling].filter(Boolean);
    return places.some((place) => {
      const { boxShadow, outlineStyle } = getComputedStyle(place);
      return boxShadow !== "none" || outlineStyle !== "none";
    });
  });
}

test("covers are made and exported with the keyboard alone", async (t) => {
  const account = await newAccount();
  const page = await openPage();

  await t.test("signing in", async () => {
    await page.goto("/sign-in");
    await tabTo(page, "the e-mail", byName, "email");
    await page.keyboard.type(account.email);
    await tabTo(page, "the password", byName, "password");
    await page.keyboard.type(account.password);
    await page.keyboard.press("Enter");
    await page.getByTestId("preview").locator("img").waitFor();
  });

  await t.test("the first stop skips the bar", async () => {
    await page.reload();
    await page.getByTestId("preview").locator("img").waitFor();
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(byText, "Skip to content"));
    assert.ok(await page.getByRole("link", { name: "Skip to content" }).evaluate((link) => link.getBoundingClientRect().top >= 0));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.field), "title");
  });

  await t.test("title, template by arrows, generate by shortcut", async () => {
    await page.keyboard.type("Hands on the keys");
    await previewShows(page, { title: "Hands on the keys" });
    const { template } = await shown(page);
    await tabTo(page, "the templates", byName, "template");
    assert.ok(await focusIsVisible(page));
    await page.keyboard.press("ArrowDown");
    await eventually("another template", async () => (await shown(page)).template !== template);
    await tabTo(page, "the row of tabs", () => document.activeElement?.getAttribute("role") === "tab", undefined, "Shift+Tab");
    await page.keyboard.press("End");
    await tabTo(page, "the sizes", byName, "size");
    await page.keyboard.press("Control+Enter");
    await covers(page);
  });

  await t.test("every stop of the page can be seen", async () => {
    await page.evaluate(() => document.activeElement.blur());
    for (let stop = 0; stop < 30; stop += 1) {
      await page.keyboard.press("Tab");
      // After the last stop the browser's own bar has its turn.
      if (await page.evaluate(() => document.activeElement === document.body)) continue;
      const where = await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120));
      assert.ok(await focusIsVisible(page), `no ring around ${where}`);
    }
  });

  await t.test("a dialog keeps focus inside and gives it back", async () => {
    await page.goto("/library");
    await page.getByTestId("covers").getByRole("link").first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Hands on the keys" }).waitFor();
    await tabTo(page, "the export button", byText, "Export another size");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    for (let stop = 0; stop < 12; stop += 1) {
      await page.keyboard.press("Tab");
      assert.ok(await page.evaluate(() => document.activeElement.closest("[role=dialog]") !== null), "focus stays inside");
    }
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await eventually("focus to come back", () => page.evaluate(byText, "Export another size"));
  });

  await page.context().close();
});
