import { useQuery } from "@tanstack/react-query";
import { assetQuery, uploadsQuery } from "../../api/queries";
import type { Asset } from "../../gen/covergen/media/v1/media_pb";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { Segmented } from "../../ui/Segmented";
import { Upload } from "../../ui/Upload";
import { changeDraft, changePhoto, type Draft, type DraftPhoto, type Treatment } from "./draft";
import { FocalPoint } from "./FocalPoint";
import styles from "./PhotoPanel.module.css";

/** A photo of the user's own: upload or choose, say where to look, and how to
    paint it. */
export function PhotoPanel({ draft }: { draft: Draft }) {
  const { t } = useI18n();
  const uploads = useQuery(uploadsQuery);
  const choose = (asset: Asset) =>
    changeDraft({ photo: { assetId: asset.id, focalX: 0.5, focalY: 0.5, treatment: draft.photo?.treatment ?? "natural" } });
  return (
    <>
      {draft.photo && <Chosen photo={draft.photo} />}
      <Upload label={draft.photo ? t.make.photoAnother : t.make.photoUpload} hint={t.make.photoHint} onUploaded={choose} />
      {uploads.data && uploads.data.length > 0 && (
        <fieldset>
          <legend className={styles.legend}>{t.make.photosOwn}</legend>
          <div className={styles.grid}>
            {uploads.data.map((asset) => (
              <label key={asset.id} className={classes(styles.thumb, asset.id === draft.photo?.assetId && styles.chosen)}>
                <input
                  type="radio"
                  className="hidden"
                  name="photo"
                  aria-label={asset.fileName || t.make.photo}
                  checked={asset.id === draft.photo?.assetId}
                  onChange={() => choose(asset)}
                />
                <img src={asset.variants[0]?.url ?? asset.url} alt="" loading="lazy" style={{ backgroundColor: asset.dominantColor }} />
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}

function Chosen({ photo }: { photo: DraftPhoto }) {
  const { t } = useI18n();
  const asset = useQuery(assetQuery(photo.assetId));
  // A photo that was deleted meanwhile cannot be drawn any more.
  if (asset.error) {
    return (
      <p className={styles.gone}>
        {t.make.photoGone}
        <Button size="small" onClick={() => changeDraft({ photo: null })}>
          {t.make.photoRemove}
        </Button>
      </p>
    );
  }
  return (
    <div className={styles.photo}>
      <FocalPoint asset={asset.data} photo={photo} />
      <div className={styles.foot}>
        <Segmented<Treatment>
          label={t.make.treatment}
          value={photo.treatment}
          onChange={(treatment) => changePhoto({ treatment })}
          options={[
            { value: "natural", label: t.make.natural },
            { value: "duotone", label: t.make.duotone },
          ]}
        />
        <Button size="small" icon="trash" onClick={() => changeDraft({ photo: null })}>
          {t.make.photoRemove}
        </Button>
      </div>
    </div>
  );
}
