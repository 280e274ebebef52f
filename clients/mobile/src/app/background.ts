// What goes on behind the pages: the service worker, waiting wishes, the
// library's deltas.
import { onChange } from "../store/changes";
import { personSignedIn } from "../store/session";
import { forgetTask, readTasks } from "../store/tasks";
import { flushOutbox, OUTBOX_TAG } from "../sync/outbox";
import { syncLibrary } from "../sync/library";
import { refreshQuota } from "../sync/catalog";
import { fetchRunning } from "../sync/tasks";
import { GRID_COLUMNS, screenFor } from "./screen";

/** The sync manager, which the DOM library does not know. */
interface WithSync {
  sync?: { register(tag: string): Promise<void> };
}

/** Sends what waits, and has the browser do it should this page be closed
    before there is a connection. */
export async function sendWaiting(): Promise<void> {
  const left = await flushOutbox();
  if (left > 0) await askForSync();
}

async function askForSync(): Promise<void> {
  const registration: (ServiceWorkerRegistration & WithSync) | undefined = await navigator.serviceWorker?.getRegistration();
  // Where there is no Background Sync, or its use is denied, wishes are sent
  // at the next start and whenever the connection comes back.
  await registration?.sync?.register(OUTBOX_TAG).catch(() => undefined);
}

/** Brings the library up to date. A task whose cover is there is done with. */
export async function fetchLibrary(): Promise<void> {
  const done = (await readTasks()).filter(({ status }) => status === "SUCCEEDED");
  await syncLibrary(screenFor(GRID_COLUMNS));
  for (const { taskId } of done) await forgetTask(taskId);
}

/** Brings everything up to date; what fails is tried at the next occasion. */
export async function catchUp(): Promise<void> {
  if (!(await personSignedIn())) return;
  await sendWaiting().catch(() => undefined);
  if (!navigator.onLine) return;
  await fetchRunning().catch(() => undefined);
  await fetchLibrary().catch(() => undefined);
}

/** Catches up at the start, when somebody signs in, when the connection comes
    back and when the app comes to the front. */
export function runBackground(): void {
  const again = () => void catchUp();
  addEventListener("online", again);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") again();
  });
  onChange("session", again);
  onChange("usage", () => void refreshQuota().catch(() => undefined));
  again();
}
