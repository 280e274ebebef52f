import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, choose, eventually, newAccount, openPage } from "./harness.mjs";
import { makeCover } from "./make_steps.mjs";

test("the library is searched, marked, added to and cleared", async (t) => {
  const page = await openPage({ account: await newAccount() });
  const items = page.getByTestId("covers").getByRole("listitem");
  for (const title of ["A lighthouse in winter", "Bread for beginners"]) await makeCover(page, title);

  await t.test("words and favourites narrow it", async () => {
    await page.getByRole("link", { name: "Library", exact: true }).click();
    await eventually("two covers", async () => (await items.count()) === 2);
    await page.getByRole("searchbox", { name: "Search your covers" }).fill("bread");
    await eventually("one cover", async () => (await items.count()) === 1);
    await page.getByRole("button", { name: "Mark Bread for beginners as a favourite" }).click();
    await page.getByRole("button", { name: "Take Bread for beginners out of the favourites" }).waitFor();
    await page.getByRole("searchbox").fill("nowhere to be found");
    await page.getByText("Nothing matches").waitFor();
    await page.getByRole("button", { name: "Show all covers" }).click();
    await eventually("both again", async () => (await items.count()) === 2);
    await choose(page.getByRole("checkbox", { name: "Favourites" }));
    await eventually("the favourite alone", async () => (await items.count()) === 1);
    await choose(page.getByRole("checkbox", { name: "Favourites" }));
    await page.getByRole("combobox", { name: "Order" }).selectOption("title");
    await eventually("the order of titles", async () => (await items.first().innerText()).startsWith("A lighthouse"));
  });

  await t.test("another variant is made of a cover, and its history told", async () => {
    await page.getByRole("link", { name: "A lighthouse in winter" }).click();
    await page.getByTestId("history").getByText("Painted and set").waitFor();
    const first = page.url();
    await page.getByRole("button", { name: "Make another variant" }).click();
    await page.getByTestId("toast").getByRole("button", { name: "Show it" }).click({ timeout: 60_000 });
    await eventually("the new cover’s page", () => page.url() !== first);
    await page.getByRole("heading", { level: 1, name: "A lighthouse in winter" }).waitFor();
    await eventually("the quota to be counted", async () => (await page.getByTestId("quota").innerText()).startsWith("47 "));
  });

  await t.test("a cover is deleted after a question", async () => {
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    const question = page.getByRole("alertdialog");
    await question.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("heading", { level: 1, name: "A lighthouse in winter" }).waitFor();
    const gone = page.url();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await question.getByRole("button", { name: "Delete" }).click();
    await page.waitForURL("**/library");
    await eventually("two covers left", async () => (await items.count()) === 2);
    await page.goto(gone);
    await page.getByText("This cover is not here").waitFor();
  });

  assert.deepEqual(page.faults.filter((fault) => !/404/.test(fault)), []);
  await page.context().close();
});

test("a design is used again with everything it was made of", async () => {
  const page = await openPage({ account: await newAccount() });
  await page.goto("/");
  await page.getByTestId("preview").locator("img").waitFor();
  await page.getByLabel("Kicker").fill("Part two");
  await makeCover(page, "Made once more");
  await page.getByRole("link", { name: "Open in library" }).click();
  await page.getByText("Part two").waitFor();
  await page.evaluate(() => localStorage.removeItem("covergen.draft"));
  await page.getByRole("button", { name: "Use this design again" }).click();
  await eventually("the kicker in the preview", async () => (await page.getByTestId("preview").getAttribute("data-kicker")) === "Part two");
  assertNoFaults(page);
  await page.context().close();
});
