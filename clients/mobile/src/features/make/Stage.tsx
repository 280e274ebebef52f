import type { Fault } from "../../api/fault";
import { sentenceFor, useI18n } from "../../i18n";
import type { KeptCatalog } from "../../store/meta";
import css from "./make.module.css";
import type { Wanted } from "./use_preview";

interface StageProps {
  shown: (Wanted & { url: string }) | undefined;
  isBehind: boolean;
  fault: Fault | undefined;
  /** A template that is not to be had is shown as it is, without the title. */
  standIn: string | undefined;
  isOnline: boolean;
  ratio: number;
  preset: KeptCatalog["presets"][number] | undefined;
}

/** The cover on its mat, following what is typed. */
export function Stage({ shown, isBehind, fault, standIn, isOnline, ratio, preset }: StageProps) {
  const i18n = useI18n();
  const { t } = i18n;
  // A text that cannot be drawn is told in place of a picture of another one.
  const told = !isOnline ? t.make.previewOffline : fault ? sentenceFor(fault, i18n) : "";
  return (
    <div class={css.stage} data-testid="preview" data-title={shown?.title} data-template={shown?.templateId} data-preset={shown?.preset}>
      <div class={`${css.sheet} ${isBehind ? css.behind : ""}`} style={{ "--ratio": ratio }}>
        {standIn ? (
          <img src={standIn} alt="" />
        ) : shown && (!fault || fault.isTransient) ? (
          <img src={shown.url} alt={t.make.preview(shown.title)} />
        ) : (
          <p class={css.blank}>{told}</p>
        )}
      </div>
      {preset && (
        <p class={css.caption}>
          <span>{t.presets[preset.id] ?? preset.name}</span>
          <span>{t.common.px(preset.width, preset.height)}</span>
        </p>
      )}
    </div>
  );
}
