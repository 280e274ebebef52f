// Programs of others that the tests of notification run against. Each line on
// stdin is JSON that says what to do, each line on stdout what came of it:
//
//   {"do": "verify", secret, headers, body}   standardwebhooks judges a message
//   {"do": "device"}                          makes the keys of a device
//   {"do": "open", privateKey, auth, body}    http_ece decrypts a push message
//   {"do": "vapid", token, key, audience}     jose judges who sent it
import { createECDH, randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import ece from "http_ece";
import { importJWK, jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";

const CURVE = "prime256v1";

const deeds = {
  verify: ({ secret, headers, body }) => new Webhook(secret).verify(body, headers),
  device() {
    const pair = createECDH(CURVE);
    pair.generateKeys();
    return {
      p256dh: pair.getPublicKey("base64url"),
      auth: randomBytes(16).toString("base64url"),
      privateKey: pair.getPrivateKey("base64url"),
    };
  },
  open({ privateKey, auth, body }) {
    const pair = createECDH(CURVE);
    pair.setPrivateKey(privateKey, "base64url");
    const parameters = { version: "aes128gcm", privateKey: pair, authSecret: auth };
    return ece.decrypt(Buffer.from(body, "base64url"), parameters).toString("utf8");
  },
  async vapid({ token, key, audience }) {
    const point = Buffer.from(key, "base64url");
    const part = (from, to) => point.subarray(from, to).toString("base64url");
    const jwk = { kty: "EC", crv: "P-256", x: part(1, 33), y: part(33, 65) };
    const { payload } = await jwtVerify(token, await importJWK(jwk, "ES256"), { audience });
    return payload;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const what = JSON.parse(line);
  let told;
  try {
    told = { ok: await deeds[what.do](what) };
  } catch (error) {
    told = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
