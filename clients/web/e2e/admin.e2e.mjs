import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { adminAccount, assertNoFaults, call, choose, eventually, newAccount, openPage } from "./harness.mjs";
import { makeCover } from "./make_steps.mjs";

async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`), []);
}

/** A title that the rules stop, and the violation it leaves. */
async function violationOf(account) {
  const body = { title: "I will kill you tonight", sizes: [{ preset: "thumbnail" }] };
  await call(account, "POST", "/covers/generate", body, [400, 403, 422]);
  return eventually("the violation", async () => (await call(account, "GET", "/safety/violations")).violations?.[0]);
}

test("operators see the queue, safety, users and the mesh", async (t) => {
  const person = await newAccount();
  const maker = await openPage({ account: person });
  await makeCover(maker, "Something for the queue");
  const violation = await violationOf(person);
  await call(person, "POST", "/safety/appeals", { violationId: violation.id, reason: "It is the title of a crime novel." });
  const page = await openPage({ account: adminAccount() });

  await t.test("the menu leads there", async () => {
    await page.goto("/library");
    await page.getByRole("button", { name: "Account menu" }).click();
    await page.getByRole("menuitem", { name: "Admin" }).click();
    await page.getByRole("heading", { level: 1, name: "Admin" }).waitFor();
  });

  await t.test("the queue counts, and a saga tells its steps", async () => {
    await page.getByTestId("queue").getByText("Done").waitFor();
    await page.getByRole("cell", { name: "cover.generate" }).first().waitFor();
    await page.getByText("None. Everything ended as it should.").waitFor();
    await page.getByTestId("tasks").getByRole("button", { name: /^Journal of/ }).first().click();
    await page.getByTestId("journal").getByRole("row").nth(1).waitFor();
    await assertAccessible(page);
    await page.keyboard.press("Escape");
    await assertAccessible(page);
  });

  await t.test("an appeal is decided, with reasons", async () => {
    await page.getByRole("link", { name: "Safety", exact: true }).click();
    const appeal = page.getByTestId("appeals").getByRole("listitem").filter({ hasText: "crime novel" });
    await page.getByTestId("violations").getByText(violation.ruleId).first().waitFor();
    await assertAccessible(page);
    await appeal.getByRole("button", { name: /^Decide/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Decide" }).click();
    await dialog.getByText("Give reasons.").waitFor();
    await choose(dialog.getByRole("radio", { name: "The violation was wrong" }));
    await dialog.getByLabel("Reasons").fill("A novel’s title is no threat.");
    await dialog.getByRole("button", { name: "Decide" }).click();
    await page.getByText("The appeal is decided.").waitFor();
    await eventually("the appeal to leave the open ones", async () => (await appeal.count()) === 0);
    const [decided] = (await call(person, "GET", "/safety/appeals")).appeals;
    assert.equal(decided.state, "OVERTURNED");
    assert.equal(decided.decisionReason, "A novel’s title is no threat.");
  });

  await t.test("a user is found, given a tier, suspended and let in again", async () => {
    await page.getByRole("link", { name: "Users", exact: true }).click();
    await page.getByRole("searchbox").fill(person.email);
    const row = page.getByTestId("users").getByRole("row").filter({ hasText: person.email });
    await row.waitFor();
    await assertAccessible(page);
    await row.getByRole("combobox").selectOption({ label: "Pro" });
    await eventually("the larger plan", async () => (await call(person, "GET", "/users/me/quota")).limit === 1000);
    await row.getByRole("button", { name: /^Suspend/ }).click();
    await page.getByLabel("Why, for the record").fill("Seen in a test");
    await page.getByRole("alertdialog").getByRole("button", { name: "Suspend" }).click();
    await row.getByText("Suspended").waitFor();
    await eventually("the session to end", () => call(person, "GET", "/users/me", undefined, [401, 403]).then(() => true, () => false));
    await maker.goto("/library");
    await maker.waitForURL("**/sign-in?**");
    await row.getByRole("button", { name: /^Let / }).click();
    await row.getByText("Active").waitFor();
  });

  await t.test("the mesh shows services and ways", async () => {
    await page.getByRole("link", { name: "Mesh", exact: true }).click();
    await page.getByTestId("services").getByText("cover", { exact: true }).waitFor();
    await page.getByTestId("routes").getByRole("row").nth(1).waitFor();
    await assertAccessible(page);
  });

  assertNoFaults(page);
  await Promise.all([page.context().close(), maker.context().close()]);
});

test("to everybody else the operators’ pages do not exist", async () => {
  const page = await openPage({ account: await newAccount() });
  for (const path of ["/admin", "/admin/safety", "/admin/rules", "/admin/users", "/admin/mesh"]) {
    await page.goto(path);
    await page.getByRole("heading", { name: "Nothing here" }).waitFor();
  }
  await page.goto("/library");
  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
  assert.equal(await page.getByRole("menuitem", { name: "Admin" }).count(), 0);
  await page.context().close();
});
