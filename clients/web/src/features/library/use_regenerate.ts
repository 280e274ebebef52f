import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { covers } from "../../api/clients";
import { Fault } from "../../api/fault";
import { COVERS_KEY, quotaQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import { type Cover, CoverTask_Status as Status } from "../../gen/covergen/cover/v1/cover_pb";
import { useTexts } from "../../i18n/texts";
import { toast } from "../../ui/toast";
import { watchTask } from "../make/watch";
import { libraryTexts } from "./texts";

/** Makes a cover again with another seed and waits until it is there. */
export function useRegenerate(coverId: string) {
  const texts = useTexts(libraryTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: () => regenerated(coverId),
    onSuccess: (cover) => {
      void client.invalidateQueries({ queryKey: COVERS_KEY });
      toast({
        text: texts.regenerated,
        ...(cover && { action: { label: texts.show, run: () => navigate(`/library/${cover.id}`) } }),
      });
    },
    onSettled: () => client.invalidateQueries({ queryKey: quotaQuery.queryKey }),
  });
}

async function regenerated(coverId: string): Promise<Cover | undefined> {
  const { taskId } = await covers.regenerateCover({ coverId, requestId: newRequestId() });
  const never = new AbortController().signal;
  for await (const task of watchTask(taskId, never, () => undefined)) {
    if (task.status === Status.SUCCEEDED) return task.covers[0];
    if (task.status === Status.FAILED || task.status === Status.CANCELLED) {
      throw new Fault({ code: "UNKNOWN", reason: task.error?.reason, message: task.error?.message ?? "" });
    }
  }
  return undefined;
}
