// Sends what was asked for. Pages and the service worker both do, so a Web
// Lock lets one of them at a time; a process that dies half-way leaves the
// wish where it was, and its key makes the next attempt harmless.
import { call } from "../api/call";
import { type Fault, toFault } from "../api/fault";
import type { CoverTaskStatus } from "../gen/api";
import { changed } from "../store/changes";
import { transact } from "../store/database";
import { readValue } from "../store/meta";
import { readWishes, updateWish, type Wish } from "../store/outbox";

/** Tag of the Background Sync that the service worker is woken with. */
export const OUTBOX_TAG = "covergen.outbox";

/** The platform remembers keys for a day. A wish that may have been sent
    longer ago than this is put before its owner instead of sent again. */
const KEY_KEPT_MS = 23 * 3600 * 1000;

/** Sends every wish that waits; returns how many still do. */
export function flushOutbox(): Promise<number> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? locks.request(OUTBOX_TAG, flush) : flush();
}

async function flush(): Promise<number> {
  const person = await readValue("person");
  const waiting = (await readWishes()).filter(({ personId, refusal }) => !refusal && personId === person?.id);
  // Where the phone itself says so, nothing needs to be tried.
  if (!navigator.onLine) return waiting.length;
  for (const [index, wish] of waiting.entries()) {
    if (!(await sendWish(wish))) return waiting.length - index;
  }
  return 0;
}

/** Sends one wish; false when the connection is not there yet. */
async function sendWish(wish: Wish): Promise<boolean> {
  if (wish.firstTriedAt && Date.now() - wish.firstTriedAt > KEY_KEPT_MS) {
    await updateWish({ ...wish, refusal: { reason: "SENT_LONG_AGO", detail: "" } });
    return true;
  }
  const tried = { ...wish, firstTriedAt: wish.firstTriedAt ?? Date.now() };
  await updateWish(tried);
  try {
    const { taskId, status } = await call("POST /m/v1/covers/generate", { body: wish.request, key: wish.key });
    await becomeTask(wish, taskId, status);
    return true;
  } catch (error) {
    const fault = toFault(error);
    if (mayWait(fault)) return false;
    await updateWish({ ...tried, refusal: { reason: fault.reason || fault.code, detail: fault.message } });
    return true;
  }
}

/** Whether a wish is kept for later: nobody judged it yet. */
function mayWait(fault: Fault): boolean {
  return fault.isTransient || fault.code === "UNAUTHENTICATED";
}

/** In one transaction, so that it is either a wish or a task. */
async function becomeTask(wish: Wish, taskId: string, status: CoverTaskStatus): Promise<void> {
  const { key, ratio, request } = wish;
  await transact(["outbox", "tasks"], async (tx) => {
    // Gone if its owner withdrew it or signed out meanwhile.
    if (!(await tx.get("outbox", key))) return;
    tx.remove("outbox", key);
    const { title, templateId = "" } = request;
    tx.put("tasks", { taskId, key, title, templateId, ratio, createdAt: Date.now(), status, progressPercent: 0, stage: "" });
  });
  changed("outbox", "tasks", "usage");
}
