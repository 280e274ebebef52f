// Drives the built app in a real browser against a running platform:
//
//   COVERGEN_WEB_URL=http://127.0.0.1:8080 npm run test:e2e
//
// COVERGEN_E2E_ADMIN holds an admin's e-mail and password, and COVERGEN_E2E_MAIL
// names the folder that the platform writes mails to (`mail.outbox_dir`);
// COVERGEN_E2E_DATA names the folder it keeps its data in, and COVERGEN_E2E_OIDC
// the provider of `services/auth/tests/peers` that it knows as `corp`.
// COVERGEN_TEST_CHROMIUM names the browser (default /usr/bin/chromium);
// COVERGEN_E2E_ONLY keeps the tests whose file name contains it. The files
// share one browser, so they run in one process, one after another.
import { readdirSync } from "node:fs";
import { after } from "node:test";
import { closeBrowser } from "./harness.mjs";

const only = process.env.COVERGEN_E2E_ONLY ?? "";
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".e2e.mjs") && name.includes(only))
  .sort();
if (files.length === 0) throw new Error(`no test file's name contains "${only}"`);
for (const file of files) await import(`./${file}`);

after(closeBrowser);
