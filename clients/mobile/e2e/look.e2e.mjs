import { AxeBuilder } from "@axe-core/playwright";
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoFaults, beginElsewhere, choose, eventually, generate, makeElsewhere, newAccount, openPhone, picture, stopElsewhere } from "./harness.mjs";

/** What axe finds on the page as it stands. */
async function assertAccessible(page, where) {
  await page.evaluate(() => document.fonts.ready);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} (${node.failureSummary})`).join("; ")}`);
  assert.deepEqual(told, [], `at ${where}`);
}

/** Nothing reaches beyond the screen, and nothing to touch is too small. */
async function assertFits(page, where) {
  const { over, small } = await page.evaluate(() => ({
    over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: [...document.querySelectorAll("button, nav a, label:has(input)")]
      .map((element) => ({ name: element.textContent || element.ariaLabel, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24))
      .map(({ name }) => name),
  }));
  assert.deepEqual({ over, small }, { over: 0, small: [] }, `at ${where}`);
}

const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "at 320 px": { viewport: { width: 320, height: 568 } },
};

for (const [look, options] of Object.entries(LOOKS)) {
  test(`every screen, ${look}`, async (t) => {
    const account = await newAccount();
    const phone = await openPhone(options);
    const { page } = phone;
    const check = (where) =>
      t.test(where, async () => {
        await picture(page, `${look} ${where}`);
        await assertAccessible(page, where);
        await assertFits(page, where);
      });

    await page.goto("/sign-up");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("Enter a name.").waitFor();
    await check("sign-up");
    await page.goto("/forgot");
    await page.getByRole("button", { name: "Send the link" }).waitFor();
    await check("forgot");
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill(account.email);
    await page.getByLabel("Password", { exact: true }).fill(account.password);
    await check("sign-in");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByTestId("preview").locator("img").waitFor();
    await page.getByRole("link", { name: "Library" }).click();
    await page.getByText("Your covers will hang here").waitFor();
    await check("an empty library");
    await page.getByRole("link", { name: "Make" }).click();
    await page.getByRole("button", { name: "Make the cover" }).click();
    await page.getByText("Give your cover a title first.").waitFor();
    await choose(page.locator("input[name=template][value=retro]"));
    await page.getByText("comes with the Pro plan").waitFor();
    await check("make with notices");
    await choose(page.locator("input[name=template][value=orbs]"));
    await makeElsewhere(account, "A night radio show for people who cannot sleep");
    await generate(page, "Small hours");
    await page.getByRole("heading", { level: 1, name: "Small hours" }).waitFor();
    await check("a cover");
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").waitFor();
    await check("a question");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Library" }).click();
    await page.getByText("2 covers", { exact: true }).waitFor();
    await check("the library");
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByTestId("used").waitFor();
    await check("the account");
    await page.goto("/nowhere");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await check("an unknown address");
    assertNoFaults(phone);
    await phone.close();
  });
}

for (const [look, options] of Object.entries(LOOKS)) {
  test(`what is being made, ${look}`, async () => {
    const account = await newAccount();
    const begun = [await beginElsewhere(account, "A long evening of rain over a quiet harbour town"), await beginElsewhere(account, "Small hours")];
    const phone = await openPhone({ account, ...options });
    const { page } = phone;
    await page.getByTestId("preview").locator("img").waitFor();
    await page.getByTestId("running").getByRole("link", { name: /^A long evening/ }).waitFor();
    await picture(page, `${look} being made`);
    await assertAccessible(page, "what is being made");
    await assertFits(page, "what is being made");
    for (const taskId of begun) await stopElsewhere(account, taskId);
    await phone.close();
  });
}

test("the app speaks Chinese, by the phone’s language or by choice", async () => {
  const account = await newAccount();
  const phone = await openPhone({ locale: "zh-CN" });
  const { page } = phone;
  await page.goto("/sign-in");
  await page.getByLabel("邮箱").fill(account.email);
  await page.getByLabel("密码", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByRole("heading", { name: "制作封面" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
  await page.getByLabel("标题", { exact: true }).fill("Rain");
  await page.getByText("极光").waitFor();
  await picture(page, "zh make");
  await assertAccessible(page, "make in Chinese");
  await page.getByRole("link", { name: "账户" }).click();
  await page.getByText(/^已用 0 \/ 50$/).waitFor();
  await picture(page, "zh account");
  await assertFits(page, "the account in Chinese");
  await choose(page.getByRole("radio", { name: "English" }));
  await page.getByRole("heading", { name: "Account" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Account" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  await phone.close();
});

test("a chosen theme is there before the first paint", async () => {
  const phone = await openPhone({ account: await newAccount(), colorScheme: "light" });
  const { page } = phone;
  await page.getByRole("link", { name: "Account" }).click();
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await choose(page.getByRole("radio", { name: "Dark" }));
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.reload({ waitUntil: "commit" });
  await page.waitForLoadState("domcontentloaded");
  assert.equal(await ground(), dark);
  await phone.close();
});

test("a cover is made with the keyboard alone", async () => {
  const phone = await openPhone({ account: await newAccount() });
  const { page } = phone;
  await page.getByTestId("preview").locator("img").waitFor();
  const tabTo = (what, judge, ...given) =>
    eventually(what, async () => {
      await page.keyboard.press("Tab");
      assert.ok(await page.evaluate(() => {
        const element = document.activeElement;
        const places = [element, element.closest("label"), element.closest("label")?.querySelector("div"), element.parentElement].filter(Boolean);
        return element === document.body || places.some((place) => getComputedStyle(place).boxShadow !== "none" || getComputedStyle(place).outlineStyle !== "none");
      }), "every stop is seen");
      return page.evaluate(judge, ...given);
    });
  await tabTo("the title", () => document.activeElement.dataset.field === "title");
  await page.keyboard.type("Hands on the keys");
  await tabTo("the templates", () => document.activeElement.name === "template");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.querySelector("input[name=template]:checked").value), "swiss");
  await tabTo("the sizes", () => document.activeElement.name === "size");
  await tabTo("the button", () => document.activeElement.type === "submit");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Hands on the keys" }).waitFor();
  await phone.close();
});

test("nothing moves for those who asked for less motion", async () => {
  const phone = await openPhone({ account: await newAccount(), reducedMotion: "reduce" });
  const { page } = phone;
  await page.getByRole("link", { name: "Account" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  const longest = await page.evaluate(() =>
    Math.max(...document.getAnimations().map((animation) => Number(animation.effect.getComputedTiming().duration)), 0),
  );
  assert.ok(longest <= 1, `${longest} ms`);
  await phone.close();
});
