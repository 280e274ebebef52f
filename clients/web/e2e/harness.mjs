// What the tests share: the browser, accounts, and waiting with a bound.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { chromium } from "playwright-core";

/** Address of the running platform. */
export const BASE = (process.env.COVERGEN_WEB_URL ?? "").replace(/\/$/, "");
assert.ok(BASE, "COVERGEN_WEB_URL must name a running platform");
/** The same by name: passkeys belong to a domain, never to an IP address. */
export const NAMED_BASE = BASE.replace("127.0.0.1", "localhost");

/** A generation on a busy machine may take this long. */
const SLOWEST_MS = 60_000;
const STEP_MS = 20_000;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

let browser;

/** A page in a fresh profile; `account` is signed in. What the page logs as
    errors is gathered in `page.faults`. */
export async function openPage({ account, ...options } = {}) {
  browser ??= await chromium.launch({
    executablePath: process.env.COVERGEN_TEST_CHROMIUM || "/usr/bin/chromium",
    args: FLAGS,
  });
  const context = await browser.newContext({
    baseURL: BASE,
    viewport: { width: 1360, height: 850 },
    locale: "en-GB",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (line) => {
    if (line.type() === "error") page.faults.push(line.text());
  });
  if (account) await signIn(context, account, options.baseURL);
  return page;
}

/** Ends the browser, if a test started it. */
export async function closeBrowser() {
  await browser?.close();
}

/** Credentials nobody has used yet. */
export function newCredentials() {
  return {
    displayName: "Ada Example",
    email: `ada-${randomUUID()}@example.com`,
    password: `correct horse ${randomUUID().slice(0, 8)}`,
  };
}

/** Opens an account without a browser, as one that asks for `language` would. */
export async function newAccount(language = "en") {
  const account = newCredentials();
  const answer = await fetch(`${BASE}/api/v1/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": language },
    body: JSON.stringify(account),
  });
  const text = await answer.text();
  assert.equal(answer.status, 201, text);
  const { user, accessToken } = JSON.parse(text);
  return { ...account, id: user.id, accessToken };
}

/** The operator's account, which the platform was started with. */
export function adminAccount() {
  const [, email, password] = /^(\S+) (.+)$/.exec(process.env.COVERGEN_E2E_ADMIN ?? "") ?? [];
  assert.ok(email && password, "COVERGEN_E2E_ADMIN must hold an admin's e-mail and password, parted by a space");
  return { email, password };
}

/** Calls REST with a bearer and returns the JSON of the answer. */
export async function call(account, method, path, body, expected = [200, 201, 202, 204]) {
  const answer = await fetch(`${BASE}/api/v1${path}`, {
    method,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${account.accessToken}` },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(expected.includes(answer.status), `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : {};
}

const OPERATOR_MS = 10 * 60_000;

let operator;
let operatorSince = 0;

/** The operator, signed in for REST; anew before the token ends. */
export async function signedInOperator() {
  if (Date.now() - operatorSince > OPERATOR_MS) {
    operatorSince = Date.now();
    operator = (async () => {
      const account = adminAccount();
      const answer = await fetch(`${BASE}/api/v1/auth/login`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(account),
      });
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      return { ...account, accessToken: JSON.parse(text).accessToken };
    })();
  }
  return operator;
}

/** An account of a paid tier: `PRO` or `PRO_PLUS`. */
export async function newPaidAccount(tier) {
  const account = await newAccount();
  await call(account, "GET", "/users/me");
  await call(await signedInOperator(), "POST", `/admin/users/${account.id}/tier`, { tier });
  return account;
}

let shared;

/** An account that tests may share which do not depend on its covers. */
export function sharedAccount() {
  shared ??= newAccount();
  return shared;
}

/** Opens a cookie session in a profile, as the sign-in form does. */
export async function signIn(context, { email, password }, base = BASE) {
  const answer = await context.request.post(`${base}/api/v1/auth/login`, {
    headers: { "X-Covergen-Session": "cookie" },
    data: { email, password },
  });
  assert.equal(answer.status(), 200, await answer.text());
}

/** The cookie of that name, in plain HTTP or under its TLS prefix. */
export async function cookieOf(page, name) {
  const cookies = await page.context().cookies();
  return cookies.find((cookie) => cookie.name.endsWith(name));
}

/** Chooses a radio button or checkbox the way a hand does: by its label. */
export async function choose(control) {
  await control.locator("xpath=ancestor::label").click();
}

/** Waits, with a bound, until `judge` returns something truthy. */
export async function eventually(what, judge, limitMs = SLOWEST_MS) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await judge();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Fails on anything the page logged as an error, policy violations included. */
export function assertNoFaults(page) {
  assert.deepEqual(page.faults, []);
}
