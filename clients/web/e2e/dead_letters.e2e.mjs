import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { execute } from "./database.mjs";
import { adminAccount, assertNoFaults, call, eventually, newAccount, openPage, signedInOperator } from "./harness.mjs";

const TITLE = "A cover the database would not take";

/** The database refuses this one cover. That happens in the saga's last step:
    it is charged by then, so there is no way back, and after a few tries
    somebody has to see it. */
const REFUSE = `CREATE TRIGGER refuse_one BEFORE INSERT ON covers WHEN NEW.title = '${TITLE}'
  BEGIN SELECT RAISE(ABORT, 'no room for this one'); END;`;
const TAKE = "DROP TRIGGER IF EXISTS refuse_one;";

test("a task that gave up is found, replayed, and succeeds", async (t) => {
  t.after(() => execute("cover", TAKE));
  const person = await newAccount();
  const operator = await signedInOperator();
  execute("cover", REFUSE);
  const { taskId } = await call(person, "POST", "/covers/generate", { title: TITLE, sizes: [{ preset: "thumbnail" }] });
  const statusOf = async () => (await call(operator, "GET", `/tasks/${taskId}/saga`)).task;
  const page = await openPage({ account: adminAccount() });
  const letter = page.getByTestId("dead-letters").getByRole("row").filter({ hasText: taskId });

  await t.test("it stands among the dead letters, with its reason", async () => {
    await eventually("the task to give up", async () => (await statusOf()).needsOperator);
    await page.goto("/admin");
    await letter.waitFor();
    assert.match(await letter.innerText(), /STEP_FAILED/);
    await page.getByTestId("queue").getByText("For an operator").waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(violations.map(({ id }) => id), []);
  });

  await t.test("its journal tells how far it came", async () => {
    await page.getByRole("button", { name: `Journal of ${taskId}` }).click();
    const journal = page.getByTestId("journal");
    for (const [step, state] of [["reserve", "Done"], ["paint", "Done"], ["charge", "Done"], ["finish", "Begun"]]) {
      await journal.getByRole("row").filter({ hasText: step }).getByText(state, { exact: true }).waitFor();
    }
    await page.getByText("Past the pivot", { exact: false }).waitFor();
    await page.keyboard.press("Escape");
    assert.equal((await call(person, "GET", "/covers")).covers.length, 0);
  });

  await t.test("replayed while the cause is there, it comes back", async () => {
    const { version } = await statusOf();
    await letter.getByRole("button", { name: `Replay ${taskId}` }).click();
    await page.getByText("The task runs again.").waitFor();
    await eventually("the task to give up again", async () => {
      const now = await statusOf();
      return now.needsOperator && Number(now.version) > Number(version);
    });
    await letter.waitFor();
  });

  await t.test("replayed once the cause is gone, it goes on where it stopped", async () => {
    execute("cover", TAKE);
    await page.reload();
    await letter.getByRole("button", { name: `Replay ${taskId}` }).click();
    await letter.waitFor({ state: "detached" });
    await page.getByText("None. Everything ended as it should.").waitFor();
    const row = page.getByTestId("tasks").getByRole("row").filter({ hasText: taskId });
    await row.getByText("Done", { exact: true }).waitFor();
    assert.equal((await statusOf()).state, "SUCCEEDED");
  });

  await t.test("the person has the cover, and paid for it once", async () => {
    const { covers } = await call(person, "GET", "/covers");
    assert.deepEqual(covers.map(({ title }) => title), [TITLE]);
    const { used, reserved } = await call(person, "GET", "/users/me/quota");
    assert.deepEqual([used, reserved], [1, 0]);
    const maker = await openPage({ account: person });
    await maker.goto("/library");
    await maker.getByRole("link", { name: TITLE }).waitFor();
    assertNoFaults(maker);
    await maker.context().close();
  });

  assertNoFaults(page);
  await page.context().close();
});
