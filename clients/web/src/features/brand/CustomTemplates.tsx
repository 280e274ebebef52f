import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { templates } from "../../api/clients";
import { myTemplatesQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button, buttonClass } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Empty } from "../../ui/Empty";
import { FaultNotice } from "../../ui/FaultNotice";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { changeDraft } from "../make/draft";
import styles from "./brand.module.css";
import { ExportButton } from "./ExportButton";
import { ImportButton, ImportFault, useImport } from "./ImportTemplate";
import { brandTexts } from "./texts";
import { VersionsDialog } from "./VersionsDialog";

/** The workspace's own templates. */
export function CustomTemplates({ isLocked }: { isLocked: boolean }) {
  const texts = useTexts(brandTexts);
  const list = useQuery(myTemplatesQuery);
  const make = isLocked ? (
    <Button icon="plus" disabled>
      {texts.templateNew}
    </Button>
  ) : (
    <Link href="/brand/templates/new" className={buttonClass({ kind: "primary" })}>
      <Icon name="plus" />
      {texts.templateNew}
    </Link>
  );
  const work = useImport();
  const ways = (
    <div className={styles.line}>
      <ImportButton work={work} disabled={isLocked} />
      {make}
    </div>
  );
  return (
    <Part title={texts.templates} lead={texts.templatesLead} aside={list.data && list.data.length > 0 && ways}>
      {isLocked && <Notice tone="warn" icon="star" title={texts.templatesLocked} />}
      <ImportFault work={work} />
      {list.isPending && <Skeleton height="8rem" />}
      <FaultNotice error={list.error} onRetry={() => void list.refetch()} />
      {list.data?.length === 0 && <Empty title={texts.templatesEmptyTitle} body={texts.templatesEmptyBody} action={ways} />}
      <ul className={styles.cards} data-testid="custom-templates">
        {list.data?.map((template) => (
          <li key={template.id} className={styles.card}>
            <Card template={template} />
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Card({ template }: { template: Template }) {
  const { t } = useI18n();
  const texts = useTexts(brandTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<"delete" | "versions">();
  const remove = useMutation({
    mutationFn: () => templates.deleteCustomTemplate({ templateId: template.id, etag: template.etag, requestId: newRequestId() }),
    onSuccess: () => {
      setOpen(undefined);
      return client.invalidateQueries({ queryKey: myTemplatesQuery.queryKey });
    },
  });
  const use = () => {
    changeDraft({ templateId: template.id, paletteId: "", colors: [], font: "", brandKitId: "" });
    navigate("/");
  };
  return (
    <>
      <img className={styles.thumbnail} src={template.thumbnailUrl} alt="" width={320} height={180} loading="lazy" />
      <div className={styles.body}>
        <h3>{template.name}</h3>
        <p className={styles.about}>
          {texts.version(template.version)}
          {template.description && ` · ${template.description}`}
        </p>
        <div className={styles.actions}>
          <Button size="small" kind="primary" icon="make" aria-label={texts.useNamed(template.name)} onClick={use}>
            {texts.use}
          </Button>
          <Link
            href={`/brand/templates/${template.id}`}
            className={buttonClass({ size: "small" })}
            aria-label={texts.templateEdit(template.name)}
          >
            {t.common.edit}
          </Link>
          <Button size="small" aria-label={texts.versionsNamed(template.name)} onClick={() => setOpen("versions")}>
            {texts.versions}
          </Button>
          <ExportButton template={template} />
          <Button size="small" kind="danger" icon="trash" aria-label={texts.templateDelete(template.name)} onClick={() => setOpen("delete")} />
        </div>
      </div>
      <Confirm
        open={open === "delete"}
        onOpenChange={(isOpen) => setOpen(isOpen ? "delete" : undefined)}
        title={texts.templateDeleteTitle}
        body={texts.templateDeleteBody}
        action={t.common.remove}
        work={remove}
      />
      {open === "versions" && <VersionsDialog template={template} onClose={() => setOpen(undefined)} />}
    </>
  );
}
