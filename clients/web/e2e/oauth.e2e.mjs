// Signing in with somebody else's account, against npm's `oidc-provider`.
// COVERGEN_E2E_OIDC names its address; the platform knows it as `corp`.
import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { BASE, assertNoFaults, cookieOf, eventually, newAccount, openPage } from "./harness.mjs";

const ISSUER = process.env.COVERGEN_E2E_OIDC;
assert.ok(ISSUER, "COVERGEN_E2E_OIDC must name the provider that the platform was started with");
const START = "/api/v1/auth/oauth/corp";
const CALLBACK = `${BASE}${START}/callback`;

/** A page in a fresh profile. The provider's pages ask for a typeface from
    afar, which is answered with none: tests reach this machine alone. */
async function openHere(options) {
  const page = await openPage(options);
  const isFar = ({ hostname }) => !["127.0.0.1", "localhost"].includes(hostname);
  await page.context().route(isFar, (route) => route.fulfill({ contentType: "text/css", body: "" }));
  return page;
}

/** Every answer that the page is given on its way, with its headers. */
function answersOf(page) {
  const answers = [];
  page.on("response", (answer) => {
    if (answer.request().isNavigationRequest()) answers.push(answer);
  });
  return { to: (start) => answers.find((answer) => answer.url().startsWith(start)) };
}

/** Where a browser of this profile would be sent to sign in. */
async function authorizationUrl(page) {
  const answer = await page.context().request.get(BASE + START, { maxRedirects: 0 });
  assert.equal(answer.status(), 303);
  return new URL(answer.headers().location);
}

/** Says who it is at the provider, and agrees to what it asks. */
async function signInAtProvider(page, login) {
  await page.waitForURL(`${ISSUER}/interaction/**`);
  await page.locator("input[name=login]").fill(login);
  await page.locator("input[name=password]").fill("any will do");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

/** A page that says why there is no session, and no session. */
async function assertRefused(page, reason, sentence) {
  await page.waitForURL(`**/sign-in?oauthError=${reason}`);
  const alert = page.getByRole("alert");
  await alert.getByText("Signing in by the provider did not work.").waitFor();
  await alert.getByText(sentence).waitFor();
  await page.getByRole("link", { name: "Continue with Corp" }).waitFor();
  assert.equal(await cookieOf(page, "covergen_session"), undefined);
  assert.equal(await cookieOf(page, "covergen_refresh"), undefined);
}

test("somebody new signs in by the provider and comes back to where they were going", async (t) => {
  const login = `grace-${randomUUID()}@example.com`;
  const page = await openHere();
  const answers = answersOf(page);
  let callback;

  await t.test("the button leads to the provider, with a cookie that binds the way back", async () => {
    await page.goto("/library");
    await page.waitForURL("**/sign-in?next=%2Flibrary");
    await page.getByRole("link", { name: "Continue with Corp" }).click();
    await page.waitForURL(`${ISSUER}/interaction/**`);
    const start = answers.to(BASE + START);
    assert.equal(start.status(), 303);
    const { location, "set-cookie": cookie, "cache-control": cache } = await start.allHeaders();
    assert.match(cache, /no-store/);
    const asked = new URL(location);
    assert.equal(asked.origin, ISSUER);
    const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(asked.searchParams);
    assert.deepEqual([state.length, nonce.length, challenge.length], [43, 43, 43]);
    assert.equal(rest.code_challenge_method, "S256");
    assert.equal(rest.redirect_uri, CALLBACK);
    assert.equal(rest.response_type, "code");
    assert.match(cookie, /^covergen_oauth=[^;]{43};/);
    assert.ok(!cookie.includes(state), "the cookie is not the state itself");
    const [kept] = (await page.context().cookies(CALLBACK)).filter(({ name }) => name.endsWith("covergen_oauth"));
    assert.deepEqual([kept.httpOnly, kept.sameSite, kept.path], [true, "Lax", START.replace("/corp", "")]);
  });

  await t.test("the answer opens a session in cookies that no script can read", async () => {
    await signInAtProvider(page, login);
    await page.waitForURL(`${BASE}/library`);
    const answer = answers.to(CALLBACK);
    callback = answer.url();
    assert.equal(answer.status(), 303);
    assert.equal((await answer.allHeaders()).location, "/library");
    assert.equal(new URL(callback).searchParams.get("iss"), ISSUER);
    const session = await cookieOf(page, "covergen_session");
    const refresh = await cookieOf(page, "covergen_refresh");
    assert.deepEqual([session.httpOnly, refresh.httpOnly], [true, true]);
    assert.equal(await cookieOf(page, "covergen_oauth"), undefined);
    const readable = await page.evaluate(() => [document.cookie, location.href, ...Object.values({ ...localStorage, ...sessionStorage })].join(" "));
    for (const secret of [session.value, refresh.value]) assert.ok(!readable.includes(secret));
  });

  await t.test("the session works", async () => {
    await page.getByText("Your covers will hang here").waitFor();
    await page.goto("/account/security");
    await page.getByText(login).first().waitFor();
    const me = await page.evaluate(async () => (await fetch("/api/v1/users/me")).json());
    assert.deepEqual([me.email, me.displayName], [login, "Ada Lovelace"]);
    await page.reload();
    await page.getByText(login).first().waitFor();
    assertNoFaults(page);
  });

  await t.test("the same answer opens nothing for anybody else", async () => {
    const stranger = await openHere();
    await stranger.goto(callback);
    await assertRefused(stranger, "OAUTH_STATE_INVALID", "took too long, or began in another browser");
    const { violations } = await new AxeBuilder({ page: stranger }).analyze();
    assert.deepEqual(violations.map(({ id }) => id), []);
    await stranger.context().close();
  });

  await t.test("whoever comes again is the same person", async () => {
    const again = await openHere();
    await again.goto("/sign-in");
    await again.getByRole("link", { name: "Continue with Corp" }).click();
    await signInAtProvider(again, login);
    await again.waitForURL(`${BASE}/`);
    const ids = await Promise.all([page, again].map((each) => each.evaluate(async () => (await (await fetch("/api/v1/users/me")).json()).id)));
    assert.equal(ids[0], ids[1]);
    await again.context().close();
  });

  await page.context().close();
});

test("an answer with a state that was tampered with is refused", async () => {
  const page = await openHere();
  const url = await authorizationUrl(page);
  const state = url.searchParams.get("state");
  url.searchParams.set("state", state.slice(0, -1) + (state.endsWith("A") ? "B" : "A"));
  await page.goto(url.href);
  await signInAtProvider(page, `mallory-${randomUUID()}@example.com`);
  await assertRefused(page, "OAUTH_STATE_INVALID", "took too long, or began in another browser");
  await page.context().close();
});

test("an answer to another browser’s question is refused", async () => {
  const attacker = await openHere();
  const victim = await openHere();
  const url = await authorizationUrl(attacker);
  await victim.goto(url.href);
  await signInAtProvider(victim, `victim-${randomUUID()}@example.com`);
  await assertRefused(victim, "OAUTH_STATE_INVALID", "took too long, or began in another browser");
  // A sign-in that begins here works; the provider knows them by now.
  await victim.getByRole("link", { name: "Continue with Corp" }).click();
  await victim.waitForURL(`${BASE}/`);
  await Promise.all([attacker.context().close(), victim.context().close()]);
});

test("a no at the provider, and an address it has not proved, are told", async () => {
  const page = await openHere();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Continue with Corp" }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  await assertRefused(page, "OAUTH_DENIED", "The provider was told not to sign you in.");
  await page.getByRole("link", { name: "Continue with Corp" }).click();
  await signInAtProvider(page, `unproved-${randomUUID()}@example.com`);
  await assertRefused(page, "OAUTH_EMAIL_UNVERIFIED", "The provider has not verified your address.");
  await page.context().close();
});

test("a provider is linked with an account, signs it in, and is unlinked", async (t) => {
  const account = await newAccount();
  const login = `linked-${randomUUID()}@example.com`;
  const page = await openHere({ account });

  await t.test("linked", async () => {
    await page.goto("/account/security");
    await page.getByRole("button", { name: "Link Corp" }).click();
    await signInAtProvider(page, login);
    await page.waitForURL(`${BASE}/account/security`);
    await page.getByText(login).waitFor();
  });

  await t.test("it signs in to the same account", async () => {
    const other = await openHere();
    await other.goto("/sign-in");
    await other.getByRole("link", { name: "Continue with Corp" }).click();
    await signInAtProvider(other, login);
    await other.waitForURL(`${BASE}/`);
    const me = await other.evaluate(async () => (await fetch("/api/v1/users/me")).json());
    assert.equal(me.id, account.id);
    await other.context().close();
  });

  await t.test("an answer that does not belong here is told to somebody signed in, too", async () => {
    await page.goto(`${CALLBACK}?code=x&state=y&iss=${encodeURIComponent(ISSUER)}`);
    await page.waitForURL("**/account/security?oauthError=OAUTH_STATE_INVALID");
    await page.getByRole("alert").getByText("took too long, or began in another browser").waitFor();
  });

  await t.test("unlinked", async () => {
    await page.getByRole("button", { name: "Unlink Corp" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Unlink" }).click();
    await eventually("the link to go", async () => (await page.getByText(login).count()) === 0);
  });

  assertNoFaults(page);
  await page.context().close();
});
