import { type FormEvent, useId, useState } from "react";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { Segmented } from "../../ui/Segmented";
import { Select } from "../../ui/Select";
import { usePresets } from "../cover/sizes";
import { FORMATS, type Format } from "../make/draft";
import styles from "./ExportForm.module.css";
import type { ExportState, ExportWish } from "./use_export";

const CUSTOM = "";
const SIDE_MIN = 64;
const SIDE_MAX = 4096;
const LIMITS = [0, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000];

interface Props {
  cover: Cover;
  state: ExportState;
  onStart: (wish: ExportWish) => void;
}

/** Size, format, the largest file, and for lossy formats quality. */
export function ExportForm({ cover, state, onStart }: Props) {
  const { t, language, format } = useI18n();
  const presets = usePresets();
  const had = new Set(cover.images.map(({ preset }) => preset));
  const [preset, setPreset] = useState(presets.find(({ id }) => !had.has(id))?.id ?? presets[0]?.id ?? CUSTOM);
  const [width, setWidth] = useState("1200");
  const [height, setHeight] = useState("1200");
  const [kind, setKind] = useState<Format>("png");
  const [quality, setQuality] = useState(85);
  const [maxBytes, setMaxBytes] = useState(0);
  const [isWrong, setWrong] = useState(false);
  const isCustom = preset === CUSTOM;
  const isLossy = kind !== "png";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const sides = [Number(width), Number(height)];
    const fits = sides.every((side) => Number.isInteger(side) && side >= SIDE_MIN && side <= SIDE_MAX);
    setWrong(isCustom && !fits);
    if (isCustom && !fits) return;
    const [w = 0, h = 0] = isCustom ? sides : [];
    onStart({ preset, width: w, height: h, format: kind, quality: isLossy ? quality : 0, maxBytes });
  };

  return (
    <form onSubmit={submit} noValidate className="stack">
      <Select label={t.export.size} name="preset" value={preset} onChange={(event) => setPreset(event.target.value)}>
        {presets.map(({ id, name, width, height }) => (
          <option key={id} value={id}>
            {name} – {width} × {height}
          </option>
        ))}
        <option value={CUSTOM}>{t.export.custom}</option>
      </Select>
      {isCustom && (
        <div className={styles.sides}>
          <TextField
            label={t.export.width}
            inputMode="numeric"
            value={width}
            error={isWrong ? t.export.sideRange : undefined}
            onChange={(event) => setWidth(event.target.value)}
          />
          <TextField label={t.export.height} inputMode="numeric" value={height} onChange={(event) => setHeight(event.target.value)} />
        </div>
      )}
      <Segmented
        label={t.export.format}
        value={kind}
        onChange={setKind}
        options={FORMATS.map((value) => ({ value, label: value === "webp" ? "WebP" : value.toUpperCase() }))}
      />
      {isLossy && <Quality value={quality} onChange={setQuality} />}
      <Select label={t.export.limit} value={maxBytes} onChange={(event) => setMaxBytes(Number(event.target.value))}>
        {LIMITS.map((limit) => (
          <option key={limit} value={limit}>
            {limit === 0 ? t.export.limitNone : t.export.limitOption(format.bytes(limit))}
          </option>
        ))}
      </Select>
      {state.phase === "failed" && (
        <Notice tone="danger" title={t.export.failed}>
          {sentenceFor(state.fault, { t, language })}
        </Notice>
      )}
      <Button type="submit" kind="primary" size="large" wide busy={state.phase === "working"}>
        {state.phase === "working" ? t.export.working : t.export.start}
      </Button>
    </form>
  );
}

function Quality({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const { t } = useI18n();
  const id = useId();
  return (
    <div>
      <div className={styles.quality}>
        <label htmlFor={id}>{t.export.quality}</label>
        <output htmlFor={id}>{value}</output>
      </div>
      <input
        id={id}
        type="range"
        className={styles.range}
        min={30}
        max={100}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </div>
  );
}
