import { csrfHeader } from "./cookies";
import { fromProblem, toFault } from "./fault";
import { traceparent } from "./trace";

// Signing in and out goes by REST, because only there can the answer set the
// session's HttpOnly cookies. No token ever reaches a script; the one below
// opens nothing by itself.

/** What the first factor was answered with: a session, or the wish for a
    second factor. */
export interface SignInAnswer {
  mfaRequired?: boolean;
  /** Names the sign-in that waits; of no use without the code. */
  mfaToken?: string;
  mfaMethods?: string[];
}

/** Opens an account and a session. */
export async function register(account: { email: string; password: string; displayName: string }): Promise<void> {
  await post("/api/v1/auth/register", account);
}

/** Opens a session, or asks for a second factor. */
export async function login(credentials: { email: string; password: string }): Promise<SignInAnswer> {
  return (await post("/api/v1/auth/login", credentials)) as SignInAnswer;
}

/** Ends a sign-in that asked for a second factor. */
export async function verifyMfa(mfaToken: string, code: string): Promise<void> {
  await post("/api/v1/auth/mfa/verify", { mfaToken, code });
}

/** Signs in with a passkey; the browser asks which. */
export async function loginWithPasskey(): Promise<void> {
  const { options } = (await post("/api/v1/auth/passkeys/login/start", {})) as { options: PublicKeyOptions };
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(unwrapped(options) as PublicKeyCredentialRequestOptionsJSON);
  const credential = await navigator.credentials.get({ publicKey });
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException("", "NotAllowedError");
  await post("/api/v1/auth/passkeys/login/finish", { credential: credential.toJSON() });
}

type PublicKeyOptions = Record<string, unknown>;

/** Some libraries wrap the options in `publicKey`, as the call takes them. */
export function unwrapped(options: PublicKeyOptions): unknown {
  return options["publicKey"] ?? options;
}

/** Whether this browser can work with passkeys in the form the server speaks. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";
}

/** Whether somebody turned the browser's own passkey dialogue down. */
export function isTurnedDown(error: unknown): boolean {
  return error instanceof DOMException && ["NotAllowedError", "AbortError"].includes(error.name);
}

/** Trades the refresh cookie for new cookies. */
export async function refresh(): Promise<void> {
  await post("/api/v1/auth/refresh", {});
}

/** Ends the session and clears its cookies. */
export async function logout(): Promise<void> {
  await post("/api/v1/auth/logout", {});
}

/** A call by REST, with the page's cookies. */
export async function post(path: string, body: object): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-Covergen-Session": "cookie",
        traceparent: traceparent(),
        ...csrfHeader(),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
  } catch (error) {
    throw toFault(error instanceof DOMException ? new TypeError(error.message) : error);
  }
  if (!response.ok) throw await fromProblem(response);
  return response.json().catch(() => ({}));
}
