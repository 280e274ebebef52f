// Generates a client's types with its own generator and bundles its page.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const HERE = import.meta.dirname;
/** What generates for which client, and what its files export a service as. */
const GENERATORS = {
  connect: { plugin: "protoc-gen-es", opt: ["target=ts"], file: "_pb.ts" },
  grpc_web: { plugin: "protoc-gen-es", opt: ["target=ts"], file: "_pb.ts" },
  protobuf_ts: { plugin: "protoc-gen-ts", opt: ["client_none", "long_type_string"], file: ".ts" },
};

/** Bundles the page of `client` for the `contracts` that buf reads; answers its script. */
export async function bundle({ client, backend, contracts, buf, protos }) {
  const work = generate({ client, name: `${backend}-${client}`, contracts, buf });
  writeFileSync(join(work, "services.ts"), table(protos, GENERATORS[client]));
  return pack(work, client, "iife");
}

/** Runs the generator of `client` over the contracts; answers its folder. */
export function generate({ client, name, contracts, buf }) {
  const generator = GENERATORS[client];
  // Below node_modules, so that generated files find the packages they import.
  const work = join(HERE, "node_modules/.pages", name);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const template = {
    version: "v2",
    plugins: [{ local: join(HERE, "node_modules/.bin", generator.plugin), out: "gen", opt: generator.opt }],
  };
  execFileSync(
    buf,
    ["generate", contracts, "--template", JSON.stringify(template), "--output", work, "--include-imports"],
    { cwd: work, stdio: ["ignore", "inherit", "inherit"] },
  );
  return work;
}

/** Bundles `pages/ENTRY.ts` with what was generated into `work`. */
export async function pack(work, entry, format) {
  const built = await build({
    configFile: false,
    logLevel: "error",
    root: HERE,
    resolve: { alias: { "#gen": join(work, "gen"), "#services": join(work, "services.ts") } },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(HERE, `pages/${entry}.ts`), formats: [format], name: "page" },
    },
  });
  return [built].flat()[0].output[0].code;
}

/** A module that lists the services by full name. */
function table(protos, generator) {
  const imports = protos.map(({ file, service }, index) => {
    const path = file.replace(/\.proto$/, generator.file.replace(/\.ts$/, ""));
    return `import { ${service.split(".").at(-1)} as S${index} } from "#gen/${path}";`;
  });
  const entries = protos.map(({ service }, index) => `  "${service}": S${index},`);
  return [...imports, "export const services = {", ...entries, "};", ""].join("\n");
}
