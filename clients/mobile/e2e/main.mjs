// Drives the built app in Chromium, as on a phone, against a running platform:
//
//   COVERGEN_MOBILE_URL=http://127.0.0.1:8081 npm run test:e2e
//
// COVERGEN_TEST_CHROMIUM names the browser (default /usr/bin/chromium);
// COVERGEN_E2E_ONLY keeps the tests whose file name contains it, and
// COVERGEN_E2E_PICTURES names a folder for pictures of every screen. The files
// share one browser, so they run in one process, one after another.
import { readdirSync } from "node:fs";
import { after } from "node:test";
import { closeBrowser } from "./harness.mjs";
import { closeNetworks } from "./network.mjs";

const only = process.env.COVERGEN_E2E_ONLY ?? "";
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".e2e.mjs") && name.includes(only))
  .sort();
if (files.length === 0) throw new Error(`no test file's name contains "${only}"`);
for (const file of files) await import(`./${file}`);

after(async () => {
  await closeBrowser();
  closeNetworks();
  // By then every result has been told; a connection that somebody keeps open
  // must not keep the run from ending.
  setTimeout(() => process.exit(), 5_000).unref();
});
