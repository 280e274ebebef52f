// What the browser does to a service worker by itself, done when a test wants it.
import { eventually } from "./harness.mjs";

/** The registration of the app's worker, seen from `page`, whatever it shows. */
export async function workerOf(page, origin) {
  const session = await page.context().newCDPSession(page);
  const found = [];
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => found.push(...registrations));
  await session.send("ServiceWorker.enable");
  const { registrationId } = await eventually("the worker’s registration", () =>
    found.find(({ scopeURL, isDeleted }) => scopeURL === `${origin}/` && !isDeleted),
  );
  return {
    /** A push message arrives. */
    push: (data) => session.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data }),
    /** The connection is back, and the browser wakes the worker. */
    sync: (tag) => session.send("ServiceWorker.dispatchSyncEvent", { origin, registrationId, tag, lastChance: false }),
  };
}
