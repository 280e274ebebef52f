import { useQuery } from "@tanstack/react-query";
import { designOptionsQuery } from "../../api/queries";
import type { Template } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { classes } from "../../ui/classes";
import { Skeleton } from "../../ui/Skeleton";
import { changeDraft, type Draft } from "./draft";
import styles from "./TypefacePicker.module.css";
import { useSpecimen } from "./use_specimen";

/** The typefaces a title can be set in, each shown by the renderer itself. */
export function TypefacePicker({ draft, template }: { draft: Draft; template: Template }) {
  const { t } = useI18n();
  const options = useQuery(designOptionsQuery).data;
  const fonts = [{ id: "", name: t.make.fontOfTemplate }, ...(options?.fonts ?? [])];
  return (
    <fieldset>
      <legend className={styles.legend}>
        {t.make.font}
        <span className={styles.current}>{fonts.find(({ id }) => id === draft.font)?.name}</span>
      </legend>
      <div className={styles.grid}>
        {!options && <Skeleton height="4rem" />}
        {fonts.map(({ id, name }) => (
          <label key={id} className={classes(styles.font, id === draft.font && styles.chosen)}>
            <input
              type="radio"
              className="hidden"
              name="font"
              value={id}
              checked={id === draft.font}
              onChange={() => changeDraft({ font: id })}
            />
            <Specimen draft={draft} template={template} font={id} />
            <span className={styles.name}>{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Specimen({ draft, template, font }: { draft: Draft; template: Template; font: string }) {
  const { paletteId, colors } = draft;
  const url = useSpecimen({ templateId: template.id, paletteId, colors, font });
  return url ? <img className={styles.specimen} src={url} alt="" width={240} height={96} /> : <span className={styles.specimen} />;
}
