// Generates the TypeScript client of a contract and calls its new RPC:
//
//   node new_rpc.mjs BASE_URL DESCRIPTORS BUF
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate, pack } from "./bundle.mjs";

const [base, contracts, buf] = process.argv.slice(2);
const work = generate({ client: "connect", name: "new_rpc", contracts, buf });
const module = join(work, "client.mjs");
writeFileSync(module, await pack(work, "new_rpc", "es"));
const { call } = await import(module);
console.log(JSON.stringify(await call(base)));
