import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { suggestedPalettesQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { ColorList } from "../../ui/ColorList";
import { FaultNotice } from "../../ui/FaultNotice";
import { Segmented } from "../../ui/Segmented";
import { Skeleton } from "../../ui/Skeleton";
import { Swatch } from "../../ui/Swatch";
import { changeDraft, type Draft } from "./draft";
import styles from "./PalettePicker.module.css";
import chips from "./TemplatePicker.module.css";

type Source = "mood" | "photo" | "own";

/** What own colours begin with: calm, and readable in every template. */
const FIRST_COLORS = ["#10231f", "#f4f1e8", "#2f9e7f"];

/** Colours from elsewhere than the template: a mood, a photo, one's own eye. */
export function ColorSources({ draft, onPhoto }: { draft: Draft; onPhoto: () => void }) {
  const { t } = useI18n();
  const [source, setSource] = useState<Source>(draft.photo ? "photo" : "mood");
  return (
    <div className={styles.panel}>
      <Segmented<Source>
        label={t.make.colorsFrom}
        value={source}
        onChange={setSource}
        options={[
          { value: "mood", label: t.make.fromMood },
          { value: "photo", label: t.make.fromPhoto },
          { value: "own", label: t.make.fromOwn },
        ]}
      />
      {source === "mood" && <Moods draft={draft} />}
      {source === "photo" && <FromPhoto draft={draft} onPhoto={onPhoto} />}
      {source === "own" && <Own draft={draft} />}
      {draft.colors.length > 0 && (
        <div className={styles.foot}>
          <Button size="small" onClick={() => changeDraft({ colors: [] })}>
            {t.make.backToTemplate}
          </Button>
        </div>
      )}
    </div>
  );
}

function Moods({ draft }: { draft: Draft }) {
  const { t } = useI18n();
  const [mood, setMood] = useState("");
  const [seed, setSeed] = useState(1);
  // Any answer tells which moods there are.
  const known = useQuery(suggestedPalettesQuery({ case: "mood", value: "calm" }, 1));
  const found = useQuery({ ...suggestedPalettesQuery({ case: "mood", value: mood || "calm" }, seed), enabled: mood !== "" });
  return (
    <>
      <div className={styles.moods} role="group" aria-label={t.make.moods}>
        {known.data?.moods.map((each) => (
          <button
            key={each}
            type="button"
            className={classes(chips.category, each === mood && chips.on)}
            aria-pressed={each === mood}
            onClick={() => setMood(each)}
          >
            {t.names.moods[each] ?? each}
          </button>
        ))}
      </div>
      <FaultNotice error={known.error ?? found.error} onRetry={() => void (known.error ? known : found).refetch()} />
      {mood && <Suggested draft={draft} palettes={found.data?.palettes} testId="mood-palettes" />}
      {mood && (
        <div className={styles.foot}>
          <Button size="small" icon="refresh" onClick={() => setSeed(seed + 1)}>
            {t.make.morePalettes}
          </Button>
        </div>
      )}
    </>
  );
}

function FromPhoto({ draft, onPhoto }: { draft: Draft; onPhoto: () => void }) {
  const { t } = useI18n();
  const assetId = draft.photo?.assetId ?? "";
  const found = useQuery({ ...suggestedPalettesQuery({ case: "assetId", value: assetId }, 1), enabled: assetId !== "" });
  if (!draft.photo) {
    return (
      <>
        <p className={styles.note}>{t.make.photoFirst}</p>
        <div className={styles.foot}>
          <Button size="small" icon="photo" onClick={onPhoto}>
            {t.make.photoChoose}
          </Button>
        </div>
      </>
    );
  }
  if (found.error) return <FaultNotice error={found.error} onRetry={() => void found.refetch()} />;
  return <Suggested draft={draft} palettes={found.data?.palettes} testId="photo-palettes" />;
}

interface SuggestedProps {
  draft: Draft;
  palettes: { name: string; colors: string[] }[] | undefined;
  testId: string;
}

function Suggested({ draft, palettes, testId }: SuggestedProps) {
  const { t } = useI18n();
  if (!palettes) return <Skeleton height="2.25rem" />;
  const current = draft.colors.join();
  return (
    <div className={styles.row} role="group" aria-label={t.make.suggested} data-testid={testId}>
      {palettes.map(({ name, colors }, index) => (
        <button
          key={colors.join()}
          type="button"
          className={styles.suggested}
          title={name}
          aria-label={t.make.suggestedPalette(index + 1, colors.join(" "))}
          aria-pressed={colors.join() === current}
          onClick={() => changeDraft({ colors })}
        >
          <Swatch colors={colors} />
        </button>
      ))}
    </div>
  );
}

function Own({ draft }: { draft: Draft }) {
  const { t } = useI18n();
  if (draft.colors.length === 0) {
    return (
      <div className={styles.foot}>
        <Button size="small" icon="plus" onClick={() => changeDraft({ colors: FIRST_COLORS })}>
          {t.make.ownBegin}
        </Button>
      </div>
    );
  }
  return <ColorList colors={draft.colors} onChange={(colors) => changeDraft({ colors })} />;
}
