import { ConnectError, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { csrfToken } from "./cookies";
import { sessionEnded } from "./ended";
import { toFault } from "./fault";
import { renewSession } from "./renewal";
import { traceparent } from "./trace";

/** Gives each call its CSRF token; a call refused for want of a session is
    tried once more after a renewal. */
const session: Interceptor = (next) => async (request) => {
  const seen = csrfToken();
  if (seen) request.header.set("X-CSRF-Token", seen);
  try {
    return await next(request);
  } catch (error) {
    if (!needsSession(error)) throw error;
    if (!(await renewSession(seen))) {
      sessionEnded();
      throw error;
    }
    const renewed = csrfToken();
    if (renewed) request.header.set("X-CSRF-Token", renewed);
    return await next(request);
  }
};

/** Whether a renewal may help. A token that does not fit its session is met
    when another tab renewed in between, or when the server was given a new
    key; in the second case the renewal is refused too, and the session over. */
function needsSession(error: unknown): boolean {
  const { code, reason } = toFault(ConnectError.from(error));
  return code === "UNAUTHENTICATED" || reason === "CSRF_TOKEN_INVALID";
}

/** Puts each call into the trace of what the person did. */
const traced: Interceptor = (next) => (request) => {
  request.header.set("traceparent", traceparent());
  return next(request);
};

export const transport = createGrpcWebTransport({
  baseUrl: window.location.origin,
  useBinaryFormat: true,
  defaultTimeoutMs: 20_000,
  // The last stands nearest to the wire: a call tried again is a span of its own.
  interceptors: [session, traced],
  fetch: (input, init) => fetch(input, { ...init, credentials: "same-origin" }),
});
