// An upload by the reference client of tus, as a phone would make it.
//
//   node tus.mjs <scenario> <endpoint or upload> <file>
//
// Scenarios: `whole`; `aborted` (given up in the middle, gone on with by
// another client); `resumed` (of an upload that is there already); `ended`
// (begun, then terminated). COVERGEN_TOKEN is who calls. What came of it is
// printed as one line of JSON.

import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const [scenario, place, path] = process.argv.slice(2);
const file = readFileSync(path);
const headers = { Authorization: `Bearer ${process.env.COVERGEN_TOKEN}` };
const metadata = { filename: "夏 photo.png", filetype: "image/png" };
const common = { headers, metadata, retryDelays: null, chunkSize: 512 * 1024 };

/** Sends until all is there, or until `enough` bytes were accepted. */
function send(options, enough = Infinity) {
  return new Promise((resolve, reject) => {
    let first;
    const upload = new Upload(file, {
      ...common,
      ...options,
      onError: reject,
      onSuccess: ({ lastResponse }) =>
        resolve({ url: upload.url, first, assetId: lastResponse.getHeader("covergen-asset-id") }),
      onChunkComplete: (_, accepted) => {
        first ??= accepted;
        if (accepted >= enough) upload.abort().then(() => resolve({ url: upload.url, accepted }), reject);
      },
    });
    upload.start();
  });
}

async function run() {
  if (scenario === "whole") return send({ endpoint: place });
  if (scenario === "resumed") return send({ uploadUrl: place });
  const begun = await send({ endpoint: place }, file.length / 2);
  if (scenario === "aborted") return { accepted: begun.accepted, ...(await send({ uploadUrl: begun.url })) };
  if (scenario === "ended") {
    await Upload.terminate(begun.url, { headers, retryDelays: null });
    return begun;
  }
  throw new Error(`there is no scenario ${scenario}`);
}

console.log(JSON.stringify(await run()));
