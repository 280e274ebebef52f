import type { Preset } from "../../gen/covergen/export/v1/export_pb";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Ratio } from "../../ui/Ratio";
import { changeDraft, newSeed } from "./draft";
import styles from "./StageBar.module.css";

interface Props {
  presets: Preset[];
  shown: string;
  isAll: boolean;
  latencyMs: number | undefined;
}

/** Below the mat: which size is shown, another arrangement, how fast. */
export function StageBar({ presets, shown, isAll, latencyMs }: Props) {
  const { t } = useI18n();
  return (
    <div className={styles.bar}>
      <fieldset>
        <legend className="hidden">{t.make.previewSize}</legend>
        <div className={styles.sizes}>
          {presets.map((preset) => (
            <label key={preset.id} className={classes(styles.size, preset.id === shown && !isAll && styles.shown)} title={preset.name}>
              <input
                type="radio"
                className="hidden"
                name="shown"
                aria-label={preset.name}
                checked={preset.id === shown && !isAll}
                onChange={() => changeDraft({ shown: preset.id, view: "one" })}
              />
              <Ratio width={preset.width} height={preset.height} />
              {preset.id === shown && !isAll && <span aria-hidden="true">{preset.name}</span>}
            </label>
          ))}
          {presets.length > 1 && (
            <label className={classes(styles.size, isAll && styles.shown)} title={t.make.allSizes}>
              <input type="radio" className="hidden" name="shown" checked={isAll} onChange={() => changeDraft({ view: "all" })} />
              {t.make.allSizes}
            </label>
          )}
        </div>
      </fieldset>
      <div className={styles.end}>
        {latencyMs !== undefined && (
          <span className={styles.latency} title={t.make.latencyHint} data-testid="latency">
            {t.make.latency(Math.round(latencyMs))}
          </span>
        )}
        <Button size="small" icon="shuffle" title={t.make.shuffleHint} onClick={() => changeDraft({ seed: newSeed() })}>
          {t.make.shuffle}
        </Button>
      </div>
    </div>
  );
}
