import type { CoverTask } from "../../gen/covergen/cover/v1/cover_pb";
import { CoverTask_Status as Status } from "../../gen/covergen/cover/v1/cover_pb";
import type { Catalog } from "../../i18n/en";

type Stage = keyof Catalog["run"]["stages"];

// The server names stages by slugs. One we do not know yet is told by how
// far the task has come, rather than shown as a slug.
const KNOWN: Record<string, Stage> = {
  queued: "queued",
  pending: "queued",
  check_text: "checking",
  check: "checking",
  moderate: "checking",
  resolve_template: "template",
  template: "template",
  paint: "painting",
  background: "painting",
  render: "setting",
  compose: "setting",
  set_title: "setting",
  watermark: "setting",
  store: "storing",
  upload: "storing",
  commit_quota: "finishing",
  finish: "finishing",
  finalize: "finishing",
};

/** What is being done, for people. */
export function stageText(task: CoverTask | undefined, stages: Catalog["run"]["stages"]): string {
  if (!task || task.status === Status.PENDING) return stages.queued;
  return stages[KNOWN[task.stage] ?? byProgress(task.progressPercent)];
}

function byProgress(percent: number): Stage {
  if (percent < 10) return "checking";
  if (percent < 40) return "painting";
  if (percent < 75) return "setting";
  return percent < 95 ? "storing" : "finishing";
}
