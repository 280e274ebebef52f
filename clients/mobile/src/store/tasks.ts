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
  /** Rises with every change; absent while only this phone knows of it. */
  version?: number;
  /** Why it failed, as a stable reason and in words. */
  reason?: string;
  detail?: string;
}

/** Tasks, newest first. */
export async function readTasks(): Promise<KeptTask[]> {
  return (await readAll("tasks")).sort((a, b) => b.createdAt - a.createdAt);
}

/** Notes how far a task is; one that is not kept any more stays away. One that
    another device asked for and that was stopped is no news here. */
export async function noteProgress(news: CoverTask): Promise<void> {
  await transact(["tasks"], async (tx) => {
    const known = await tx.get("tasks", news.taskId);
    if (!known) return;
    if (news.status === "CANCELLED" && known.key === "") tx.remove("tasks", news.taskId);
    else if (!isOlder(news, known)) tx.put("tasks", { ...known, ...progressOf(news) });
  });
  changed("tasks");
}

/** Keeps what the platform is working on for `ownerId`, whichever device asked
    for it. Not all that is known here has a stream of its own, so it is brought
    up to date; what a stream told meanwhile is not taken back. */
export async function keepRunning(ownerId: string, running: CoverTask[]): Promise<void> {
  const noted = await transact(["meta", "covers", "tasks"], async (tx) => {
    const person = (await tx.get("meta", "person"))?.value as Person | undefined;
    // Somebody else has signed in meanwhile.
    if (person?.id !== ownerId) return 0;
    const done = new Set((await tx.all("covers")).map(({ taskId }) => taskId));
    const known = new Map((await tx.all("tasks")).map((task) => [task.taskId, task]));
    const news = running.filter((task) => !done.has(task.taskId) && !isOlder(task, known.get(task.taskId)));
    for (const task of news) tx.put("tasks", { ...(known.get(task.taskId) ?? keptTask(task)), ...progressOf(task) });
    return news.length;
  });
  if (noted > 0) changed("tasks");
}

function isOlder(news: CoverTask, known: KeptTask | undefined): boolean {
  return known !== undefined && Number(news.version) < (known.version ?? 0);
}

function progressOf({ status, progressPercent, stage, version, error }: CoverTask) {
  const why = error ? { reason: error.reason, detail: error.message } : {};
  return { status, progressPercent, stage, version: Number(version), ...why };
}

function keptTask(task: CoverTask): KeptTask {
  const { taskId, title, templateId, sizes, createTime } = task;
  const [size] = sizes;
  const ratio = size?.width && size.height ? size.width / size.height : 16 / 9;
  const createdAt = createTime ? Date.parse(createTime) : Date.now();
  return { taskId, key: "", title, templateId, ratio, createdAt, ...progressOf(task) };
}

export async function forgetTask(taskId: string): Promise<void> {
  await transact(["tasks"], (tx) => tx.remove("tasks", taskId));
  changed("tasks");
}
