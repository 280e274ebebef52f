import assert from "node:assert/strict";
import { test } from "node:test";
import { call, controlled, generate, newAccount, openPhone } from "./harness.mjs";

const PROBLEM = { type: "about:blank", title: "Unauthorized", status: 401, detail: "", code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED", requestId: "" };

const cookieOf = async (context, name, path = "/") =>
  (await context.cookies()).find((cookie) => cookie.name.endsWith(name) && cookie.path.endsWith(path))?.value;

/** Every call with the session of today is refused, as when its access token
    has run out; with the next one all go through. Returns what was refused. */
async function expire(context) {
  const today = await cookieOf(context, "covergen_csrf");
  const refused = [];
  await context.route(/\/m\/v1\/(?!auth\/)/, async (route) => {
    const request = route.request();
    if ((await request.allHeaders())["x-csrf-token"] !== today) return route.continue();
    refused.push(request.frame().page());
    return route.fulfill({ status: 401, contentType: "application/problem+json", body: JSON.stringify(PROBLEM) });
  });
  return refused;
}

test("two tabs renew the session once", async () => {
  const phone = await openPhone({ account: await newAccount() });
  const tabs = [phone.page, await phone.newPage()];
  await Promise.all(tabs.map((tab) => tab.goto("/account")));
  await Promise.all(tabs.map((tab) => tab.getByTestId("used").waitFor()));
  await controlled(phone.page);
  const before = await cookieOf(phone.context, "covergen_refresh", "/refresh");
  let renewals = 0;
  phone.context.on("request", (request) => {
    if (request.url().endsWith("/auth/refresh")) renewals += 1;
  });
  const refused = await expire(phone.context);
  const answered = tabs.map((tab) => tab.waitForResponse((answer) => answer.url().endsWith("/quota") && answer.ok()));
  await Promise.all(tabs.map((tab) => tab.reload()));
  await Promise.all(answered);
  assert.ok(refused.length >= 2, `${refused.length} calls were refused`);
  assert.equal(renewals, 1);
  const after = await cookieOf(phone.context, "covergen_refresh", "/refresh");
  assert.ok(before && after && before !== after, "the refresh token was traded for its successor");
  await phone.close();
});

test("an ended session asks to sign in, and keeps what waits for its owner alone", async (t) => {
  const account = await newAccount();
  const phone = await openPhone({ account });
  const { page } = phone;
  await page.getByTestId("preview").locator("img").waitFor();
  await controlled(page);

  await t.test("the session is ended elsewhere while a cover waits", async () => {
    await phone.goOffline();
    await generate(page, "Mine, later");
    await page.getByTestId("open").getByText("Mine, later").waitFor();
    await call(account, "POST", "/auth/sessions/end-others", {});
    await phone.goOnline();
    await page.getByText("Your session has ended.").waitFor();
  });

  await t.test("the owner’s cover is made after they signed in again", async () => {
    assert.equal(await page.getByLabel("E-mail").inputValue(), account.email);
    await page.getByLabel("Password", { exact: true }).fill("wrong horse battery");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("E-mail or password is not right.").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(account.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    // Where they were.
    await page.getByRole("heading", { name: "Library" }).waitFor();
    await page.getByTestId("covers").getByRole("link", { name: "Mine, later" }).waitFor({ timeout: 60_000 });
  });

  await t.test("somebody else finds nothing of theirs", async () => {
    const other = await newAccount();
    await phone.context.clearCookies();
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText("Your session has ended.").waitFor();
    await page.getByLabel("E-mail").fill(other.email);
    await page.getByLabel("Password", { exact: true }).fill(other.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Your covers will hang here").waitFor();
  });
  await phone.close();
});
