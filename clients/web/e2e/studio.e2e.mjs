import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assertNoFaults, choose, eventually, newAccount, newPaidAccount, openPage } from "./harness.mjs";
import { covers, openMake, openTool, previewPixels, previewShows, shown } from "./make_steps.mjs";
import { photo, sizeOf } from "./pictures.mjs";
import { entriesOf } from "./zip.mjs";

const SIX = {
  youtube: [1280, 720],
  open_graph: [1200, 630],
  instagram_square: [1080, 1080],
  story: [1080, 1920],
  x: [1600, 900],
  pinterest: [1000, 1500],
};

/** Waits for another picture than the one whose checksum is `before`. */
function changes(page, what, before) {
  return eventually(what, async () => {
    const now = await previewPixels(page);
    return now.sum !== before.sum && now;
  });
}

test("every choice changes the living picture", async (t) => {
  const page = await openPage({ account: await newAccount() });
  await openMake(page);
  await page.getByLabel("Title", { exact: true }).fill("The sea keeps its own hours");
  await previewShows(page, { title: "The sea keeps its own hours" });

  await t.test("a kicker stands above the title", async () => {
    const before = await previewPixels(page);
    await page.getByLabel("Kicker").fill("Field notes");
    await previewShows(page, { kicker: "Field notes" });
    await changes(page, "a picture with the kicker", before);
  });

  await t.test("title ideas are offered and taken", async () => {
    await page.getByRole("button", { name: "Ideas", exact: true }).click();
    await page.getByLabel("What is it about?").fill("sailing at night");
    await page.keyboard.press("Enter");
    const ideas = page.getByRole("group", { name: "Title ideas" }).getByRole("listitem").getByRole("button");
    await ideas.nth(2).waitFor();
    const title = (await ideas.first().innerText()).trim();
    await ideas.first().click();
    assert.equal(await page.getByLabel("Title", { exact: true }).inputValue(), title);
    await previewShows(page, { title });
    await page.getByRole("button", { name: "Ideas", exact: true }).click();
  });

  await t.test("templates are found by words", async () => {
    const cards = page.locator("input[name=template]");
    const all = await cards.count();
    assert.ok(all >= 16, `${all} templates`);
    await page.getByRole("searchbox", { name: "Search templates" }).fill("swiss");
    await eventually("fewer templates", async () => {
      const count = await cards.count();
      return count > 0 && count < all;
    });
    await choose(page.locator("input[name=template][value=swiss]"));
    await previewShows(page, { template: "swiss" });
    await page.getByRole("searchbox", { name: "Search templates" }).fill("nothing is called this");
    await page.getByText("No template matches.").waitFor();
    await page.keyboard.press("Escape");
    await eventually("all templates again", async () => (await cards.count()) === all);
  });

  await t.test("a typeface is chosen by its looks", async () => {
    await openTool(page, "Style");
    const before = await previewPixels(page);
    await choose(page.locator("input[name=font][value=playfair]"));
    await previewShows(page, { font: "playfair" });
    await changes(page, "another typeface", before);
  });

  await t.test("a mood brings palettes", async () => {
    const before = await previewPixels(page);
    const mood = page.getByRole("group", { name: "Mood" }).getByRole("button").first();
    await mood.click();
    await page.getByTestId("mood-palettes").getByRole("button").nth(1).click();
    const { colors } = await eventually("colours of the mood", async () => {
      const now = await shown(page);
      return now.colors && now;
    });
    assert.match(colors, /^#[0-9A-Fa-f]{6}( #[0-9A-Fa-f]{6}){1,5}$/);
    await changes(page, "the mood’s colours", before);
  });

  await t.test("own colours are mixed", async () => {
    await choose(page.getByRole("radio", { name: "Your eye" }));
    await page.getByLabel("Ground", { exact: true }).fill("#123456");
    await eventually("the ground", async () => (await shown(page)).colors.startsWith("#123456"));
    await page.getByRole("button", { name: "Add a colour" }).click();
    await page.getByRole("button", { name: "Back to the template’s colours" }).click();
    await previewShows(page, { colors: "" });
  });

  assertNoFaults(page);
  await page.context().close();
});

test("a photo is uploaded, aimed, toned and lends its colours", async (t) => {
  const page = await openPage({ account: await newAccount() });
  await openMake(page);
  await page.getByLabel("Title", { exact: true }).fill("A red sun");
  await previewShows(page, { title: "A red sun" });

  await t.test("it is uploaded and stands behind the title", async () => {
    const before = await previewPixels(page);
    await openTool(page, "Photo");
    await page.locator("input[type=file]").setInputFiles({ name: "sun.png", mimeType: "image/png", buffer: photo() });
    await page.getByTestId("focal").locator("img").waitFor();
    await eventually("the photo in the preview", async () => (await shown(page)).photo.endsWith(" 0.5 0.5 natural"));
    await changes(page, "a picture with the photo", before);
  });

  await t.test("its focal point follows hand and keys", async () => {
    const frame = await page.getByTestId("focal").boundingBox();
    await page.mouse.click(frame.x + frame.width * 0.25, frame.y + frame.height * 0.75);
    await eventually("the point where the hand was", async () => / 0\.2[4-6] 0\.7[4-6] /.test((await shown(page)).photo));
    await page.getByLabel("Across").focus();
    await page.keyboard.press("Home");
    await eventually("the left edge", async () => / 0 0\.7[4-6] /.test((await shown(page)).photo));
  });

  await t.test("duotone paints it in two colours", async () => {
    const before = await previewPixels(page);
    await choose(page.getByRole("radio", { name: "Duotone" }));
    await eventually("duotone", async () => (await shown(page)).photo.endsWith("duotone"));
    await changes(page, "two colours", before);
  });

  await t.test("its colours become the palette", async () => {
    const before = await previewPixels(page);
    await openTool(page, "Style");
    await choose(page.getByRole("radio", { name: "A photo" }));
    const palettes = page.getByTestId("photo-palettes").getByRole("button");
    await palettes.first().waitFor();
    assert.ok((await palettes.count()) >= 3);
    await palettes.first().click();
    await eventually("the photo’s colours", async () => (await shown(page)).colors !== "");
    await changes(page, "the photo’s colours", before);
  });

  await t.test("what is no picture is refused, and said so", async () => {
    await openTool(page, "Photo");
    await page.locator("input[type=file]").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("not a picture") });
    await page.getByText("The picture was not stored").waitFor();
  });

  await page.context().close();
});

test("six sizes stand side by side, are made, packed and checked", async (t) => {
  const page = await openPage({ account: await newPaidAccount("PRO") });
  await openMake(page);
  const title = "Six sheets of one design";
  await page.getByLabel("Title", { exact: true }).fill(title);

  await t.test("each follows the typing", async () => {
    await openTool(page, "Sizes");
    for (const box of await page.locator("input[name=size]").all()) {
      const isWanted = (await box.inputValue()) in SIX;
      if ((await box.isChecked()) !== isWanted) await choose(box);
    }
    await choose(page.getByRole("radio", { name: "All sizes" }));
    const sheets = page.getByTestId("sheet");
    await eventually("six pictures of the title", async () => {
      const seen = await sheets.evaluateAll((all) => all.map((sheet) => [sheet.dataset.preset, sheet.dataset.title]));
      return seen.length === 6 && seen.every(([preset, of]) => preset in SIX && of === title);
    });
  });

  await t.test("generated, they are packed into one ZIP", async () => {
    await page.getByRole("button", { name: "Generate" }).click();
    await covers(page);
    await page.getByRole("button", { name: "Export pack" }).click();
    const dialog = page.getByRole("dialog");
    await choose(dialog.getByRole("checkbox", { name: "JPEG" }));
    await dialog.getByRole("button", { name: /^Make the ZIP · 12 files$/ }).click();
    const link = dialog.getByTestId("pack-download");
    await link.waitFor({ timeout: 60_000 });
    const [arrived] = await Promise.all([page.waitForEvent("download"), link.click()]);
    assert.match(arrived.suggestedFilename(), /\.zip$/);
    const entries = entriesOf(readFileSync(await arrived.path()));
    assert.equal(entries.length, 12);
    const found = entries.map(({ bytes }) => sizeOf(bytes)).map(({ format, width, height }) => `${format} ${width}x${height}`);
    const wanted = Object.values(SIX).flatMap(([width, height]) => ["png", "jpeg"].map((format) => `${format} ${width}x${height}`));
    assert.deepEqual(found.sort(), wanted.sort());
    assert.equal(new Set(entries.map(({ name }) => name)).size, 12, "no two names alike");
  });

  await t.test("a target size is kept", async () => {
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Make another" }).click();
    for (const size of await dialog.locator("input[name=pack-size]").all()) {
      if ((await size.isChecked()) !== ((await size.inputValue()) === "youtube")) await choose(size);
    }
    await choose(dialog.getByRole("checkbox", { name: "PNG" }));
    await choose(dialog.getByRole("checkbox", { name: "JPEG" }));
    await dialog.getByLabel("Target size of a file").fill("40");
    await dialog.getByRole("button", { name: /^Make the ZIP · 1 file$/ }).click();
    const link = dialog.getByTestId("pack-download");
    await link.waitFor({ timeout: 60_000 });
    const [arrived] = await Promise.all([page.waitForEvent("download"), link.click()]);
    const [file] = entriesOf(readFileSync(await arrived.path()));
    assert.equal(sizeOf(file.bytes).format, "jpeg");
    assert.ok(file.bytes.length <= 40 * 1024, `${file.bytes.length} bytes`);
  });

  assertNoFaults(page);
  await page.context().close();
});
