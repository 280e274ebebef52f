import assert from "node:assert/strict";
import { test } from "node:test";
import { adminAccount, choose, eventually, newAccount, openPage } from "./harness.mjs";
import { covers, makeCover, openMake, openTool } from "./make_steps.mjs";

const rpc = (name) => `**/covergen.cover.v1.CoverService/${name}`;

/** How many covers the library holds, and what the quota says. */
async function tally(page) {
  await page.goto("/library");
  await page.getByTestId("covers").getByRole("listitem").first().waitFor();
  const count = await page.getByTestId("covers").getByRole("listitem").count();
  return { count, left: Number.parseInt(await page.getByTestId("quota").innerText(), 10) };
}

test("a stream that breaks off is taken up again", async () => {
  const page = await openPage({ account: await newAccount() });
  let streams = 0;
  await page.route(rpc("WatchTask"), (route) => (++streams === 1 ? route.abort("connectionreset") : route.continue()));
  await makeCover(page, "A thread picked up again");
  assert.ok(streams >= 2, "the stream was opened again");
  await page.context().close();
});

test("a lost answer is asked for again without paying twice", async () => {
  const page = await openPage({ account: await newAccount() });
  let asked = 0;
  await page.route(rpc("Generate"), async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    // The platform did its part; only its answer is lost on the way.
    await route.fetch();
    return route.abort("connectionreset");
  });
  await makeCover(page, "Paid for once");
  assert.equal(asked, 2);
  const { count, left } = await tally(page);
  assert.equal(count, 1);
  assert.equal(left, 49);
  await page.context().close();
});

test("a reload finds the generation that was under way", async () => {
  const page = await openPage({ account: await newAccount() });
  await openMake(page);
  await page.getByLabel("Title", { exact: true }).fill("Still here after a reload");
  // The stream is held, so that the page cannot have seen the end.
  await page.route(rpc("WatchTask"), () => undefined);
  await page.getByRole("button", { name: "Generate" }).click();
  await eventually("the stream to be asked for", () => page.evaluate(() => sessionStorage.getItem("covergen.task")));
  await page.unroute(rpc("WatchTask"));
  await page.reload();
  await covers(page);
  assert.equal(await page.getByLabel("Title", { exact: true }).inputValue(), "Still here after a reload");
  await page.context().close();
});

test("a generation that is cancelled costs nothing", async () => {
  const page = await openPage({ account: await newAccount() });
  await openMake(page);
  await page.getByLabel("Title", { exact: true }).fill("Second thoughts");
  await openTool(page, "Sizes");
  // As much work as may be asked for, so that there is time to change one's mind.
  for (const size of await page.locator("input[name=size]").all()) {
    if (!(await size.isChecked())) await choose(size);
  }
  await choose(page.getByRole("group", { name: "Variants" }).getByRole("radio", { name: "4" }));
  await page.getByRole("button", { name: "Generate" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Nothing was taken from your plan.").waitFor();
  await eventually("the quota to be whole again", async () => (await page.getByTestId("quota").innerText()).startsWith("50 "));
  await page.context().close();
});

test("being offline is told, and what was typed is kept", async () => {
  const page = await openPage({ account: await newAccount() });
  await openMake(page);
  await page.context().setOffline(true);
  await page.getByText("You are offline.", { exact: false }).waitFor();
  await page.getByLabel("Title", { exact: true }).fill("Typed in a tunnel");
  await page.context().setOffline(false);
  await page.getByText("You are offline.", { exact: false }).waitFor({ state: "detached" });
  await eventually("the preview to catch up", async () => {
    return (await page.getByTestId("preview").getAttribute("data-title")) === "Typed in a tunnel";
  });
  await page.context().close();
});

/** Pages, the call that fills each, and what is there once it is filled. */
const LISTS = [
  ["/account/photos", "covergen.media.v1.MediaService/ListAssets", "No photo yet"],
  ["/account/history", "covergen.user.v1.UserService/GetHistory", "Nothing happened yet"],
  ["/brand", "covergen.template.v1.TemplateService/ListBrandKits", "No brand kit yet"],
];

test("a page whose list does not come says so, and tries again", async (t) => {
  const person = await openPage({ account: await newAccount() });
  const operator = await openPage({ account: adminAccount() });
  const refuses = { status: 200, headers: { "content-type": "application/grpc-web+proto", "grpc-status": "13", "grpc-message": "it broke" } };
  const check = async (page, path, call, filled) => {
    let isBroken = true;
    await page.route(`**/${call}`, (route) => (isBroken ? route.fulfill(refuses) : route.continue()));
    await page.goto(path);
    const alert = page.getByRole("main").getByRole("alert");
    await alert.getByText("Something went wrong on our side.").waitFor();
    isBroken = false;
    await alert.getByRole("button", { name: "Try again" }).click();
    await filled.waitFor();
    assert.equal(await alert.count(), 0);
  };
  for (const [path, call, heading] of LISTS) {
    await t.test(path, () => check(person, path, call, person.getByRole("heading", { name: heading })));
  }
  await t.test("/admin/rules", () => {
    return check(operator, "/admin/rules", "covergen.safety.v1.SafetyService/ListRules", operator.getByTestId("rules").getByRole("row").nth(1));
  });
  await Promise.all([person.context().close(), operator.context().close()]);
});
