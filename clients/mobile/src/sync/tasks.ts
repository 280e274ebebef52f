// What is being made for somebody, whichever device asked for it.
import { call } from "../api/call";
import { readValue } from "../store/meta";
import { keepRunning } from "../store/tasks";

/** What of the home screen is needed; covers come as deltas. */
const FIELDS = ["taskId", "title", "templateId", "sizes", "createTime", "status", "progressPercent", "stage", "version"]
  .map((field) => `runningTasks.${field}`)
  .join(",");

let fetching: Promise<void> | undefined;
/** Longest wait for an answer that may never come. */
const PATIENCE_MS = 3_000;
/** What nothing may be fetched beside. */
let apart: Promise<unknown> = Promise.resolve();

/** Fetches what is under way and how far it is. How it goes on is followed by
    streams, of which there are few. */
export function fetchRunning(): Promise<void> {
  fetching ??= fetchOnce().finally(() => {
    fetching = undefined;
  });
  return fetching;
}

/** Does something while nothing is fetched, such as ending the session. */
export async function betweenFetches(work: () => Promise<void>): Promise<void> {
  const settled = async () => {
    while (fetching) await fetching.catch(() => undefined);
  };
  const enough = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([settled(), enough]);
  const done = work();
  apart = done.catch(() => undefined);
  await done;
}

async function fetchOnce(): Promise<void> {
  await apart;
  const ownerId = (await readValue("person"))?.id;
  if (!ownerId) return;
  const { runningTasks } = await call("GET /m/v1/screens/home", { query: { fields: FIELDS } });
  await keepRunning(ownerId, runningTasks);
}
