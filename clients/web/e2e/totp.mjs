// Codes of an authenticator app (RFC 6238: SHA-1, 30 seconds, 6 digits).
import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PERIOD_SECONDS = 30;

/** The code of a secret at the present step, or `ahead` steps later. */
export function totp(secret, ahead = 0) {
  const step = Math.floor(Date.now() / 1000 / PERIOD_SECONDS) + ahead;
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const at = digest[digest.length - 1] & 0xf;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function fromBase32(text) {
  const bits = [...text.replace(/[\s=]/g, "").toUpperCase()].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}
