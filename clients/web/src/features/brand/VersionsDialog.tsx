import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { templates } from "../../api/clients";
import { myTemplatesQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { LoadMore } from "../../ui/LoadMore";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/toast";
import styles from "./brand.module.css";
import { brandTexts } from "./texts";

const PAGE = 12;

/** What a template looked like before, and a way back. */
export function VersionsDialog({ template, onClose }: { template: Template; onClose: () => void }) {
  const { format } = useI18n();
  const texts = useTexts(brandTexts);
  const client = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: [...myTemplatesQuery.queryKey, template.id, "versions"],
    queryFn: ({ pageParam, signal }) => templates.listTemplateVersions({ templateId: template.id, pageSize: PAGE, pageToken: pageParam }, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
  const versions = list.data?.pages.flatMap((page) => page.versions) ?? [];
  const newest = versions[0];
  const restore = useMutation({
    mutationFn: (version: number) =>
      templates.restoreTemplateVersion({ templateId: template.id, version, etag: newest?.etag ?? template.etag, requestId: newRequestId() }),
    onSuccess: (restored, from) => {
      toast({ text: texts.restored(from, restored.version) });
      void client.invalidateQueries({ queryKey: ["my-template"] });
      return client.invalidateQueries({ queryKey: myTemplatesQuery.queryKey });
    },
  });
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={texts.versionsTitle(template.name)} description={texts.versionsLead}>
      <FaultNotice error={list.error ?? restore.error} onRetry={list.error ? () => void list.refetch() : undefined} />
      {list.isPending && <Skeleton height="10rem" />}
      <ol className={styles.versions} data-testid="template-versions">
        {versions.map((version) => (
          <li key={version.version} className={styles.version}>
            <img className={styles.thumbnail} src={version.thumbnailUrl} alt="" width={320} height={180} loading="lazy" />
            <div className={styles.body}>
              <p className={styles.line}>
                <strong>{texts.version(version.version)}</strong>
                {version === newest && <Badge tone="good">{texts.newest}</Badge>}
              </p>
              <p>{version.name}</p>
              <p className={styles.about}>{format.dateTime(version.createTime)}</p>
              {version !== newest && (
                <div className={styles.actions}>
                  <Button
                    size="small"
                    icon="refresh"
                    aria-label={texts.restoreNamed(version.version)}
                    busy={restore.isPending && restore.variables === version.version}
                    onClick={() => restore.mutate(version.version)}
                  >
                    {texts.restore}
                  </Button>
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
      <LoadMore list={list} />
    </Dialog>
  );
}
