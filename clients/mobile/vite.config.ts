import { defineConfig, loadEnv } from "vite";
import { serviceWorker } from "./build/service_worker.ts";

// The dev and preview servers pass every call on to a platform that runs
// already, so that the page and its cookies share one origin here too.
const platform = loadEnv("", ".", "COVERGEN_").COVERGEN_MOBILE_URL ?? "http://127.0.0.1:8081";
const proxy = Object.fromEntries(["/m/", "/i/"].map((path) => [path, { target: platform, changeOrigin: false }]));

export default defineConfig({
  plugins: [serviceWorker()],
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
  build: {
    // Phones of the last two years: they know light-dark() and nesting.
    target: ["chrome123", "safari17.5", "firefox120"],
    assetsInlineLimit: 0,
  },
});
