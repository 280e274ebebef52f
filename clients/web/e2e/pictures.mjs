// Reads the size of a picture out of its own bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** Clicks a download link and reads what arrives. */
export async function download(page, link) {
  const [arrived] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const bytes = readFileSync(await arrived.path());
  return { name: arrived.suggestedFilename(), bytes, ...sizeOf(bytes) };
}

function sizeOf(bytes) {
  if (bytes.subarray(0, 8).equals(Buffer.from("\x89PNG\r\n\x1a\n", "latin1"))) {
    return { format: "png", width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  assert.equal(bytes.readUInt16BE(0), 0xffd8, "neither PNG nor JPEG");
  return { format: "jpeg", ...jpegSize(bytes) };
}

/** Walks the segments to the frame header (ITU-T T.81, B.2.2). */
function jpegSize(bytes) {
  let at = 2;
  while (at < bytes.length) {
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  throw new Error("a JPEG without a frame header");
}
