import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assertNoFaults, call, choose, eventually, NAMED_BASE, newAccount, newPaidAccount, openPage } from "./harness.mjs";
import { mailedLink } from "./mail.mjs";
import { entriesOf } from "./zip.mjs";
import { totp } from "./totp.mjs";

/** A security key that says yes to everything, inside Chromium. */
async function addAuthenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { ...options, automaticPresenceSimulation: true },
  });
  return { cdp, authenticatorId };
}

async function signOut(page) {
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
}

async function enterPassword(page, { email, password }) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("a passkey is made, signs in without a password, and is taken away", async (t) => {
  const account = await newAccount();
  const page = await openPage({ account, baseURL: NAMED_BASE });
  const { cdp, authenticatorId } = await addAuthenticator(page);

  await t.test("it is made and listed", async () => {
    await page.goto("/account/security");
    await page.getByText("No passkey yet.").waitFor();
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByTestId("passkeys").getByRole("listitem").waitFor();
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    assert.equal(credentials.length, 1);
    assert.equal(credentials[0].rpId, "localhost");
  });

  await t.test("it is renamed", async () => {
    await page.getByRole("button", { name: /^Rename / }).click();
    await page.getByLabel("Name of the passkey").fill("My drawer key");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByTestId("passkeys").getByText("My drawer key").waitFor();
  });

  await t.test("it signs in", async () => {
    await signOut(page);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByTestId("preview").locator("img").waitFor();
    await page.goto("/account/security");
    await page.getByTestId("passkeys").getByText(/used this minute/).waitFor();
  });

  await t.test("it is taken away, and signs in no more", async () => {
    await page.getByRole("button", { name: "Remove My drawer key" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("No passkey yet.").waitFor();
    await signOut(page);
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByRole("alert").waitFor();
    assert.match(page.url(), /sign-in/);
  });
  await page.context().close();
});

test("two steps guard the sign-in, and a recovery code opens it once", async (t) => {
  const account = await newAccount();
  const page = await openPage({ account });
  let secret;
  let recovery;

  await t.test("it is set up by a QR code", async () => {
    await page.goto("/account/security");
    await page.getByRole("button", { name: "Set it up" }).click();
    await page.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
    secret = (await page.getByTestId("totp-secret").innerText()).trim();
    await page.getByLabel("Code of the app").fill("12");
    await page.getByRole("button", { name: "Confirm" }).click();
    await page.getByText("Enter the 6 digits the app shows.").waitFor();
    await page.getByLabel("Code of the app").fill(totp(secret));
    await page.getByRole("button", { name: "Confirm" }).click();
    const codes = page.getByTestId("recovery-codes").getByRole("listitem");
    await codes.first().waitFor();
    recovery = (await codes.first().innerText()).trim();
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByText(/recovery codes left/).waitFor();
  });

  await t.test("the password alone no longer opens a session", async () => {
    await signOut(page);
    await enterPassword(page, account);
    await page.getByRole("heading", { name: "One more step" }).waitFor();
    await page.getByLabel("Code", { exact: true }).fill("000000");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("This code is not right").waitFor();
    // The step of the enrolment is used up; the next one is good already.
    await page.getByLabel("Code", { exact: true }).fill(totp(secret, 1));
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByTestId("preview").locator("img").waitFor();
  });

  await t.test("a recovery code does in its place, once", async () => {
    for (const isFirst of [true, false]) {
      await page.goto("/account/security");
      await signOut(page);
      await enterPassword(page, account);
      await page.getByRole("button", { name: "Use a recovery code" }).click();
      await page.getByLabel("Recovery code").fill(recovery);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      if (isFirst) await page.getByTestId("preview").locator("img").waitFor();
      else await page.getByText("This code is not right").waitFor();
    }
  });
  await page.context().close();
});

test("an address is verified, a password changed, forgotten and replaced by mail", async (t) => {
  const account = await newAccount();
  const page = await openPage({ account });
  const other = await openPage({ account });

  await t.test("a mailed link verifies the address", async () => {
    await page.goto("/account/security");
    await page.getByText("Not verified yet").waitFor();
    const before = await mailedLink(account.email, "/verify-email");
    await page.getByRole("button", { name: "Send the link again" }).click();
    await page.getByText(`A link is on its way to ${account.email}.`).waitFor();
    await page.goto(await mailedLink(account.email, "/verify-email", [before]));
    await page.getByRole("button", { name: "Confirm my address" }).click();
    await page.getByRole("heading", { name: "Your address is verified" }).waitFor();
    await page.goto("/account/security");
    await page.getByText("Verified", { exact: true }).waitFor();
  });

  await t.test("changing it ends the other sessions", async () => {
    await page.goto("/account/security");
    await page.getByLabel("Current password").fill("not this one at all");
    await page.getByLabel("New password").fill("a wholly new secret");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.locator("[role=alert], [aria-invalid=true]").first().waitFor();
    await page.getByLabel("Current password").fill(account.password);
    await page.getByLabel("New password").fill("a wholly new secret");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Password changed").waitFor();
    await other.goto("/library");
    await other.waitForURL("**/sign-in?**");
  });

  await t.test("a mailed link replaces it; opening the link uses nothing up", async () => {
    await signOut(page);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("E-mail").fill(account.email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText("Check your mail").waitFor();
    const link = await mailedLink(account.email, "/reset-password");
    for (let opened = 0; opened < 2; opened += 1) {
      await page.goto("/sign-in");
      await page.goto(link);
      await page.getByRole("heading", { name: "Choose a new password" }).waitFor();
    }
    assert.ok(!page.url().includes("token"), "the token is taken out of the address");
    await page.getByLabel("Password", { exact: true }).fill("the third secret of all");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("Your password is set").waitFor();
    await page.getByRole("link", { name: "Sign in" }).click();
    await enterPassword(page, { ...account, password: "the third secret of all" });
    await page.getByTestId("preview").locator("img").waitFor();
    await page.goto("/account");
    await page.goto(link);
    await page.getByLabel("Password", { exact: true }).fill("a fourth one, too many");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("This link is used up or too old.", { exact: false }).waitFor();
  });

  await Promise.all([page.context().close(), other.context().close()]);
});

test("an API key is made, shown once, used and revoked", async () => {
  const page = await openPage({ account: await newPaidAccount("PRO_PLUS") });
  await page.goto("/account/keys");
  await page.getByText("No key yet.").waitFor();
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make a key" }).click();
  await dialog.getByText("Give the key a name.").waitFor();
  await dialog.getByLabel("Name").fill("Build server");
  await choose(dialog.getByRole("radio", { name: "Live" }));
  await dialog.getByRole("button", { name: "Make a key" }).click();
  const secret = (await page.getByTestId("api-key-secret").innerText()).trim();
  assert.match(secret, /^cg_live_/);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await page.getByTestId("api-keys").getByText("Build server").waitFor();
  assert.ok(!(await page.content()).includes(secret), "the secret is gone");
  const { covers } = await call({ accessToken: secret }, "GET", "/covers");
  assert.deepEqual(covers, []);
  await page.getByRole("button", { name: "Revoke Build server" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("Revoked", { exact: true }).waitFor();
  await eventually("the key to be refused", () => call({ accessToken: secret }, "GET", "/covers", undefined, [401]).then(() => true, () => false));
  await page.context().close();
});

test("all data is taken along, and the account erased", async (t) => {
  const account = await newAccount();
  const page = await openPage({ account });

  await t.test("the copy is a ZIP with the profile in it", async () => {
    await page.goto("/account/data");
    await page.getByRole("button", { name: "Prepare the copy" }).click();
    const link = page.getByTestId("data-download");
    await link.waitFor();
    const [arrived] = await Promise.all([page.waitForEvent("download"), link.click()]);
    const entries = entriesOf(readFileSync(await arrived.path()));
    assert.ok(entries.length > 0);
    assert.ok(entries.some(({ bytes }) => bytes.includes(account.email)), "the address is in it");
  });

  await t.test("deleting takes the words, and ends everything", async () => {
    await page.getByRole("button", { name: "Delete my account" }).click();
    const dialog = page.getByRole("alertdialog");
    assert.ok(await dialog.getByRole("button", { name: "Erase everything" }).isDisabled());
    await dialog.getByLabel(/^Type/).fill("delete my account");
    await dialog.getByRole("button", { name: "Erase everything" }).click();
    await page.getByText("Your account is deleted", { exact: false }).waitFor();
    await enterPassword(page, account);
    await page.getByText("E-mail or password is not right.").waitFor();
  });
  assert.deepEqual(page.faults.filter((fault) => !fault.includes("401")), []);
  await page.context().close();
});

test("preferences are what a new cover begins with", async () => {
  const account = await newAccount();
  const page = await openPage({ account });
  await page.goto("/account");
  await page.getByRole("combobox", { name: "Template" }).selectOption("swiss");
  await choose(page.getByRole("checkbox", { name: "X post" }));
  await choose(page.getByRole("checkbox", { name: "WebP" }));
  await page.getByRole("button", { name: "Keep as default" }).click();
  await eventually("the stored preferences", async () => (await call(account, "GET", "/users/me/preferences")).defaultTemplateId === "swiss");
  await page.getByRole("link", { name: "Make", exact: true }).click();
  await eventually("the preview of the preferred design", async () => {
    const sheet = page.getByTestId("preview");
    return (await sheet.getAttribute("data-template")) === "swiss" && (await sheet.getAttribute("data-preset")) === "x";
  });
  assertNoFaults(page);
  await page.context().close();
});
