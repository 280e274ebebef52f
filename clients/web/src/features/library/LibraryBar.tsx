import { useQuery } from "@tanstack/react-query";
import { type CoverFilter, templatesQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { inputClass } from "../../ui/Field";
import { Check } from "../../ui/Check";
import { classes } from "../../ui/classes";
import { SearchField } from "../../ui/SearchField";
import styles from "./LibraryBar.module.css";
import { libraryTexts } from "./texts";

/** Search, favourites, template and order. */
export function LibraryBar({ filter, onChange }: { filter: CoverFilter; onChange: (filter: CoverFilter) => void }) {
  const { t } = useI18n();
  const texts = useTexts(libraryTexts);
  const templates = useQuery(templatesQuery).data ?? [];
  const change = (change: Partial<CoverFilter>) => onChange({ ...filter, ...change });
  return (
    <search className={styles.bar}>
      <SearchField label={texts.search} value={filter.query} onChange={(query) => change({ query })} />
      <Check boxed label={texts.favorites} checked={filter.favorite} onChange={(event) => change({ favorite: event.target.checked })} />
      <select
        className={classes(inputClass, styles.select)}
        aria-label={texts.templateFilter}
        value={filter.templateId}
        onChange={(event) => change({ templateId: event.target.value })}
      >
        <option value="">{texts.allTemplates}</option>
        {templates.map(({ id, name }) => (
          <option key={id} value={id}>
            {t.names.templates[id] ?? name}
          </option>
        ))}
      </select>
      <select
        className={classes(inputClass, styles.select)}
        aria-label={texts.order}
        value={filter.orderBy}
        onChange={(event) => change({ orderBy: event.target.value })}
      >
        <option value="">{texts.newest}</option>
        <option value="createTime">{texts.oldest}</option>
        <option value="title">{texts.byTitle}</option>
      </select>
    </search>
  );
}
