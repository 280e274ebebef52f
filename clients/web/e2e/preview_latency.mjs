// How long a preview takes in the page, measured and told, never asserted:
//
//   COVERGEN_WEB_URL=http://127.0.0.1:8080 npm run bench:preview [-- ROUNDS]
//
// Prints one object a line. `asked` is what the page itself shows: from the
// call to the decoded picture. `typed` is what a person waits for: from the
// key to the frame that shows the title, the pause after typing included.
import { closeBrowser, newAccount, openPage } from "./harness.mjs";
import { openMake, openTool } from "./make_steps.mjs";

const ROUNDS = Number(process.argv[2] ?? 60);
const WARM_UP = 5;
/** The goal for `asked` on loopback, in milliseconds. */
const TARGET_MS = 80;
const TITLE = "The long way round the harbour in the early morning fog";

/** Adds a character and waits for its picture; both times in milliseconds. */
function another(page, title) {
  return page.evaluate(async (wanted) => {
    const field = document.querySelector("[data-field=title]");
    const sheet = document.querySelector("[data-testid=preview]");
    const start = performance.now();
    const shown = new Promise((done) => {
      const look = () => {
        if (sheet.dataset.title !== wanted) return false;
        watcher.disconnect();
        requestAnimationFrame(() => done(performance.now()));
        return true;
      };
      const watcher = new MutationObserver(look);
      watcher.observe(sheet, { attributes: true });
    });
    // As React hears of typing: the native setter, then an input event.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, wanted);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const end = await shown;
    return { typed: end - start, asked: Number(sheet.dataset.latencyMs) };
  }, title);
}

function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 10) / 10;
}

async function measure(page, name) {
  const found = [];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const length = 8 + ((round + WARM_UP) % (TITLE.length - 8));
    const times = await another(page, `${TITLE.slice(0, length).trimEnd()} ${round + WARM_UP}`);
    if (round >= 0) found.push(times);
  }
  for (const metric of ["asked", "typed"]) {
    const values = found.map((times) => times[metric]);
    const [p50, p95] = [percentile(values, 0.5), percentile(values, 0.95)];
    const goal = metric === "asked" ? { target: TARGET_MS, ok: p50 <= TARGET_MS } : {};
    console.log(JSON.stringify({ bench: "web", case: `preview, ${name}`, metric: `${metric} p50 ms`, ours: p50, p95, rounds: values.length, ...goal }));
  }
}

const page = await openPage({ account: await newAccount() });
await openMake(page);
await openTool(page, "Template");
const templates = await page.locator("input[name=template]").evaluateAll((inputs) => inputs.map(({ value }) => value));
for (const template of templates.slice(0, 3)) {
  await page.locator(`input[name=template][value="${template}"]`).locator("xpath=ancestor::label").click();
  await measure(page, template);
}
await page.context().close();
await closeBrowser();
