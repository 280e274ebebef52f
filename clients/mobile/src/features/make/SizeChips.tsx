import { useI18n } from "../../i18n";
import type { KeptCatalog } from "../../store/meta";
import css from "./make.module.css";

interface SizeChipsProps {
  catalog: KeptCatalog | undefined;
  value: string[];
  error: string | undefined;
  onChange: (sizes: string[]) => void;
}

/** Which sizes are made; the one touched last is shown on the mat. */
export function SizeChips({ catalog, value, error, onChange }: SizeChipsProps) {
  const { t } = useI18n();
  const toggle = (id: string) => onChange(value.includes(id) ? value.filter((size) => size !== id) : [...value, id]);
  return (
    <fieldset class={css.section}>
      <legend>{t.make.sizes}</legend>
      <div class={css.chips}>
        {catalog?.presets.map(({ id, name, width, height }, index) => (
          <label key={id} class={css.chip} style={{ "--ratio": width / height }}>
            <input
              class="hidden"
              type="checkbox"
              name="size"
              value={id}
              checked={value.includes(id)}
              data-field={index === 0 ? "sizes" : undefined}
              onChange={() => toggle(id)}
            />
            <i aria-hidden="true" />
            {t.presets[id] ?? name}
          </label>
        ))}
      </div>
      {error && (
        <p class={css.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
