import { useI18n } from "../../i18n";
import type { KeptCatalog } from "../../store/meta";
import { thumbnailOf } from "./draft";
import css from "./make.module.css";

interface TemplateCarouselProps {
  catalog: KeptCatalog | undefined;
  value: string;
  onChange: (id: string) => void;
}

/** Looks to choose from: radio buttons that scroll sideways. */
export function TemplateCarousel({ catalog, value, onChange }: TemplateCarouselProps) {
  const { t } = useI18n();
  return (
    <fieldset class={css.section}>
      <legend>{t.make.template}</legend>
      <div class={css.carousel}>
        {catalog
          ? catalog.templates.map(({ id, name, isPremium }) => (
              <label key={id} class={css.template}>
                <input class="hidden" type="radio" name="template" value={id} checked={id === value} onChange={() => onChange(id)} />
                <div class={css.picture}>
                  <img src={thumbnailOf(id)} width="320" height="180" loading="lazy" alt="" />
                  {isPremium && <span class={css.premium}>{t.make.premium}</span>}
                </div>
                <span>{t.templates[id] ?? name}</span>
              </label>
            ))
          : [1, 2, 3].map((number) => (
              <div key={number} class={css.template} aria-hidden="true">
                <div class={`${css.picture} ${css.behind}`} />
              </div>
            ))}
      </div>
    </fieldset>
  );
}
