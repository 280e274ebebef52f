import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { toFault } from "../../api/fault";
import { categoriesQuery } from "../../api/queries";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Skeleton } from "../../ui/Skeleton";
import { changeDraft } from "./draft";
import styles from "./TemplatePicker.module.css";

/** The gallery: radio buttons that look like covers, filtered by category. */
export function TemplatePicker({ gallery, chosen }: { gallery: UseQueryResult<Template[]>; chosen: string }) {
  const { t, language } = useI18n();
  const [category, setCategory] = useState("");
  const all = gallery.data ?? [];
  const shown = category ? all.filter((template) => template.category === category) : all;
  return (
    <fieldset className={styles.picker}>
      <legend className={styles.legend}>{t.make.template}</legend>
      <Categories chosen={category} onChoose={setCategory} />
      {gallery.error && (
        <Notice
          tone="danger"
          action={
            <Button size="small" onClick={() => void gallery.refetch()}>
              {t.common.retry}
            </Button>
          }
        >
          {sentenceFor(toFault(gallery.error), { t, language })}
        </Notice>
      )}
      <div className={styles.grid}>
        {gallery.isPending && Array.from({ length: 6 }, (_, index) => <Skeleton key={index} ratio={16 / 9} />)}
        {shown.map((template) => (
          <Card key={template.id} template={template} isChosen={template.id === chosen} />
        ))}
      </div>
      {all.map((template) => template.id === chosen && <Description key={template.id} template={template} />)}
    </fieldset>
  );
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
      </span>
    </label>
  );
}

function Description({ template }: { template: Template }) {
  const { t } = useI18n();
  const text = t.names.descriptions[template.id] ?? template.description;
  return text ? <p className={styles.description}>{text}</p> : null;
}

function Categories({ chosen, onChoose }: { chosen: string; onChoose: (category: string) => void }) {
  const { t } = useI18n();
  const categories = useQuery(categoriesQuery).data ?? [];
  const all = [{ id: "", name: t.make.allCategories }, ...categories];
  return (
    <div className={styles.categories} role="group" aria-label={t.make.filterLabel}>
      {all.map(({ id, name }) => (
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
