// What happens when a database refuses a write. COVERGEN_E2E_DATA names the
// platform's folder; Python brings SQLite along.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const SCRIPT = `
import sqlite3, sys
database = sqlite3.connect(f"file:{sys.argv[1]}?mode=rw", uri=True, timeout=20)
database.executescript(sys.stdin.read())
`;

/** Runs statements on a service's database, beside the running service. */
export function execute(service, statements) {
  const folder = process.env.COVERGEN_E2E_DATA;
  assert.ok(folder, "COVERGEN_E2E_DATA must name the platform's folder");
  execFileSync("python3", ["-c", SCRIPT, join(folder, "db", `${service}.sqlite`)], { input: statements });
}
