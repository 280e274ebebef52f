import { call } from "../../api/call";
import { forgetEverything, openFor } from "../../store/session";
import { betweenSyncs } from "../../sync/library";
import { betweenFetches } from "../../sync/tasks";

/** What a sign-in that needs a second factor waits behind. */
export type Pending = { mfaToken: string };

/** Opens an account and a session. */
export async function register(account: { email: string; password: string; displayName: string }): Promise<void> {
  await call("POST /m/v1/auth/register", { body: account });
  await remember();
}

/** Opens a session, or asks for a second factor. */
export async function login(credentials: { email: string; password: string }): Promise<Pending | undefined> {
  const { mfaRequired, mfaToken } = await call("POST /m/v1/auth/login", { body: credentials });
  if (mfaRequired) return { mfaToken };
  await remember();
  return undefined;
}

/** Ends a sign-in that asked for a second factor. */
export async function verify({ mfaToken }: Pending, code: string): Promise<void> {
  await call("POST /m/v1/auth/mfa/verify", { body: { mfaToken, code } });
  await remember();
}

export async function sendResetLink(email: string): Promise<void> {
  await call("POST /m/v1/auth/forgot-password", { body: { email } });
}

async function remember(): Promise<void> {
  const { userId: id, email, displayName } = await call("GET /m/v1/auth/account", {});
  await openFor({ id, email, displayName });
}

/** Ends the session. What is kept here goes even where the platform cannot be
    told: whoever signs out hands the phone on. */
export async function signOut(): Promise<void> {
  const end = async () => {
    // The refresh token is a cookie, which takes the place of an empty one.
    await call("POST /m/v1/auth/logout", { body: { refreshToken: "" } }).catch(() => undefined);
    await forgetEverything();
  };
  await betweenSyncs(() => betweenFetches(end));
}
