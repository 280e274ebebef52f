// Builds the service worker after the app, because it has to know every file
// that the app consists of.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "vite";

/** Files under `dist` that phones never need again after installing. */
const NOT_PRECACHED = [/^\/sw\.js$/, /^\/licences\//, /^\/icons\/.*-(192|512)\.png$/];

/** Writes `/sw.js`, one classic script with the list of files to keep. */
export function serviceWorker(): Plugin {
  let outDir = "dist";
  return {
    name: "service-worker",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    async closeBundle() {
      rmSync(join(outDir, "sw.js"), { force: true });
      const files = precached(outDir);
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: {
          __SHELL_FILES__: JSON.stringify(files.map(({ path }) => path)),
          __SHELL_VERSION__: JSON.stringify(digest(files.map(({ path, hash }) => `${path} ${hash}`).join("\n"))),
        },
        build: {
          outDir,
          emptyOutDir: false,
          target: ["chrome123", "safari17.5", "firefox120"],
          rollupOptions: {
            input: "src/sw/main.ts",
            output: { format: "iife", entryFileNames: "sw.js" },
          },
        },
      });
    },
  };
}

function precached(outDir: string): { path: string; hash: string }[] {
  const files = readdirSync(outDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(outDir.length).replaceAll("\\", "/"))
    .filter((path) => !NOT_PRECACHED.some((pattern) => pattern.test(path)))
    .sort();
  return files.map((path) => ({ path, hash: digest(readFileSync(join(outDir, path))) }));
}

function digest(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("base64url").slice(0, 12);
}
