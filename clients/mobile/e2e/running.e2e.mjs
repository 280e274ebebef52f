import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, beginElsewhere, call, controlled, eventually, generate, newAccount, openPhone, picture, stopElsewhere } from "./harness.mjs";

const TITLE = "Painted at the desk";

const cards = (page) => page.getByTestId("running").getByRole("link");

test("what another device asked for stands on the home screen and leads to its progress", async (t) => {
  const account = await newAccount();
  const phone = await openPhone({ account });
  const { page } = phone;
  await controlled(page);
  assert.equal(await cards(page).count(), 0);
  let taskId = "";

  await t.test("it is there with its progress", async () => {
    taskId = await beginElsewhere(account, TITLE);
    await page.reload();
    const card = cards(page).filter({ hasText: TITLE });
    await card.waitFor();
    const percent = async () => Number(/(\d+) %/.exec(await card.innerText())?.[1]);
    await eventually("some progress", async () => (await percent()) > 0);
    assert.ok((await percent()) < 100);
    await picture(page, "running");
  });

  await t.test("it leads to where the progress is shown", async () => {
    await cards(page).filter({ hasText: TITLE }).click();
    await page.getByRole("heading", { name: "Making your cover" }).waitFor();
    assert.equal(new URL(page.url()).pathname, `/task/${taskId}`);
    await page.getByText(TITLE).waitFor();
    await page.getByRole("link", { name: "Make" }).click();
    await cards(page).filter({ hasText: TITLE }).waitFor();
  });

  await t.test("without a connection it stands there as it was known last", async () => {
    await phone.goOffline();
    await page.reload();
    await page.getByText("You are offline.").waitFor();
    await cards(page).filter({ hasText: TITLE }).waitFor();
    await picture(page, "running offline");
  });

  await t.test("once it has ended it is there no more", async () => {
    await stopElsewhere(account, taskId);
    await phone.goOnline();
    await cards(page).first().waitFor({ state: "detached", timeout: 60_000 });
    const { tasks } = await call(account, "GET", "/covers/tasks?state=OPEN");
    assert.deepEqual(tasks, []);
  });

  await t.test("nor does it stand in the library as one that failed", async () => {
    await page.getByRole("link", { name: "Library" }).click();
    await page.getByRole("heading", { name: "Your covers will hang here" }).waitFor();
    assert.equal(await page.getByTestId("open").count(), 0);
  });

  await phone.close();
});

test("what this phone asked for waits for no stream behind what others did", async (t) => {
  const account = await newAccount();
  const phone = await openPhone({ account });
  const { page } = phone;
  const streams = new Set();
  page.on("request", (request) => {
    const [, taskId] = /\/covers\/tasks\/([^/]+)\/events$/.exec(new URL(request.url()).pathname) ?? [];
    if (taskId) streams.add(taskId);
  });
  const elsewhere = [];
  for (const n of [1, 2, 3, 4]) elsewhere.push(await beginElsewhere(account, `Painted at the desk ${n}`));

  await t.test("the newest are followed; of the others the home screen tells", async () => {
    await page.reload();
    await eventually("their streams", () => elsewhere.slice(1).every((taskId) => streams.has(taskId)));
    const home = "**/m/v1/screens/home?*";
    await phone.context.route(home, async (route) => {
      const response = await route.fetch();
      const json = await response.json();
      const oldest = json.runningTasks.find(({ taskId }) => taskId === elsewhere[0]);
      Object.assign(oldest, { progressPercent: 98, version: "900000" });
      await route.fulfill({ response, json });
    });
    await page.reload();
    await cards(page).filter({ hasText: "Painted at the desk 1" }).getByText("98 %").waitFor();
    await phone.context.unroute(home);
  });

  await t.test("its own is followed at once", async () => {
    streams.clear();
    await generate(page, "Painted on the phone");
    const own = await eventually("the task", async () => {
      const { tasks } = await call(account, "GET", "/covers/tasks");
      return tasks.find(({ title }) => title === "Painted on the phone");
    });
    await eventually("its stream", () => streams.has(own.taskId), 10_000);
  });

  for (const taskId of elsewhere) await stopElsewhere(account, taskId);
  await phone.close();
});

test("nobody else’s is there", async () => {
  const [account, other] = [await newAccount(), await newAccount()];
  const taskId = await beginElsewhere(other, "Not yours");
  const phone = await openPhone({ account });
  const { page } = phone;
  const running = await call(account, "GET", "/screens/home?fields=runningTasks.taskId");
  assert.deepEqual(running, { runningTasks: [] });
  const asked = page.waitForResponse((response) => new URL(response.url()).pathname === "/m/v1/screens/home");
  await page.reload();
  assert.equal((await asked).status(), 200);
  await page.getByTestId("preview").locator("img").waitFor();
  assert.equal(await cards(page).count(), 0);
  await stopElsewhere(other, taskId);
  assertNoFaults(phone);
  await phone.close();
});
