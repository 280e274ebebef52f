// Programs of others that the tests of auth run against:
//
//   node peers.mjs oidc [REDIRECT_URI] oidc-provider, with logins made up on the spot;
//                                      without an address it is the first line on
//                                      stdin, as JSON `{"redirectUri"}`
//   node peers.mjs mock                oauth2-mock-server; each line on stdin is JSON
//                                      to lay over the claims of the next tokens
//   node peers.mjs smtp                smtp-server; each mail is a line on stdout
//   node peers.mjs webauthn            verifies the ceremonies in the JSON on stdin
//
// What a program has to tell is JSON, one object a line.
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

async function oidc(redirectUri) {
  const { default: Provider } = await import("oidc-provider");
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  // Whoever is configured with the issuer may not know yet where it listens
  // itself, so the client's address can follow.
  const redirect = redirectUri ?? (await addressThatFollows(issuer));
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "covergen",
        client_secret: "not a secret: a test's",
        redirect_uris: [redirect],
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    cookies: { keys: ["a key of a test"] },
    // A login is an address; one that begins with `unproved` is not proved.
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: id,
        email_verified: !id.startsWith("unproved"),
        name: "Ada Lovelace",
      }),
    }),
  });
  server.on("request", provider.callback());
  tell({ issuer, redirectUri: redirect });
}

/** Tells the issuer, and hears where its client is sent back to. */
async function addressThatFollows(issuer) {
  tell({ issuer });
  for await (const line of createInterface({ input: process.stdin })) return JSON.parse(line).redirectUri;
}

async function mock() {
  const { OAuth2Server } = await import("oauth2-mock-server");
  const server = new OAuth2Server();
  await server.issuer.keys.generate("RS256");
  await server.start(0, "127.0.0.1");
  server.issuer.url = `http://127.0.0.1:${server.address().port}`;
  let claims = {};
  server.service.on("beforeTokenSigning", (token) => Object.assign(token.payload, claims));
  const { issuer } = { issuer: server.issuer.url };
  tell({ issuer });
  for await (const line of createInterface({ input: process.stdin })) {
    claims = JSON.parse(line);
    tell({ claims });
  }
}

async function smtp() {
  const { SMTPServer } = await import("smtp-server");
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    authOptional: true,
    onRcptTo({ address }, _, done) {
      done(address.startsWith("nobody") ? Object.assign(new Error("no such box"), { responseCode: 550 }) : null);
    },
    onData(stream, session, done) {
      let text = "";
      stream.on("data", (chunk) => (text += chunk));
      stream.on("end", () => {
        tell({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  server.listen(0, "127.0.0.1", () => tell({ port: server.server.address().port }));
}

async function webauthn() {
  const { verifyAuthenticationResponse, verifyRegistrationResponse } = await import("@simplewebauthn/server");
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const { registration, authentication, origin, rpId } = JSON.parse(text);
  const expected = { expectedOrigin: origin, expectedRPID: rpId, requireUserVerification: true };
  const registered = await verifyRegistrationResponse({ ...expected, ...registration });
  const { credential } = registered.registrationInfo ?? {};
  const authenticated = await verifyAuthenticationResponse({ ...expected, ...authentication, credential });
  tell({ registered: registered.verified, authenticated: authenticated.verified });
}

const [, , peer, ...rest] = process.argv;
await { oidc, mock, smtp, webauthn }[peer](...rest);
