import { type CoverTask, CoverTask_Status as Status } from "../../gen/covergen/cover/v1/cover_pb";
import type { Catalog } from "../../i18n/en";

type Stages = Catalog["run"]["stages"];

/** What is being done, for people. The server names stages by slugs; one we
    do not know yet is told as the work that takes longest. */
export function stageText(task: CoverTask | undefined, stages: Stages): string {
  if (!task || task.status === Status.PENDING) return stages.queued;
  const known = Object.entries(stages).find(([slug]) => slug === task.stage);
  return known?.[1] ?? stages.paint;
}
