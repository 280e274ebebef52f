import { type FormEvent, useState } from "react";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Check } from "../../ui/Check";
import { TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { ProgressBar } from "../../ui/ProgressBar";
import { usePresets } from "../cover/sizes";
import { FORMATS, type Format } from "../make/draft";
import styles from "./PackForm.module.css";
import { libraryTexts } from "./texts";
import type { ExportState, PackItem } from "./use_export";

/** Files that the server packs at once. */
const MOST_FILES = 500;
const LIMIT_MIN_KB = 4;
const LIMIT_MAX_KB = 100_000;

interface Props {
  covers: readonly Cover[];
  state: ExportState;
  onStart: (items: PackItem[], name: string) => void;
}

/** Sizes times formats, with a target for the size of each file. */
export function PackForm({ covers, state, onStart }: Props) {
  const { t, language } = useI18n();
  const texts = useTexts(libraryTexts).pack;
  const presets = usePresets();
  const [sizes, setSizes] = useState(() => new Set(covers.flatMap(({ images }) => images.map(({ preset }) => preset)).filter(Boolean)));
  const [formats, setFormats] = useState(new Set<Format>(["png"]));
  const [limit, setLimit] = useState("");
  const [fitPreset, setFit] = useState(false);
  const [error, setError] = useState<string>();
  const count = covers.length * sizes.size * formats.size;
  const limitKb = limit.trim() === "" ? 0 : Number(limit);
  const isLimitWrong = limitKb !== 0 && !(limitKb >= LIMIT_MIN_KB && limitKb <= LIMIT_MAX_KB);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = count === 0 ? texts.none : count > MOST_FILES ? texts.tooMany(MOST_FILES) : undefined;
    setError(found);
    if (found || isLimitWrong || state.phase === "working") return;
    const maxBytes = Math.round(limitKb * 1024);
    const items = covers.flatMap(({ id }) =>
      presets
        .filter((preset) => sizes.has(preset.id))
        .flatMap((preset) => [...formats].map((format) => ({ coverId: id, preset: preset.id, format, maxBytes, fitPreset }))),
    );
    onStart(items, covers[0]?.title.slice(0, 60) ?? "");
  };

  return (
    <form onSubmit={submit} noValidate className="stack">
      <fieldset>
        <legend className={styles.legend}>{texts.sizes}</legend>
        <div className={styles.sizes}>
          {presets.map(({ id, name, width, height }) => (
            <Check
              key={id}
              name="pack-size"
              value={id}
              label={name}
              hint={`${width} × ${height}`}
              checked={sizes.has(id)}
              onChange={() => setSizes(toggled(sizes, id))}
            />
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend className={styles.legend}>{texts.formats}</legend>
        <div className={styles.formats}>
          {FORMATS.map((format) => (
            <Check
              key={format}
              boxed
              name="pack-format"
              label={format === "webp" ? "WebP" : format.toUpperCase()}
              checked={formats.has(format)}
              onChange={() => setFormats(toggled(formats, format))}
            />
          ))}
        </div>
      </fieldset>
      <TextField
        label={texts.limit}
        hint={texts.limitHint}
        aside="KB"
        inputMode="numeric"
        value={limit}
        error={isLimitWrong ? texts.limitWrong : undefined}
        onChange={(event) => setLimit(event.target.value)}
      />
      <Check label={texts.fit} checked={fitPreset} onChange={(event) => setFit(event.target.checked)} />
      {error && <Notice tone="danger">{error}</Notice>}
      {state.phase === "failed" && (
        <Notice tone="danger" title={t.export.failed}>
          {sentenceFor(state.fault, { t, language })}
        </Notice>
      )}
      {state.phase === "working" && <ProgressBar percent={state.percent} label={texts.progress} />}
      <Button type="submit" kind="primary" size="large" wide busy={state.phase === "working"}>
        {state.phase === "working" ? texts.working : `${texts.start} · ${texts.count(count)}`}
      </Button>
    </form>
  );
}

function toggled<T>(set: Set<T>, value: T): Set<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
