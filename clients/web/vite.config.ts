import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";

// The dev server passes every call on to a platform that runs already, so
// that the page and its cookies share one origin here too.
const platform = loadEnv("", ".", "COVERGEN_").COVERGEN_WEB_URL ?? "http://127.0.0.1:8080";

/** The contracts import the language of validation rules, whose description
    alone is larger than ours together. Only the server reads rules; in the
    browser the file's name is enough for those that import it. */
function withoutRuleLanguage(): Plugin {
  const name = "buf/validate/validate.proto";
  const descriptor = btoa(`\x0a${String.fromCharCode(name.length)}${name}`);
  return {
    name: "without-rule-language",
    enforce: "pre",
    load: (id) =>
      id.endsWith("/gen/buf/validate/validate_pb.ts")
        ? `import { fileDesc } from "@bufbuild/protobuf/codegenv2";
           export const file_buf_validate_validate = /*@__PURE__*/ fileDesc("${descriptor}");`
        : null,
  };
}

export default defineConfig({
  plugins: [withoutRuleLanguage(), react()],
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
