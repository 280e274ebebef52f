import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, BASE, choose, eventually, newAccount, openPage, sharedAccount } from "./harness.mjs";
import { openMake, previewShows } from "./make_steps.mjs";

test("the profile is changed field by field", async () => {
  const page = await openPage({ account: await newAccount() });
  await page.goto("/account");
  const username = `ada_${Date.now().toString(36)}`;
  await page.getByLabel("User name").fill("Not Allowed");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Use 3 to 30 of a–z, 0–9 and underscore.").waitFor();
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Name", { exact: true }).fill("Ada Renamed");
  await page.getByLabel("Time zone").selectOption("Europe/Berlin");
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByText("Saved", { exact: true }).first().waitFor();
  await page.reload();
  await eventually("the stored profile", async () => (await page.getByLabel("User name").inputValue()) === username);
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Ada Renamed");
  assert.equal(await page.getByLabel("Time zone").inputValue(), "Europe/Berlin");
  assertNoFaults(page);

  const other = await openPage({ account: await sharedAccount() });
  await other.goto("/account");
  await other.getByLabel("User name").fill(username);
  await other.getByRole("button", { name: "Save changes" }).click();
  await eventually("the name to be refused", async () => (await other.getByLabel("User name").getAttribute("aria-invalid")) === "true" || (await other.getByRole("alert").count()) > 0);
  await Promise.all([page.context().close(), other.context().close()]);
});

test("a theme stays chosen, and is there before the first paint", async () => {
  const page = await openPage({ account: await sharedAccount(), colorScheme: "light" });
  await page.goto("/account");
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await choose(page.getByRole("radio", { name: "Dark" }));
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.equal(await ground(), dark);
  await page.context().close();
});

test("a premium template is explained on the free plan", async () => {
  const page = await openPage({ account: await sharedAccount() });
  await openMake(page);
  await choose(page.locator("input[name=template][value=retro]"));
  await page.getByText("is a premium template").waitFor();
  assert.ok(await page.getByRole("button", { name: "Generate" }).isDisabled());
  await page.getByRole("button", { name: "Choose a free template" }).click();
  await eventually("the button to work again", () => page.getByRole("button", { name: "Generate" }).isEnabled());
  await page.getByLabel("Title", { exact: true }).fill("Free again");
  await previewShows(page, { title: "Free again" });
  await page.context().close();
});

test("an exhausted plan says when it fills again, and previews go on", async () => {
  const account = await newAccount();
  const page = await openPage({ account });
  const signedIn = await fetch(`${BASE}/api/v1/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: account.email, password: account.password }),
  });
  const { accessToken } = await signedIn.json();
  const used = await fetch(`${BASE}/api/v1/users/me/quota/consume`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ units: 50 }),
  });
  assert.equal(used.status, 200, await used.text());
  await openMake(page);
  await page.getByText("You have used this month’s covers").waitFor();
  assert.match(await page.getByTestId("quota").innerText(), /^0 of 50/);
  assert.ok(await page.getByRole("button", { name: "Generate" }).isDisabled());
  await page.getByLabel("Title", { exact: true }).fill("Looking is free");
  await previewShows(page, { title: "Looking is free" });
  await page.context().close();
});
