import type { CoverTask, CoverTaskStatus } from "../gen/api";
import { changed } from "./changes";
import { readAll, transact } from "./database";
import type { Person } from "./meta";

/** A generation that the platform has taken on. */
export interface KeptTask {
  taskId: string;
  /** Idempotency key of the wish it comes from; empty where that was made on
      another device. */
  key: string;
  title: string;
  templateId: string;
  /** Proportion of its first size, width by height. */
  ratio: number;
  createdAt: number;
  status: CoverTaskStatus;
  progressPercent: number;
  /** What is being done, as a slug. */
  stage: string;
  /** Why it failed, as a stable reason and in words. */
  reason?: string;
  detail?: string;
}

/** Tasks, newest first. */
export async function readTasks(): Promise<KeptTask[]> {
  return (await readAll("tasks")).sort((a, b) => b.createdAt - a.createdAt);
}

/** Notes how far a task is; one that is not kept any more stays away. */
export async function noteProgress(taskId: string, news: Partial<KeptTask>): Promise<void> {
  await transact(["tasks"], async (tx) => {
    const known = await tx.get("tasks", taskId);
    if (known) tx.put("tasks", { ...known, ...news });
  });
  changed("tasks");
}

/** Keeps what the platform is working on for `ownerId`, whichever device asked
    for it. What is followed here already is known better than that. */
export async function keepRunning(ownerId: string, running: CoverTask[]): Promise<void> {
  const added = await transact(["meta", "covers", "tasks"], async (tx) => {
    const person = (await tx.get("meta", "person"))?.value as Person | undefined;
    // Somebody else has signed in meanwhile.
    if (person?.id !== ownerId) return 0;
    const done = new Set((await tx.all("covers")).map(({ taskId }) => taskId));
    const known = new Set((await tx.all("tasks")).map(({ taskId }) => taskId));
    const news = running.filter(({ taskId }) => !done.has(taskId) && !known.has(taskId));
    for (const task of news) tx.put("tasks", keptTask(task));
    return news.length;
  });
  if (added > 0) changed("tasks");
}

function keptTask({ taskId, title, templateId, sizes: [size], createTime, status, progressPercent, stage }: CoverTask): KeptTask {
  const ratio = size?.width && size.height ? size.width / size.height : 16 / 9;
  const createdAt = createTime ? Date.parse(createTime) : Date.now();
  return { taskId, key: "", title, templateId, ratio, createdAt, status, progressPercent, stage };
}

export async function forgetTask(taskId: string): Promise<void> {
  await transact(["tasks"], (tx) => tx.remove("tasks", taskId));
  changed("tasks");
}
