import { csrfToken } from "./csrf";
import { toFault, fromProblem } from "./fault";

const TIMEOUT_MS = 20_000;

/** One request to the BFF, with the session's cookies. */
export interface Sending {
  method: string;
  url: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Sends a request once. Every refusal is thrown as a fault. The tokens of the
    session are HttpOnly cookies: no script, this one included, ever sees them. */
export async function send({ method, url, body, headers, signal }: Sending): Promise<Response> {
  const token = await csrfToken();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        Accept: "application/json",
        "X-Covergen-Session": "cookie",
        ...(token ? { "X-CSRF-Token": token } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw toFault(error);
  }
  if (!response.ok) throw await fromProblem(response);
  return response;
}
