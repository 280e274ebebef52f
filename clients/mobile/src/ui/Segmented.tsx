import { useId } from "preact/hooks";
import css from "./ui.module.css";

interface SegmentedProps<V extends string> {
  label: string;
  value: V;
  choices: readonly { value: V; label: string; lang?: string }[];
  onChange: (value: V) => void;
}

/** One of a few, side by side. */
export function Segmented<V extends string>({ label, value, choices, onChange }: SegmentedProps<V>) {
  const name = useId();
  return (
    <fieldset class={css.segmented}>
      <legend class="hidden">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} lang={choice.lang}>
          <input class="hidden" type="radio" name={name} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          {choice.label}
        </label>
      ))}
    </fieldset>
  );
}
