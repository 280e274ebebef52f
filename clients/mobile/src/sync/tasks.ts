// What is being made for somebody, whichever device asked for it.
import { call } from "../api/call";
import { readValue } from "../store/meta";
import { keepRunning } from "../store/tasks";

/** What of the home screen is needed; covers come as deltas. */
const FIELDS = ["taskId", "title", "templateId", "sizes", "createTime", "status", "progressPercent", "stage", "version"]
  .map((field) => `runningTasks.${field}`)
  .join(",");

let fetching: Promise<void> | undefined;

/** Fetches what is under way and how far it is. How it goes on is followed by
    streams, of which there are few. */
export function fetchRunning(): Promise<void> {
  fetching ??= fetchOnce().finally(() => {
    fetching = undefined;
  });
  return fetching;
}

async function fetchOnce(): Promise<void> {
  const ownerId = (await readValue("person"))?.id;
  if (!ownerId) return;
  const { runningTasks } = await call("GET /m/v1/screens/home", { query: { fields: FIELDS } });
  await keepRunning(ownerId, runningTasks);
}
