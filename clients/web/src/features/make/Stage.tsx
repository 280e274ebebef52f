import type { Preset } from "../../gen/covergen/export/v1/export_pb";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Icon } from "../../ui/Icon";
import { type Draft } from "./draft";
import styles from "./Stage.module.css";
import { StageBar } from "./StageBar";
import { usePreview } from "./use_preview";

interface Props {
  draft: Draft;
  presets: Preset[];
  template: Template | undefined;
  /** The plan does not hold the template: the server may refuse to draw it. */
  isLocked: boolean;
  /** On a phone the picture stays in sight, until there are results to see. */
  isPinned: boolean;
}

/** The mat with the living picture on it. */
export function Stage({ draft, presets, template, isLocked, isPinned }: Props) {
  const { t, language } = useI18n();
  const chosen = presets.filter(({ id }) => draft.sizes.includes(id));
  const preset = chosen.find(({ id }) => id === draft.shown) ?? chosen[0] ?? presets[0];
  const title = draft.title.trim();
  const { picture, fault, retry } = usePreview(
    preset &&
      template && {
        // An empty title still shows what the design does.
        title: title || t.make.sample,
        subtitle: draft.subtitle.trim(),
        templateId: template.id,
        paletteId: draft.paletteId,
        seed: draft.seed,
        preset: preset.id,
      },
  );
  const isSample = isLocked && fault !== undefined && !fault.isTransient;
  const shape = preset ?? { width: 1280, height: 720, name: "" };
  return (
    <section className={classes(styles.stage, isPinned && styles.pinned)} aria-label={t.make.previewLabel}>
      <div className={styles.mat}>
        <div className={styles.area}>
          <div
            className={styles.sheet}
            style={{ "--ratio": shape.width / shape.height } as Record<string, number>}
            data-testid="preview"
            data-title={picture?.input.title}
            data-subtitle={picture?.input.subtitle}
            data-template={picture?.input.templateId}
            data-palette={picture?.input.paletteId}
            data-seed={picture?.input.seed}
            data-preset={picture?.input.preset}
            data-latency-ms={picture ? Math.round(picture.latencyMs) : undefined}
          >
            <Marks />
            {isSample ? (
              <img className={styles.picture} src={template?.thumbnailUrl} alt={t.make.premiumSample} />
            ) : picture ? (
              <img className={styles.picture} src={picture.url} alt={t.make.previewAlt(picture.input.title, shape.name)} />
            ) : (
              <div className={classes(styles.blank, fault && styles.still)} />
            )}
          </div>
        </div>
        {isSample && <p className={styles.note}>{t.make.premiumSample}</p>}
        {fault && !isSample && (
          <div className={styles.fault} role="alert">
            <Icon name="warning" />
            {sentenceFor(fault, { t, language })}
            <Button kind="quiet" size="small" onClick={retry}>
              {t.common.retry}
            </Button>
          </div>
        )}
        {!title && !fault && <p className={styles.note}>{t.make.sampleNote}</p>}
      </div>
      <StageBar presets={chosen} shown={preset?.id ?? ""} latencyMs={picture?.latencyMs} />
    </section>
  );
}

/** Crop marks at the corners of the sheet. */
function Marks() {
  return (
    <span className={styles.marks} aria-hidden="true">
      <i />
      <i />
      <i />
      <i />
    </span>
  );
}
