// The service worker: keeps the app's shell and its pictures, sends what waits
// for a connection, and shows what is pushed. Answers of the API are never
// kept here; what the app wants to keep of them stands in its database.
import { flushOutbox, OUTBOX_TAG } from "../sync/outbox";
import { answerImage, isImage } from "./images";
import { openNotification, showPush } from "./push";
import { answerShell, dropOldShells, installShell } from "./shell";

declare const self: ServiceWorkerGlobalScope;

/** The Background Sync event, which the DOM library does not know. */
interface SyncEvent extends ExtendableEvent {
  tag: string;
}

self.addEventListener("install", (event) => event.waitUntil(installShell()));

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([dropOldShells(), self.clients.claim()]));
});

// A new version waits until its page asks for it, so that no page ever runs
// on the files of two versions.
self.addEventListener("message", ({ data }) => {
  if (data === "take-over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (isImage(url)) event.respondWith(answerImage(event));
  else if (!isApi(url)) event.respondWith(answerShell(request));
});

self.addEventListener("sync", (event) => {
  const { tag } = event as SyncEvent;
  if (tag !== OUTBOX_TAG) return;
  // A rejected sync is tried again by the browser, ever later.
  (event as SyncEvent).waitUntil(
    flushOutbox().then((left) => {
      if (left > 0) throw new Error(`${left} wishes still wait`);
    }),
  );
});

self.addEventListener("push", (event) => event.waitUntil(showPush(event)));
self.addEventListener("notificationclick", (event) => event.waitUntil(openNotification(event)));

function isApi({ pathname }: URL): boolean {
  return /^\/(m|i|\.well-known|graphql|docs|openapi\.json)(\/|$)/.test(pathname);
}
