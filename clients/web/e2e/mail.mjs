// Reads the mails that the platform writes to a folder when it knows no SMTP
// server; COVERGEN_E2E_MAIL names the folder.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BASE, eventually } from "./harness.mjs";

/** Waits for a mail to `address` with a link to `page`, such as
    `/reset-password`, that is none of `known`; returns the link. */
export function mailedLink(address, page, known = []) {
  const folder = process.env.COVERGEN_E2E_MAIL;
  assert.ok(folder, "COVERGEN_E2E_MAIL must name the folder that mails are written to");
  const pattern = new RegExp(`https?://[^\\s"<>]+${page}[^\\s"<>]*`);
  return eventually(`a mail with ${page} to ${address}`, () => {
    const mails = readdirSync(folder).filter((name) => name.endsWith(".eml"));
    for (const name of mails) {
      const text = readFileSync(join(folder, name), "utf8");
      if (!text.toLowerCase().includes(address.toLowerCase())) continue;
      const link = pattern.exec(decoded(text))?.[0];
      // The link names the platform's public address; tests stay on their own.
      const here = link && BASE + link.slice(new URL(link).origin.length);
      if (here && !known.includes(here)) return here;
    }
    return undefined;
  });
}

/** Undoes quoted-printable (RFC 2045, 6.7) and base64 parts. */
function decoded(text) {
  const quoted = text.replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const packed = [...text.matchAll(/base64\r?\n(?:[^\r\n]+\r?\n)*\r?\n([A-Za-z0-9+/=\r\n]+)/g)].map(([, body]) => Buffer.from(body, "base64").toString("utf8"));
  return [quoted, ...packed].join("\n");
}
