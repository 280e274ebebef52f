import type { CoverTaskStatus } from "../gen/api";
import { changed } from "./changes";
import { readAll, transact } from "./database";

/** A generation that the platform has taken on. */
export interface KeptTask {
  taskId: string;
  /** Idempotency key of the wish it comes from. */
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

export async function forgetTask(taskId: string): Promise<void> {
  await transact(["tasks"], (tx) => tx.remove("tasks", taskId));
  changed("tasks");
}
