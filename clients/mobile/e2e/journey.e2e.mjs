import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertNoFaults, choose, eventually, newCredentials, openPhone, picture } from "./harness.mjs";

const TITLE = "How a quiet harbour town learned to love the rain";

/** Headless Chromium has nothing to share with: what would be handed to other
    apps is noted instead. */
function watchSharing(context) {
  return context.addInitScript(() => {
    window.shared = [];
    navigator.canShare = ({ files }) => files.length > 0;
    navigator.share = async ({ title, files }) => {
      for (const file of files) window.shared.push({ title, name: file.name, type: file.type, size: file.size });
    };
  });
}

test("somebody signs up, makes a cover, shares, keeps and deletes it", async (t) => {
  const phone = await openPhone();
  await watchSharing(phone.context);
  const { page } = phone;
  const account = newCredentials();

  await t.test("an account is opened", async () => {
    await page.goto("/");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByLabel("Your name").fill(account.displayName);
    await page.getByLabel("E-mail").fill(account.email);
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Use at least 10 characters.").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(account.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Make a cover" }).waitFor();
    await page.getByTestId("quota").getByText("50 covers left").waitFor();
  });

  await t.test("no token is within reach of a script", async () => {
    const within = await page.evaluate(async () => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]));
    const cookies = await phone.context.cookies();
    const session = cookies.find(({ name }) => name.endsWith("covergen_session"));
    assert.ok(session?.httpOnly && !within.includes(session.value));
  });

  await t.test("the preview follows title, template and size", async () => {
    await page.getByRole("button", { name: "Make the cover" }).click();
    await page.getByText("Give your cover a title first.").waitFor();
    await page.getByLabel("Title", { exact: true }).fill(TITLE);
    await page.getByLabel("Subtitle").fill("Field notes");
    await choose(page.locator("input[name=template][value=gallery]"));
    await choose(page.locator("input[name=size][value=instagram_square]"));
    const preview = page.getByTestId("preview");
    await eventually("the preview", () =>
      preview.evaluate(
        ({ dataset }, title) => dataset.title === title && dataset.template === "gallery" && dataset.preset === "instagram_square",
        TITLE,
      ),
    );
    const [width, height] = await eventually("the preview", () =>
      preview.locator("img").evaluate((img) => img.complete && img.naturalWidth > 0 && [img.naturalWidth, img.naturalHeight]),
    );
    assert.equal(width, height);
    await picture(page, "make");
  });

  await t.test("the cover is made and seen", async () => {
    await page.getByRole("button", { name: "Make 2 sizes" }).click();
    await page.getByRole("heading", { level: 1, name: TITLE }).waitFor();
    const image = page.getByRole("img", { name: `${TITLE}, YouTube thumbnail` });
    const pixels = await eventually("the picture", () => image.evaluate((img) => img.complete && img.naturalWidth > 0 && [img.naturalWidth, img.naturalHeight]));
    assert.ok(Math.abs(pixels[0] / pixels[1] - 16 / 9) < 0.02, String(pixels));
    await picture(page, "cover");
  });

  await t.test("it is shared and downloaded in the chosen size", async () => {
    await choose(page.getByRole("radio", { name: /^Instagram square/ }));
    await page.getByRole("button", { name: "Share" }).click();
    const [shared] = await eventually("something shared", async () => {
      const list = await page.evaluate(() => window.shared);
      return list.length > 0 && list;
    });
    assert.equal(shared.title, TITLE);
    assert.equal(shared.type, "image/png");
    assert.match(shared.name, /^how-a-quiet-harbour-town.*-1080x1080\.png$/);
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const file = await readFile(await (await coming).path());
    assert.equal(file.length, shared.size);
    assert.deepEqual([file.readUInt32BE(16), file.readUInt32BE(20)], [1080, 1080]);
  });

  await t.test("it becomes a favourite and is found as one", async () => {
    const star = page.getByRole("button", { name: "Favourite" });
    await star.click();
    await eventually("the mark", async () => (await star.getAttribute("aria-pressed")) === "true");
    await page.getByRole("link", { name: "Library" }).click();
    await page.getByText("1 cover", { exact: true }).waitFor();
    await choose(page.getByRole("radio", { name: "Favourites" }));
    await page.getByTestId("covers").getByRole("link", { name: TITLE }).waitFor();
    await picture(page, "library");
  });

  await t.test("the account tells what is left", async () => {
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByTestId("used").getByText("1 of 50 used").waitFor();
    await page.getByText(account.email).waitFor();
    await picture(page, "account");
  });

  await t.test("it is deleted, after a question", async () => {
    await page.getByRole("link", { name: "Library" }).click();
    await page.getByTestId("covers").getByRole("link", { name: TITLE }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText("Your covers will hang here").waitFor();
  });

  await t.test("signing out empties the phone", async () => {
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    const left = await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open("covergen");
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const stores = [...opening.result.objectStoreNames];
            const tx = opening.result.transaction(stores);
            const counts = stores.map((store) => tx.objectStore(store).count());
            tx.oncomplete = () => resolve(counts.reduce((sum, { result }) => sum + result, 0));
          };
        }),
    );
    assert.equal(left, 0);
    assert.ok(!(await page.evaluate(() => caches.has("covergen-images"))));
    const cookies = (await phone.context.cookies()).filter(({ name }) => name.includes("covergen"));
    assert.deepEqual(cookies, []);
  });

  assertNoFaults(phone);
  await phone.close();
});
