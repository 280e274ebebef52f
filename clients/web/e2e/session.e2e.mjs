import assert from "node:assert/strict";
import { test } from "node:test";
import { BASE, cookieOf, eventually, newAccount, openPage, signIn } from "./harness.mjs";
import { openMake } from "./make_steps.mjs";

const GRPC_WEB = { "Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1" };
/** An empty request message: no flags, length 0. */
const EMPTY = Buffer.alloc(5);
/** A gRPC-web answer of nothing but trailers that say UNAUTHENTICATED. */
const UNAUTHENTICATED = { status: 200, headers: { "content-type": "application/grpc-web+proto", "grpc-status": "16" } };

test("tokens live in cookies that no script can read", async () => {
  const page = await openPage({ account: await newAccount() });
  await openMake(page);
  const session = await cookieOf(page, "covergen_session");
  const refresh = await cookieOf(page, "covergen_refresh");
  assert.equal(session.httpOnly, true);
  assert.equal(refresh.httpOnly, true);
  const readable = await page.evaluate(() => [document.cookie, ...Object.values({ ...localStorage, ...sessionStorage })].join(" "));
  assert.match(readable, /covergen_csrf=/);
  assert.ok(!readable.includes(session.value), "the access token is out of reach");
  assert.ok(!readable.includes(refresh.value), "the refresh token is out of reach");
  await page.context().close();
});

test("a call that only brings the cookie is refused", async () => {
  const page = await openPage({ account: await newAccount() });
  await openMake(page);
  const rest = await page.evaluate(async () => {
    const answer = await fetch("/api/v1/covers/preview", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ title: "forged", sizes: [{ preset: "youtube" }] }),
    });
    return { status: answer.status, reason: (await answer.json()).reason };
  });
  assert.deepEqual(rest, { status: 403, reason: "CSRF_TOKEN_INVALID" });
  const path = `${BASE}/covergen.user.v1.UserService/GetUser`;
  const without = await page.context().request.post(path, { headers: GRPC_WEB, data: EMPTY });
  assert.equal(without.headers()["grpc-status"], "7");
  const foreign = await page.context().request.post(path, {
    headers: { ...GRPC_WEB, Origin: "https://evil.example", "X-CSRF-Token": (await cookieOf(page, "covergen_csrf")).value },
    data: EMPTY,
  });
  assert.equal(foreign.headers()["grpc-status"], "7");
  await page.context().close();
});

test("many refused calls renew the session once, across tabs", async () => {
  const page = await openPage({ account: await newAccount() });
  const context = page.context();
  let refused = 0;
  let renewals = 0;
  context.on("request", (request) => {
    if (request.url().endsWith("/auth/refresh")) renewals += 1;
  });
  const before = (await cookieOf(page, "covergen_csrf")).value;
  // Every call of either tab is refused the first time, as when the access
  // token has run out; after the renewal all go through.
  await context.route("**/covergen.*.v1.*/*", async (route) => {
    const isOld = (await route.request().headerValue("x-csrf-token")) === before;
    if (!isOld) return route.continue();
    refused += 1;
    return route.fulfill(UNAUTHENTICATED);
  });
  // Two calls of each tab open every page. The renewal is held until all have
  // been refused, so that they surely ask for it at the same time.
  await context.route("**/auth/refresh", async (route) => {
    await eventually("both tabs to be refused", () => refused >= 4);
    return route.continue();
  });
  const other = await context.newPage();
  await Promise.all([page.goto("/"), other.goto("/library")]);
  await page.getByTestId("preview").locator("img").waitFor();
  await other.getByText("Your covers will hang here").waitFor();
  assert.equal(renewals, 1);
  assert.notEqual((await cookieOf(page, "covergen_csrf")).value, before);
  await context.close();
});

test("a session ended elsewhere leads to sign-in and back", async () => {
  const account = await newAccount();
  const far = await openPage({ account });
  await far.goto("/account/security");
  await far.getByText("This device").waitFor();
  const near = await openPage({ account, userAgent: "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0" });
  await near.goto("/account/security");
  await near.getByRole("button", { name: /^End session on Chrome/ }).click();
  await near.getByRole("alertdialog").getByRole("button", { name: "End session" }).click();
  await near.getByRole("button", { name: /^End session on Chrome/ }).waitFor({ state: "detached" });
  await far.goto("/library");
  await far.waitForURL("**/sign-in?**");
  await far.getByText("Your session has ended.", { exact: false }).waitFor();
  await far.getByLabel("E-mail").fill(account.email);
  await far.getByLabel("Password", { exact: true }).fill("not this one");
  await far.getByRole("button", { name: "Sign in" }).click();
  await far.getByText("E-mail or password is not right.").waitFor();
  await far.getByLabel("Password", { exact: true }).fill(account.password);
  await far.getByRole("button", { name: "Sign in" }).click();
  await far.waitForURL("**/library");
  await Promise.all([near.context().close(), far.context().close()]);
});

test("a session whose token does not fit any more leads to sign-in, and that works", async () => {
  const account = await newAccount();
  const page = await openPage({ account });
  await page.context().addCookies([{ name: "covergen_csrf", value: "bm90LXRoaXMtb25l", url: BASE }]);
  await page.goto("/account/security");
  await page.waitForURL("**/sign-in?**");
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("This device").waitFor();
  await page.context().close();
});

test("an address that is taken is told at its field", async () => {
  const account = await newAccount();
  const page = await openPage();
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill("Somebody else");
  await page.getByLabel("E-mail").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("There is an account with this e-mail already.", { exact: false }).waitFor();
  const field = page.getByLabel("E-mail");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.ok(await field.evaluate((input) => input === document.activeElement), "the field takes focus");
  await signIn(page.context(), account);
  await page.context().close();
});
