import { useEffect, useState } from "react";
import type { Fault } from "../../api/fault";
import type { Preset } from "../../gen/covergen/export/v1/export_pb";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Icon } from "../../ui/Icon";
import { designOf } from "./design";
import type { Draft } from "./draft";
import { Sheet } from "./Sheet";
import styles from "./Stage.module.css";
import { StageBar } from "./StageBar";
import { type Preview, usePreview } from "./use_preview";

interface Props {
  draft: Draft;
  presets: Preset[];
  template: Template | undefined;
  /** The plan does not hold the template: the server may refuse to draw it. */
  isLocked: boolean;
  /** On a phone the picture stays in sight, until there are results to see. */
  isPinned: boolean;
}

/** The mat with the living picture on it, or with one for every size. */
export function Stage({ draft, presets, template, isLocked, isPinned }: Props) {
  const { t } = useI18n();
  const chosen = presets.filter(({ id }) => draft.sizes.includes(id));
  const preset = chosen.find(({ id }) => id === draft.shown) ?? chosen[0] ?? presets[0];
  const [latencyMs, setLatencyMs] = useState<number>();
  const isAll = draft.view === "all" && chosen.length > 1;
  const shown = isAll ? chosen : preset ? [preset] : [];
  return (
    <section className={classes(styles.stage, isPinned && styles.pinned)} aria-label={t.make.previewLabel}>
      <div className={classes(styles.mat, isAll && styles.many)}>
        <div className={isAll ? styles.sheets : styles.area}>
          {shown.map((each, place) => (
            <Picture
              key={isAll ? each.id : "one"}
              draft={draft}
              preset={each}
              place={place}
              template={template}
              isLocked={isLocked}
              isAll={isAll}
              // In the view of all sizes the slowest answer counts.
              onLatency={setLatencyMs}
            />
          ))}
          {shown.length === 0 && <Sheet shape={{ width: 1280, height: 720, name: "" }} />}
        </div>
        {!draft.title.trim() && <p className={styles.note}>{t.make.sampleNote}</p>}
      </div>
      <StageBar presets={chosen} shown={preset?.id ?? ""} isAll={isAll} latencyMs={latencyMs} />
    </section>
  );
}

interface PictureProps {
  draft: Draft;
  preset: Preset;
  place: number;
  template: Template | undefined;
  isLocked: boolean;
  isAll: boolean;
  onLatency: (latencyMs: number) => void;
}

/** One size, following the draft. */
function Picture({ draft, preset, place, template, isLocked, isAll, onLatency }: PictureProps) {
  const { t } = useI18n();
  const design = designOf(draft);
  // An empty title still shows what the design does.
  const title = draft.title.trim() || t.make.sample;
  const preview = usePreview(template && { ...design, title, subtitle: draft.subtitle.trim(), templateId: template.id, preset: preset.id }, place);
  const { picture, fault } = preview;
  const isSample = isLocked && fault !== undefined && !fault.isTransient;
  const latencyMs = picture?.latencyMs;
  useEffect(() => {
    if (latencyMs !== undefined) onLatency(latencyMs);
  }, [latencyMs, onLatency, picture]);
  return (
    <Sheet
      shape={preset}
      picture={picture}
      isMarked={!isAll}
      isStill={fault !== undefined}
      testId={isAll ? "sheet" : "preview"}
      sample={isSample ? template?.thumbnailUrl : undefined}
      caption={isAll ? preset.name : undefined}
    >
      {isSample && <p className={styles.note}>{t.make.premiumSample}</p>}
      {fault && !isSample && <FaultOnMat fault={fault} retry={preview.retry} />}
    </Sheet>
  );
}

function FaultOnMat({ fault, retry }: { fault: Fault; retry: Preview["retry"] }) {
  const { t, language } = useI18n();
  return (
    <div className={styles.fault} role="alert">
      <Icon name="warning" />
      {sentenceFor(fault, { t, language })}
      <Button kind="quiet" size="small" onClick={retry}>
        {t.common.retry}
      </Button>
    </div>
  );
}
