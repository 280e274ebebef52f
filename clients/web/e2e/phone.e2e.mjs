import assert from "node:assert/strict";
import { test } from "node:test";
import { adminAccount, newAccount, openPage } from "./harness.mjs";
import { covers, openTool, previewShows } from "./make_steps.mjs";
import { download } from "./pictures.mjs";

const PAGES = [
  "/",
  "/library",
  "/bulk",
  "/brand",
  "/account",
  "/account/security",
  "/account/photos",
  "/account/history",
  "/account/keys",
  "/account/data",
  "/nowhere",
];

/** Elements that stick out at the right, and how wide the page became. */
function overflow(page) {
  // A phone widens its window for what does not fit, so the screen counts.
  return page.evaluate((width) => ({
    wider: document.documentElement.scrollWidth - width,
    offenders: [...document.querySelectorAll("body *")]
      .filter((element) => !element.closest(".hidden") && element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName}.${element.className}`),
  }), page.viewportSize().width);
}

for (const [width, height] of [
  [320, 640],
  [390, 844],
]) {
  test(`a phone of ${width} px makes a cover and nothing scrolls sideways`, async () => {
    const account = await newAccount();
    const phone = { viewport: { width, height }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
    const page = await openPage(phone);
    const fits = async (where) => {
      const { wider, offenders } = await overflow(page);
      assert.ok(wider <= 0, `${where} is ${wider} px too wide: ${offenders.join(", ")}`);
    };

    for (const path of ["/sign-in", "/sign-up", "/forgot-password", "/reset-password", "/verify-email"]) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await fits(path);
    }
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(account.email);
    await page.getByLabel("Password", { exact: true }).fill(account.password);
    await page.getByRole("button", { name: "Sign in" }).tap();
    await page.getByTestId("preview").locator("img").waitFor();
    await page.getByLabel("Title", { exact: true }).fill("A title with Donaudampfschifffahrtsgesellschaftskapitän in it");
    await previewShows(page, { title: "A title with Donaudampfschifffahrtsgesellschaftskapitän in it" });
    await fits("Make with a long word");
    for (const tool of ["Style", "Photo", "Sizes"]) {
      await openTool(page, tool);
      await page.waitForLoadState("networkidle");
      await fits(tool);
    }
    await page.getByRole("button", { name: "Generate" }).tap();
    await covers(page);
    await fits("the results");
    const file = await download(page, page.getByTestId("download-story-png"));
    assert.deepEqual([file.width, file.height], [1080, 1920]);

    for (const path of PAGES) {
      await page.goto(path);
      await page.getByRole("heading").first().waitFor();
      await page.waitForLoadState("networkidle");
      await fits(path);
    }
    await page.goto("/library");
    await page.getByTestId("covers").getByRole("link").first().tap();
    await page.getByRole("button", { name: "Export another size" }).tap();
    await page.getByRole("dialog").waitFor();
    await fits("the export dialog");
    await page.context().close();
  });
}

test("operators’ pages fit a phone", async () => {
  const page = await openPage({ account: adminAccount(), viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  for (const path of ["/admin", "/admin/safety", "/admin/rules", "/admin/users", "/admin/mesh"]) {
    await page.goto(path);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    await page.waitForLoadState("networkidle");
    // Tables scroll by themselves.
    const wider = await page.evaluate((width) => document.documentElement.scrollWidth - width, page.viewportSize().width);
    assert.ok(wider <= 0, `${path} is ${wider} px too wide`);
  }
  await page.goto("/admin/rules");
  await page.getByRole("button", { name: "New rule" }).tap();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  assert.ok(await dialog.evaluate((box) => box.scrollWidth <= box.clientWidth), "the form scrolls one way only");
  await page.context().close();
});
