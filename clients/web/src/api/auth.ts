import { csrfHeader } from "./cookies";
import { fromProblem, toFault } from "./fault";

// Signing in and out goes by REST, because only there can the answer set the
// session's HttpOnly cookies. No token ever reaches a script.

/** Opens an account and a session. */
export function register(account: {
  email: string;
  password: string;
  displayName: string;
}): Promise<void> {
  return post("/api/v1/auth/register", account);
}

/** Opens a session. */
export function login(credentials: { email: string; password: string }): Promise<void> {
  return post("/api/v1/auth/login", credentials);
}

/** Trades the refresh cookie for new cookies. */
export function refresh(): Promise<void> {
  return post("/api/v1/auth/refresh", {});
}

/** Ends the session and clears its cookies. */
export function logout(): Promise<void> {
  return post("/api/v1/auth/logout", {});
}

async function post(path: string, body: object): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-Covergen-Session": "cookie",
        ...csrfHeader(),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
  } catch (error) {
    throw toFault(error instanceof DOMException ? new TypeError(error.message) : error);
  }
  if (!response.ok) throw await fromProblem(response);
}
