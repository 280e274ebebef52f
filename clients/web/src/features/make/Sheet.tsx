import type { ReactNode } from "react";
import { useI18n } from "../../i18n";
import { classes } from "../../ui/classes";
import type { PreviewPicture } from "./preview_loop";
import styles from "./Stage.module.css";

interface Props {
  shape: { width: number; height: number; name: string };
  picture?: PreviewPicture | undefined;
  /** Whether crop marks stand at its corners. */
  isMarked?: boolean;
  /** Whether no picture is on its way. */
  isStill?: boolean;
  /** A picture to show instead, where the plan does not hold the template. */
  sample?: string | undefined;
  caption?: string | undefined;
  testId?: string;
  children?: ReactNode;
}

/** A sheet of the wanted shape on the mat. What it shows can be read from its
    data attributes. */
export function Sheet({ shape, picture, isMarked = true, isStill = false, sample, caption, testId = "preview", children }: Props) {
  const { t } = useI18n();
  const input = picture?.input;
  return (
    <figure className={styles.figure} style={{ "--ratio": shape.width / shape.height } as Record<string, number>}>
      <div
        className={styles.sheet}
        data-testid={testId}
        data-title={input?.title}
        data-subtitle={input?.subtitle}
        data-kicker={input?.kicker}
        data-template={input?.templateId}
        data-palette={input?.paletteId}
        data-colors={input?.colors.join(" ")}
        data-font={input?.font}
        data-photo={input?.photo ? `${input.photo.assetId} ${input.photo.focalX} ${input.photo.focalY} ${input.photo.treatment}` : ""}
        data-seed={input?.seed}
        data-preset={input?.preset}
        data-latency-ms={picture ? Math.round(picture.latencyMs) : undefined}
      >
        {isMarked && <Marks />}
        {sample ? (
          <img className={styles.picture} src={sample} alt={t.make.premiumSample} />
        ) : picture && input ? (
          <img className={styles.picture} src={picture.url} alt={t.make.previewAlt(input.title, shape.name)} />
        ) : (
          <div className={classes(styles.blank, isStill && styles.still)} />
        )}
        {children}
      </div>
      {caption && <figcaption className={styles.caption}>{caption}</figcaption>}
    </figure>
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
