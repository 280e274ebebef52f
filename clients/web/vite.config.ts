import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, type DescriptorProto } from "@bufbuild/protobuf/wkt";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv, type Plugin } from "vite";

// The dev server passes every call on to a platform that runs already, so
// that the page and its cookies share one origin here too.
const platform = loadEnv("", ".", "COVERGEN_").COVERGEN_WEB_URL ?? "http://127.0.0.1:8080";

/** What only servers read: rules, routes and mesh policy. */
const SERVER_SIDE = /^file_(buf_validate_|google_api_annotations|google_api_http$|covergen_(bff|mesh)_v1_annotations)/;

/** The contracts say of every field and method what servers make of it:
    validation, routes, permissions. Browsers need the shapes alone; the rest
    would be more than half of all script. */
function withoutServerSide(): Plugin {
  const descriptor = /fileDesc\("([^"]+)"(?:, \[([^\]]*)\])?\)/;
  return {
    name: "without-server-side",
    enforce: "pre",
    transform(code, id) {
      const found = id.includes("/src/gen/covergen/") ? descriptor.exec(code) : null;
      if (!found) return null;
      const [whole, encoded = "", imports = ""] = found;
      const wanted = imports.split(", ").filter((name) => name && !SERVER_SIDE.test(name));
      return { code: code.replace(whole, () => `fileDesc("${shapesOf(encoded)}", [${wanted.join(", ")}])`), map: null };
    },
  };
}

function shapesOf(encoded: string): string {
  const file = fromBinary(FileDescriptorProtoSchema, base64Decode(encoded));
  file.options = undefined;
  file.messageType.forEach(strip);
  for (const type of file.enumType) for (const value of type.value) value.options = undefined;
  for (const service of file.service) for (const method of service.method) method.options = undefined;
  return base64Encode(toBinary(FileDescriptorProtoSchema, file), "std_raw");
}

function strip(message: DescriptorProto): void {
  // An entry of a map is known by its option.
  if (!message.options?.mapEntry) message.options = undefined;
  for (const field of message.field) field.options = undefined;
  message.nestedType.forEach(strip);
}

export default defineConfig({
  plugins: [withoutServerSide(), react()],
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
