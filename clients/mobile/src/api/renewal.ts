import { csrfToken } from "./csrf";
import { toFault } from "./fault";
import { send } from "./send";

const LOCK = "covergen.renewal";

let underWay: Promise<boolean> | undefined;

/**
 * Renews the session once for all who ask at the same time: in this tab, in
 * others and in the service worker. A refresh token works once, so a second
 * trade of the same one would end the session.
 *
 * @param seen CSRF token that the refused call carried.
 * @returns whether there is a session to try again with.
 */
export function renewSession(seen: string | undefined): Promise<boolean> {
  underWay ??= exclusively(() => renew(seen)).finally(() => {
    underWay = undefined;
  });
  return underWay;
}

/** Web Locks span tabs and workers; they exist in secure contexts only. */
function exclusively(work: () => Promise<boolean>): Promise<boolean> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? locks.request(LOCK, work) : work();
}

async function renew(seen: string | undefined): Promise<boolean> {
  const present = await csrfToken();
  if (!present) return false;
  // Somebody renewed while we waited for the lock: their cookies are ours.
  if (seen && present !== seen) return true;
  try {
    await send({ method: "POST", url: "/m/v1/auth/refresh", body: {} });
    return true;
  } catch (error) {
    const fault = toFault(error);
    // Without an answer the session may still be good; nobody is signed out
    // by a bad connection.
    if (fault.isTransient) throw fault;
    return false;
  }
}
