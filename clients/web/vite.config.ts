import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

// The dev server passes every call on to a platform that runs already, so
// that the page and its cookies share one origin here too.
const platform = loadEnv("", ".", "COVERGEN_").COVERGEN_WEB_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/api", "/i/", "^/covergen\\..*"].map((path) => [path, { target: platform, changeOrigin: false }]),
    ),
  },
  build: {
    // Browsers of the last two years: they know light-dark() and nesting, so
    // neither is rewritten into something longer.
    target: ["chrome123", "safari17.5", "firefox120"],
    assetsInlineLimit: 0,
  },
});
