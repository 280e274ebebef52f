// What the tests share: the browser as a phone, accounts, and waiting with a
// bound.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { openNetwork } from "./network.mjs";

/** Address of the running platform's mobile BFF. */
export const BASE = (process.env.COVERGEN_MOBILE_URL ?? "").replace(/\/$/, "");
assert.ok(BASE, "COVERGEN_MOBILE_URL must name a running platform");

/** A generation on a busy machine may take this long. */
const SLOWEST_MS = 60_000;
const STEP_MS = 20_000;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 3,
  isMobile: true,
  hasTouch: true,
  userAgent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
  locale: "en-GB",
  reducedMotion: "reduce",
};

let browser;

/**
 * A phone with a profile of its own; `account` is signed in as the form does
 * it. Its way to the platform is `phone.network`; what its pages log as errors
 * is gathered in `phone.faults`.
 */
export async function openPhone({ account, ...options } = {}) {
  browser ??= await chromium.launch({
    executablePath: process.env.COVERGEN_TEST_CHROMIUM || "/usr/bin/chromium",
    args: FLAGS,
  });
  const network = await openNetwork(BASE);
  const context = await browser.newContext({ ...PHONE, baseURL: network.url, ...options });
  context.setDefaultTimeout(STEP_MS);
  const phone = { network, context, faults: [] };
  phone.newPage = async () => {
    const page = await context.newPage();
    page.on("pageerror", (error) => phone.faults.push(String(error)));
    page.on("console", (line) => {
      if (line.type() === "error") phone.faults.push(`${line.text()} ${line.location().url}`);
    });
    return page;
  };
  phone.goOffline = async () => {
    network.down();
    await context.setOffline(true);
  };
  phone.goOnline = async () => {
    network.up();
    await context.setOffline(false);
  };
  phone.close = async () => {
    await context.close();
    network.close();
  };
  phone.page = await phone.newPage();
  if (account) await signIn(phone.page, account);
  return phone;
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

/** Opens an account without a browser. */
export async function newAccount() {
  const account = newCredentials();
  const answer = await fetch(`${BASE}/m/v1/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": "en" },
    body: JSON.stringify(account),
  });
  const text = await answer.text();
  assert.equal(answer.status, 201, text);
  const { user, accessToken } = JSON.parse(text);
  return { ...account, id: user.id, accessToken };
}

/** Calls REST with a bearer, as another device would, and returns the JSON of
    the answer. */
export async function call(account, method, path, body, headers = {}) {
  const answer = await fetch(`${BASE}/m/v1${path}`, {
    method,
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${account.accessToken}`, ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : {};
}

/** Makes a cover on another device and waits for it. */
export async function makeElsewhere(account, title) {
  const { taskId } = await call(account, "POST", "/covers/generate", { title, sizes: [{ preset: "thumbnail" }] });
  const task = await eventually(`the cover “${title}”`, async () => {
    const task = await call(account, "GET", `/covers/tasks/${taskId}`);
    return task.status === "SUCCEEDED" && task;
  });
  return task.covers[0];
}

/** Asks on another device for more than is made in a moment; returns the task. */
export async function beginElsewhere(account, title) {
  const sizes = ["podcast", "book", "story"].map((preset) => ({ preset }));
  const { taskId } = await call(account, "POST", "/covers/generate", { title, templateId: "orbs", variants: 8, sizes });
  return taskId;
}

/** Stops a task from another device, so that nobody waits for it. */
export async function stopElsewhere(account, taskId) {
  await call(account, "POST", `/covers/tasks/${taskId}/cancel`, {});
}

/** Signs in by the form. */
export async function signIn(page, { email, password }) {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Make a cover" }).waitFor();
}

/** Waits until the service worker answers for the page. */
export async function controlled(page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
    }
  });
}

/** Asks for a cover by the form, and stays where that leads. */
export async function generate(page, title) {
  await page.getByRole("link", { name: "Make" }).click();
  await page.getByLabel("Title", { exact: true }).fill(title);
  await page.getByRole("radio").first().waitFor({ state: "attached" });
  await page.getByRole("button", { name: /^Make / }).click();
}

/** The covers an account has, as the platform tells. */
export async function coversOf(account) {
  return (await call(account, "GET", "/covers?pageSize=100")).covers;
}

/** Chooses a radio button, checkbox or switch the way a finger does. */
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
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Fails on anything a page logged as an error, policy violations included. */
export function assertNoFaults(phone) {
  assert.deepEqual(phone.faults, []);
}

/** Keeps a picture of a screen for those who want to look at it. */
export async function picture(page, name) {
  const folder = process.env.COVERGEN_E2E_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
