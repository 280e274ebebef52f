const STORED = "covergen.task";

/** Remembers, for this tab, the task that is under way. */
export function rememberTask(taskId: string | null): void {
  try {
    if (taskId) sessionStorage.setItem(STORED, taskId);
    else sessionStorage.removeItem(STORED);
  } catch {
    // Without storage a reload loses sight of the task; the library shows it.
  }
}

/** The task this tab was following before a reload. */
export function recallTask(): string | null {
  try {
    return sessionStorage.getItem(STORED);
  } catch {
    return null;
  }
}
