import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, newAccount, openPage } from "./harness.mjs";
import { makeCover, openMake, openTool, previewShows } from "./make_steps.mjs";

/** What axe finds on the page as it stands. */
async function assertAccessible(page, where) {
  await page.evaluate(() => document.fonts.ready);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} (${node.failureSummary})`).join("; ")}`);
  assert.deepEqual(told, [], `at ${where}`);
}

/** Pages, and a heading that tells that each is there. */
const PAGES = [
  ["/account", "Profile"],
  ["/account/security", "Passkeys"],
  ["/account/photos", "Your photos"],
  ["/account/history", "What became of your work"],
  ["/account/keys", "API keys"],
  ["/account/data", "Delete your account"],
  ["/brand", "Brand kits"],
  ["/bulk", "Bulk"],
];

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on any page in ${colorScheme}`, async (t) => {
    const account = await newAccount();
    const stranger = await openPage({ colorScheme });
    const page = await openPage({ account, colorScheme });
    const check = (where, of = page) => t.test(where, () => assertAccessible(of, where));

    await stranger.goto("/sign-in");
    await stranger.getByRole("heading", { level: 1 }).waitFor();
    await check("sign-in", stranger);
    await stranger.goto("/sign-up");
    await stranger.getByRole("button", { name: "Create account" }).click();
    await stranger.getByText("Enter a name.").waitFor();
    await check("sign-up with errors", stranger);

    await page.goto("/library");
    await page.getByText("Your covers will hang here").waitFor();
    await check("an empty library");
    await openMake(page);
    await check("Make");
    for (const tool of ["Style", "Photo", "Sizes", "Template"]) {
      await openTool(page, tool);
      await page.waitForLoadState("networkidle");
      await check(`the tab ${tool}`);
    }
    await page.getByRole("button", { name: "Ideas", exact: true }).click();
    await page.getByLabel("What is it about?").waitFor();
    await check("title ideas");
    await page.getByRole("button", { name: "Generate" }).click();
    await page.getByText("Give your cover a title first.").waitFor();
    await check("Make with an error");
    await choose(page.locator("input[name=template][value=retro]"));
    await page.getByText("is a premium template").waitFor();
    await check("Make with a premium template");
    await page.getByRole("button", { name: "Choose a free template" }).click();
    await page.getByLabel("Title", { exact: true }).fill("Seen by everyone");
    await previewShows(page, { title: "Seen by everyone" });
    await makeCover(page, "Seen by everyone");
    await check("the results");

    await page.goto("/library");
    await page.getByTestId("covers").getByRole("link").first().waitFor();
    await check("the library");
    await page.getByTestId("covers").getByRole("link").first().click();
    await page.getByRole("button", { name: "Export another size" }).click();
    await choose(page.getByRole("dialog").getByRole("radio", { name: "JPEG" }));
    await check("the export dialog");
    await page.getByRole("dialog").getByRole("button", { name: "Export", exact: true }).click();
    await page.getByTestId("export-download").waitFor();
    await check("a finished export");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await check("a cover");

    for (const [path, heading] of PAGES) {
      await page.goto(path);
      await page.getByRole("heading", { name: heading, exact: true }).waitFor();
      await page.waitForLoadState("networkidle");
      await check(path);
    }
    await page.getByRole("button", { name: "Account menu" }).click();
    await page.getByRole("menu").waitFor();
    await check("the account menu");
    await page.keyboard.press("Escape");
    await page.goto("/nowhere");
    await page.getByRole("heading", { name: "Nothing here" }).waitFor();
    await check("an unknown address");
    await Promise.all([page.context().close(), stranger.context().close()]);
  });
}
