// Makes pictures, and reads their size out of their own bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";

/** Clicks a download link and reads what arrives. */
export async function download(page, link) {
  const [arrived] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const bytes = readFileSync(await arrived.path());
  return { name: arrived.suggestedFilename(), bytes, ...sizeOf(bytes) };
}

/** Format and size of a picture. */
export function sizeOf(bytes) {
  if (bytes.subarray(8, 12).toString("latin1") === "WEBP") return { format: "webp" };
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

/** A photo of a red sun over a deep blue sea, as PNG. */
export function photo(width = 640, height = 480) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isSun = Math.hypot(x - width * 0.3, y - height * 0.4) < height * 0.22;
      const shade = y / height;
      const color = isSun ? [226, 64, 38] : y > height * 0.6 ? [10, 34 + shade * 20, 92] : [240 - shade * 60, 214 - shade * 40, 170];
      color.forEach((value, at) => rows.writeUInt8(Math.round(value), y * (width * 3 + 1) + 1 + x * 3 + at));
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const parts = [chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
