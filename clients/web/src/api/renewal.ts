import { refresh } from "./auth";
import { csrfToken } from "./cookies";
import { type Fault, toFault } from "./fault";

const LOCK = "covergen.renewal";

let underWay: Promise<boolean> | undefined;

/**
 * Renews the session once for all who ask at the same time, in this tab and
 * in others: a refresh token works once, so a second trade of the same one
 * would end the session.
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

/** Web Locks span tabs; they exist in secure contexts only. */
function exclusively(work: () => Promise<boolean>): Promise<boolean> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? locks.request(LOCK, work) : work();
}

async function renew(seen: string | undefined): Promise<boolean> {
  const present = csrfToken();
  if (!present) return false;
  // Another tab renewed while we waited for the lock: its cookies are ours.
  if (seen && present !== seen) return true;
  try {
    await refresh();
    return true;
  } catch (error) {
    const fault: Fault = toFault(error);
    // Without an answer the session may still be good; the call's own fault
    // then says what is wrong, and nobody is signed out by a bad connection.
    if (fault.isTransient) throw fault;
    return false;
  }
}
