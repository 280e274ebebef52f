// Moves by the keyboard, as somebody without a mouse does.

/** Presses Tab until what `judge` describes has focus. */
export async function tabTo(page, what, judge, argument, key = "Tab") {
  for (let presses = 0; presses < 120; presses += 1) {
    if (await page.evaluate(judge, argument)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never reaches ${what}`);
}
