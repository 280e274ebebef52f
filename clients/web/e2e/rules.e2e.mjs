import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { adminAccount, assertNoFaults, call, choose, eventually, newAccount, openPage, signedInOperator } from "./harness.mjs";

async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), []);
}

test("a rule is tried, watched in shadow, enforced, brought back and retired", async (t) => {
  // Of this run alone, so that it never meets another test's titles.
  const word = `zub${randomUUID().replace(/[^a-z]/g, "").slice(0, 8)}lax`;
  const id = `house-${word}`;
  const page = await openPage({ account: adminAccount() });
  const dialog = page.getByRole("dialog");
  const row = page.getByTestId("rules").getByRole("row").filter({ hasText: id });
  const person = await newAccount();
  const generate = (title, expected) => call(person, "POST", "/covers/generate", { title, sizes: [{ preset: "thumbnail" }] }, expected);
  const ruleNow = async () => call(await signedInOperator(), "GET", `/safety/rules/${id}`);

  await t.test("a text is tried against the rules in force", async () => {
    await page.goto("/admin/safety");
    await page.getByRole("link", { name: "Rules", exact: true }).click();
    await page.getByLabel("Text to try").fill("A quiet morning");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText("No rule in force matches.").waitFor();
    await page.getByLabel("Text to try").fill("😀 I will kill you tonight");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByTestId("try-matches").getByRole("row").nth(1).waitFor();
    const marked = await page.getByTestId("marked").locator("mark").allInnerTexts();
    assert.ok(marked.join(" ").includes("kill you"), `${marked}`);
    assert.ok(!marked.join(" ").includes("😀"), "places are counted in code points");
    await assertAccessible(page);
  });

  await t.test("a new rule says what is missing, and its phrases are tried before it is saved", async () => {
    await page.getByRole("button", { name: "New rule" }).click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("Use lower-case words with dashes, at least 3 characters.").waitFor();
    await assertAccessible(page);
    await dialog.getByLabel("Id", { exact: true }).fill(id);
    await dialog.getByLabel("What it forbids").fill("A word that only a test knows.");
    await dialog.getByLabel("Category").fill("house_rules");
    await dialog.getByLabel("Phrases it looks for").fill(`(buy|sell) ${word}\n`);
    await dialog.getByRole("textbox", { name: "Text", exact: true }).fill(`Will you sell ${word} here?`);
    await page.keyboard.press("Enter");
    await dialog.getByTestId("marked").locator("mark").getByText(`sell ${word}`).waitFor();
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved as version 1.").waitFor();
    await row.getByText("In shadow").waitFor();
  });

  await t.test("in shadow it stops nothing, and tells what it would have stopped", async () => {
    const { taskId } = await generate(`Where to buy ${word}`);
    const operator = await signedInOperator();
    // Matches are written after the answer.
    await eventually("the match", async () => (await call(operator, "GET", `/safety/rules/${id}/shadow-matches`)).matches.length === 1);
    await row.getByRole("button", { name: `Matches of ${id}` }).click();
    const match = dialog.getByTestId("shadow-matches").getByRole("row").nth(1);
    await match.getByText(taskId).waitFor();
    await match.getByText("It passed").waitFor();
    await assertAccessible(page);
    await page.keyboard.press("Escape");
  });

  await t.test("enforced, it stops", async () => {
    await row.getByRole("button", { name: `Edit ${id}` }).click();
    await choose(dialog.getByRole("radio", { name: "Enforced" }));
    await dialog.getByLabel("Why, for the record").fill("Seen enough");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved as version 2.").waitFor();
    await row.getByText("Enforced").waitFor();
    const refused = await generate(`Where to buy ${word}`, [400, 403, 422]);
    assert.equal(refused.reason, "CONTENT_BLOCKED");
  });

  await t.test("a change that was made elsewhere meanwhile is not lost", async () => {
    await row.getByRole("button", { name: `Edit ${id}` }).click();
    await call(await signedInOperator(), "PATCH", `/safety/rules/${id}?updateMask=score`, { score: 0.5 });
    await dialog.getByLabel("What it forbids").fill("Based on what is old");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").waitFor();
    assert.equal((await ruleNow()).description, "A word that only a test knows.");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  await t.test("an earlier version is brought back", async () => {
    await page.reload();
    await row.getByRole("button", { name: `Versions of ${id}` }).click();
    const versions = dialog.getByTestId("rule-versions").getByRole("listitem");
    await eventually("three versions", async () => (await versions.count()) === 3);
    await versions.nth(1).getByText("Seen enough").waitFor();
    await assertAccessible(page);
    await dialog.getByRole("button", { name: "Bring back version 1" }).click();
    await page.getByText("Version 1 is back, as version 4.").waitFor();
    await versions.nth(3).waitFor();
    await versions.first().getByText("Brings back version 1", { exact: false }).waitFor();
    await page.keyboard.press("Escape");
    await row.getByText("In shadow").waitFor();
    await generate(`Where to buy ${word} again`);
  });

  await t.test("it is retired, and found among those", async () => {
    await row.getByRole("button", { name: `Retire ${id}` }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Retire" }).click();
    await page.getByText("The rule is retired.").waitFor();
    await row.getByText("Retired").waitFor();
    await choose(page.getByRole("radio", { name: "Enforced" }));
    await row.waitFor({ state: "detached" });
    await choose(page.getByRole("radio", { name: "Retired" }));
    await row.waitFor();
    assert.equal((await ruleNow()).retired, true);
  });

  assertNoFaults(page);
  await page.context().close();
});
