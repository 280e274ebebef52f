import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { csrfToken } from "./cookies";
import { sessionEnded } from "./ended";
import { renewSession } from "./renewal";

/** Gives each call its CSRF token; a call refused for want of a session is
    tried once more after a renewal. */
const session: Interceptor = (next) => async (request) => {
  const seen = csrfToken();
  if (seen) request.header.set("X-CSRF-Token", seen);
  try {
    return await next(request);
  } catch (error) {
    if (ConnectError.from(error).code !== Code.Unauthenticated) throw error;
    // A stream's messages are spent once it has begun; its caller reopens it.
    if (!(await renewSession(seen))) {
      sessionEnded();
      throw error;
    }
    const renewed = csrfToken();
    if (renewed) request.header.set("X-CSRF-Token", renewed);
    return await next(request);
  }
};

export const transport = createGrpcWebTransport({
  baseUrl: window.location.origin,
  useBinaryFormat: true,
  defaultTimeoutMs: 20_000,
  interceptors: [session],
  fetch: (input, init) => fetch(input, { ...init, credentials: "same-origin" }),
});
