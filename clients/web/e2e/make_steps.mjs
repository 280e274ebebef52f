// Steps on the main screen that several tests take.
import assert from "node:assert/strict";
import { eventually } from "./harness.mjs";

/** The main screen, once its first preview is drawn. */
export async function openMake(page) {
  await page.goto("/");
  await page.getByTestId("preview").locator("img").waitFor();
}

/** Opens one of the tabs below the words: Template, Style, Photo or Sizes. */
export async function openTool(page, name) {
  const tab = page.getByRole("tab", { name });
  await tab.click();
  await eventually(`the tab ${name}`, async () => (await tab.getAttribute("aria-selected")) === "true");
}

/** What the preview shows now, as the app says: title, template, seed, … */
export function shown(page) {
  return page.getByTestId("preview").evaluate((sheet) => ({ ...sheet.dataset }));
}

/** Waits until the preview shows what `wanted` says. */
export function previewShows(page, wanted) {
  return eventually(`a preview of ${JSON.stringify(wanted)}`, async () => {
    const now = await shown(page);
    return Object.entries(wanted).every(([key, value]) => now[key] === value) && now;
  });
}

/** A checksum over the pixels of the preview, and its size. A picture that is
    replaced while it is read is read again. */
export function previewPixels(page) {
  return eventually("a picture that stays to be read", async () => {
    return readPixels(page).catch((error) => {
      if (String(error).includes("EncodingError")) return undefined;
      throw error;
    });
  });
}

function readPixels(page) {
  return page
    .getByTestId("preview")
    .locator("img")
    .evaluate(async (image) => {
      await image.decode();
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (const byte of data) sum = (Math.imul(sum, 31) + byte) | 0;
      return { sum, width: canvas.width, height: canvas.height };
    });
}

/** Waits for the generation under way to end well. */
export async function covers(page) {
  const run = page.getByTestId("run");
  await eventually("the end of the generation", async () => {
    const status = (await run.count()) > 0 ? await run.getAttribute("data-status") : null;
    assert.ok(!["FAILED", "CANCELLED"].includes(status), `the task ended as ${status}`);
    return status === "SUCCEEDED";
  });
}

/** Makes one cover of `title` in the sizes chosen at first. */
export async function makeCover(page, title) {
  await openMake(page);
  await page.getByLabel("Title", { exact: true }).fill(title);
  await page.getByRole("button", { name: "Generate" }).click();
  await covers(page);
}
