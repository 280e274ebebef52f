// Reads a ZIP archive by its central directory (APPNOTE.TXT, 4.3.12), and writes
// small ones.
import assert from "node:assert/strict";
import { crc32, inflateRawSync } from "node:zlib";

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** The archive's files in order, each with its name and verified bytes. */
export function entriesOf(zip) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  assert.ok(end >= 0 && zip.readUInt32LE(end) === END, "an end of central directory");
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const entries = [];
  for (let index = 0; index < count; index += 1) {
    assert.equal(zip.readUInt32LE(at), CENTRAL, "a central header");
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString("utf8");
    entries.push({ name, bytes: contentOf(zip, at) });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

function contentOf(zip, central) {
  const method = zip.readUInt16LE(central + 10);
  const sum = zip.readUInt32LE(central + 16);
  const [packed, length, local] = [20, 24, 42].map((offset) => zip.readUInt32LE(central + offset));
  assert.equal(zip.readUInt32LE(local), LOCAL, "a local header");
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const raw = zip.subarray(start, start + packed);
  const bytes = method === 0 ? raw : inflateRawSync(raw);
  assert.equal(bytes.length, length);
  assert.equal(crc32(bytes), sum, "the checksum holds");
  return bytes;
}

/** An archive of files, stored as they are. */
export function zipOf(files) {
  const [parts, records] = [[], []];
  let place = 0;
  for (const { name, bytes } of files) {
    const told = Buffer.alloc(26);
    told.writeUInt16LE(20, 0);
    told.writeUInt32LE(crc32(bytes), 10);
    told.writeUInt32LE(bytes.length, 14);
    told.writeUInt32LE(bytes.length, 18);
    told.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([number(LOCAL), told, Buffer.from(name), bytes]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(place, 10);
    records.push(Buffer.concat([number(CENTRAL), Buffer.from([20, 0]), told, rest, Buffer.from(name)]));
    parts.push(local);
    place += local.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(place, 12);
  return Buffer.concat([...parts, directory, number(END), end]);
}

function number(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
