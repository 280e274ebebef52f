import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, call, eventually, newAccount, openPage, signedInOperator } from "./harness.mjs";

/** Makes a cover without a browser and waits until history tells of it. */
async function made(account, title) {
  const before = await told(account);
  await call(account, "POST", "/covers/generate", { title, sizes: [{ preset: "thumbnail" }] });
  await eventually(`${title} in the history`, async () => (await told(account)) > before);
}

const told = async (account) => (await call(account, "GET", "/users/me/history?pageSize=100")).entries.length;

test("the account tells what became of its work", async (t) => {
  const account = await newAccount();
  const page = await openPage({ account });
  const entries = page.getByTestId("account-history").getByRole("listitem");

  await t.test("nothing at first", async () => {
    await page.goto("/account/history");
    await page.getByRole("heading", { name: "Nothing happened yet" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: "Make a cover" }).waitFor();
  });

  await t.test("covers by their titles, what was stopped by its rule, and what was decided", async () => {
    await made(account, "A lantern in the fog");
    await call(account, "POST", "/covers/generate", { title: "I will kill you tonight", sizes: [{ preset: "thumbnail" }] }, [400, 403, 422]);
    await eventually("the stop", async () => (await told(account)) === 2);
    const [violation] = (await call(account, "GET", "/safety/violations")).violations;
    const appeal = await call(account, "POST", "/safety/appeals", { violationId: violation.id, reason: "A title." });
    await call(await signedInOperator(), "POST", `/safety/appeals/${appeal.id}/decide`, { decision: "OVERTURNED", reason: "It is one." });
    await eventually("the decision", async () => (await told(account)) === 3);
    await page.reload();
    await eventually("three entries", async () => (await entries.count()) === 3);
    assert.match(await entries.nth(0).innerText(), /Appeal decided\s+The decision was wrong/);
    assert.match(await entries.nth(1).innerText(), new RegExp(`Stopped by a rule\\s+Rule ${violation.ruleId}`));
    await entries.nth(2).getByRole("link", { name: "A lantern in the fog" }).click();
    await page.getByRole("heading", { level: 1, name: "A lantern in the fog" }).waitFor();
  });

  await t.test("page by page, and a cover that is gone is told so", async () => {
    for (let at = 0; at < 20; at += 1) await made(account, `Morning ${at}`);
    const { covers } = await call(account, "GET", "/covers?pageSize=1");
    await call(account, "DELETE", `/covers/${covers[0].id}`);
    await page.goto("/account/history");
    await eventually("the first page", async () => (await entries.count()) === 20);
    await entries.nth(0).getByText("Deleted since").waitFor();
    await page.getByRole("button", { name: "Load more" }).click();
    await eventually("the rest", async () => (await entries.count()) === 23);
    await page.getByText("That is where it began.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Load more" }).count(), 0);
  });

  assert.deepEqual(page.faults.filter((fault) => !/404/.test(fault)), []);
  await page.context().close();
});
