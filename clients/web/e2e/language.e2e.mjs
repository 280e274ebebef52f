import assert from "node:assert/strict";
import { test } from "node:test";
import { adminAccount, assertNoFaults, newAccount, openPage } from "./harness.mjs";
import { covers, previewShows } from "./make_steps.mjs";

// Names that stay as they are in every language.
const SAME = /^(Covergen|EN|[A-Z]{1,2}|English|PNG|JPEG|WebP|Pro|Pro Plus|Ctrl \+ Enter|YouTube|X|[\d\s×.,/·%–:()+-]+)$/;

/** Pages, and a heading that tells that each is there. */
const PAGES = [
  ["/account", "个人资料"],
  ["/account/security", "登录会话"],
  ["/account/photos", "我的照片"],
  ["/account/history", "作品动态"],
  ["/account/keys", "API 密钥"],
  ["/account/data", "您的数据副本"],
  ["/brand", "品牌套件"],
  ["/bulk", "批量制作"],
];

/** The same of operators' pages. */
const ADMIN_PAGES = [
  ["/admin", "死信"],
  ["/admin/safety", "违规记录"],
  ["/admin/rules", "试一段文字"],
  ["/admin/users", "用户"],
  ["/admin/mesh", "服务间调用"],
];

/** Texts of controls, headings and labels that hold no Chinese. */
function untranslated(page) {
  return page.evaluate(() => {
    const nodes = document.querySelectorAll("main :is(h1,h2,h3,legend,label,button,a,dt), nav a, [aria-label], [placeholder]");
    const texts = [...nodes].flatMap((node) => [
      ["H1", "H2", "H3", "LEGEND", "BUTTON", "DT"].includes(node.tagName) ? node.textContent : "",
      node.getAttribute("aria-label"),
      node.getAttribute("placeholder"),
    ]);
    return [...new Set(texts.filter(Boolean).map((text) => text.trim()))].filter((text) => text && !/\p{Script=Han}/u.test(text));
  });
}

test("the whole app speaks Chinese to a Chinese browser", async () => {
  const account = await newAccount("zh-CN");
  const page = await openPage({ locale: "zh-CN" });
  const title = "三十天学会画画：从零开始的完整指南";
  const isChinese = async (where) => {
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
    const left = (await untranslated(page)).filter((text) => !SAME.test(text) && text !== account.displayName);
    assert.deepEqual(left, [], `left in English at ${where}`);
  };

  await page.goto("/sign-up");
  await page.getByRole("heading", { name: "创建您的账户" }).waitFor();
  await isChinese("sign-up");
  await page.goto("/sign-in");
  await page.getByLabel("邮箱").fill(account.email);
  await page.getByLabel("密码", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "登录" }).click();
  await page.getByTestId("preview").locator("img").waitFor();
  await page.getByLabel("标题", { exact: true }).fill(title);
  await previewShows(page, { title });
  await isChinese("Make");
  for (const tool of ["风格", "照片", "尺寸"]) {
    await page.getByRole("tab", { name: tool }).click();
    await page.waitForLoadState("networkidle");
    await isChinese(tool);
  }
  await page.getByRole("button", { name: "生成" }).click();
  await covers(page);
  await isChinese("the results");
  await page.getByRole("link", { name: "作品库", exact: true }).click();
  await page.getByRole("link", { name: title }).click();
  await page.getByRole("button", { name: "导出其他尺寸" }).click();
  await page.getByRole("dialog").waitFor();
  await isChinese("the export dialog");
  await page.keyboard.press("Escape");
  for (const [path, heading] of PAGES) {
    await page.goto(path);
    await page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
    await page.waitForLoadState("networkidle");
    await isChinese(path);
  }
  assertNoFaults(page);
  await page.context().close();
});

test("operators’ pages speak it, too", async () => {
  const page = await openPage({ account: adminAccount() });
  await page.addInitScript(() => localStorage.setItem("covergen.language", "zh-Hans"));
  for (const [path, heading] of ADMIN_PAGES) {
    await page.goto(path);
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
    await page.waitForLoadState("networkidle");
    const left = (await untranslated(page)).filter((text) => !SAME.test(text));
    assert.deepEqual(left, [], `left in English at ${path}`);
  }
  await page.goto("/admin/rules");
  for (const [button, title] of [["新建规则", "新建规则"], [/^编辑 /, /^编辑 /], [/的版本$/, /的版本$/], [/^停用 /, "停用此规则？"]]) {
    await page.getByRole("button", { name: button }).first().click();
    await page.getByRole("heading", { name: title }).waitFor();
    const dialog = await page.locator("[role=dialog], [role=alertdialog]").evaluate((root) =>
      [...root.querySelectorAll("h2, legend, label, button")].map((node) => node.textContent.trim() || node.getAttribute("aria-label")),
    );
    assert.deepEqual(dialog.filter((text) => text && !/\p{Script=Han}/u.test(text)), [], `left in English in ${title}`);
    await page.keyboard.press("Escape");
    await page.locator("[role=dialog], [role=alertdialog]").waitFor({ state: "detached" });
  }
  assertNoFaults(page);
  await page.context().close();
});

test("a language that was chosen stays, also in the profile", async () => {
  const account = await newAccount();
  const page = await openPage({ account });
  await page.goto("/account");
  const stored = page.waitForResponse((answer) => answer.url().endsWith("UserService/UpdateUser"));
  await page.getByText("简体中文").click();
  await page.getByRole("heading", { name: "账户" }).waitFor();
  await (await stored).finished();
  await page.reload();
  await page.getByRole("heading", { name: "账户" }).waitFor();

  // Another browser, where nothing was chosen, takes it from the profile.
  const other = await openPage({ account });
  await other.goto("/account");
  await other.getByRole("heading", { name: "账户" }).waitFor();
  await Promise.all([page.context().close(), other.context().close()]);
});
