import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { categoriesQuery, myTemplatesQuery } from "../../api/queries";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import type { Catalog } from "../../i18n/en";
import { classes } from "../../ui/classes";
import { FaultNotice } from "../../ui/FaultNotice";
import { Icon } from "../../ui/Icon";
import { SearchField } from "../../ui/SearchField";
import { Skeleton } from "../../ui/Skeleton";
import { changeDraft } from "./draft";
import styles from "./TemplatePicker.module.css";

// Shelves that are no category; slugs never begin with a colon.
const ALL = "";
const POPULAR = ":popular";
const MINE = ":mine";
/** How many of the most used are called popular. */
const POPULAR_COUNT = 8;

/** The gallery: radio buttons that look like covers, filtered by category and
    by words. */
export function TemplatePicker({ gallery, chosen }: { gallery: UseQueryResult<Template[]>; chosen: string }) {
  const { t } = useI18n();
  const [shelf, setShelf] = useState(ALL);
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query);
  const mine = useQuery(myTemplatesQuery).data ?? [];
  const builtIn = gallery.data ?? [];
  const shown = matching(onShelf(shelf, builtIn, mine), wanted, t);
  const current = [...builtIn, ...mine].find(({ id }) => id === chosen);
  return (
    <fieldset className={styles.picker}>
      <legend className="hidden">{t.make.template}</legend>
      <SearchField label={t.make.templateSearch} value={query} onChange={setQuery} />
      <Shelves chosen={shelf} onChoose={setShelf} hasMine={mine.length > 0} hasPopular={builtIn.some(isUsed)} />
      {gallery.error && <FaultNotice error={gallery.error} onRetry={() => void gallery.refetch()} />}
      {gallery.isSuccess && shown.length === 0 && <p className={styles.none}>{t.make.templateNone}</p>}
      <div className={styles.grid}>
        {gallery.isPending && Array.from({ length: 6 }, (_, index) => <Skeleton key={index} ratio={16 / 9} />)}
        {shown.map((template) => (
          <Card key={template.id} template={template} isChosen={template.id === chosen} />
        ))}
      </div>
      {current && <Description template={current} />}
    </fieldset>
  );
}

const isUsed = (template: Template) => template.useCount > 0;

function onShelf(shelf: string, builtIn: Template[], mine: Template[]): Template[] {
  if (shelf === MINE) return mine;
  if (shelf === ALL) return [...mine, ...builtIn];
  if (shelf !== POPULAR) return builtIn.filter(({ category }) => category === shelf);
  return builtIn
    .filter(isUsed)
    .sort((a, b) => b.popularityScore - a.popularityScore)
    .slice(0, POPULAR_COUNT);
}

/** Every word has to stand in the name, the description or the category, in
    the reader's language or in the server's. */
function matching(list: Template[], query: string, t: Catalog): Template[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return list;
  return list.filter((template) => {
    const { id, name, description, category } = template;
    const text = [name, description, category, t.names.templates[id], t.names.descriptions[id], t.names.categories[category]];
    const all = text.join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

function Card({ template, isChosen }: { template: Template; isChosen: boolean }) {
  const { t } = useI18n();
  const name = t.names.templates[template.id] ?? template.name;
  return (
    <label className={classes(styles.card, isChosen && styles.chosen)}>
      <input
        type="radio"
        className="hidden"
        name="template"
        value={template.id}
        checked={isChosen}
        onChange={() => changeDraft({ templateId: template.id, paletteId: "" })}
      />
      <img className={styles.thumbnail} src={template.thumbnailUrl} alt="" width={320} height={180} loading="lazy" />
      <span className={styles.name}>
        {name}
        {template.isPremium && (
          <span className={styles.premium}>
            <Icon name="star" size={12} />
            {t.make.premium}
          </span>
        )}
        {template.isCustom && <span className={styles.own}>{t.make.templateOwn}</span>}
      </span>
    </label>
  );
}

function Description({ template }: { template: Template }) {
  const { t } = useI18n();
  const text = t.names.descriptions[template.id] ?? template.description;
  return text ? <p className={styles.description}>{text}</p> : null;
}

interface ShelvesProps {
  chosen: string;
  onChoose: (shelf: string) => void;
  hasMine: boolean;
  hasPopular: boolean;
}

function Shelves({ chosen, onChoose, hasMine, hasPopular }: ShelvesProps) {
  const { t } = useI18n();
  const categories = useQuery(categoriesQuery).data ?? [];
  const shelves = [
    { id: ALL, name: t.make.allCategories },
    ...(hasPopular ? [{ id: POPULAR, name: t.make.popular }] : []),
    ...(hasMine ? [{ id: MINE, name: t.make.templatesMine }] : []),
    ...categories,
  ];
  return (
    <div className={styles.categories} role="group" aria-label={t.make.filterLabel}>
      {shelves.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          className={classes(styles.category, id === chosen && styles.on)}
          aria-pressed={id === chosen}
          onClick={() => onChoose(id)}
        >
          {t.names.categories[id] ?? name}
        </button>
      ))}
    </div>
  );
}
