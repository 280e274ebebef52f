import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { covers } from "../../api/clients";
import { COVERS_KEY, coverQuery } from "../../api/queries";
import { Photo_Treatment as Treatment, type Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { FaultNotice } from "../../ui/FaultNotice";
import { toast } from "../../ui/toast";
import { downloadAll } from "../cover/download";
import { changeDraft, type Draft } from "../make/draft";
import styles from "./CoverPage.module.css";
import { ExportDialog } from "./ExportDialog";
import { useFavorite } from "./FavoriteButton";
import { PackDialog } from "./PackDialog";
import { libraryTexts } from "./texts";
import { useRegenerate } from "./use_regenerate";

type Open = "export" | "pack" | "delete" | undefined;

/** Everything that can be done with a cover. */
export function CoverActions({ cover }: { cover: Cover }) {
  const { t } = useI18n();
  const texts = useTexts(libraryTexts);
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<Open>();
  const { isFavorite, toggle } = useFavorite(cover);
  const again = useRegenerate(cover.id);
  const close = (isOpen: boolean) => !isOpen && setOpen(undefined);

  const useAgain = () => {
    changeDraft(draftOf(cover));
    navigate("/");
  };

  return (
    <div className={styles.doing}>
      <div className={styles.actions}>
        <Button icon={isFavorite ? "heartFull" : "heart"} aria-pressed={isFavorite} onClick={toggle}>
          {isFavorite ? texts.isFavorite : texts.notFavorite}
        </Button>
        <Button icon="make" onClick={useAgain}>
          {t.library.again}
        </Button>
        <Button icon="refresh" title={texts.regenerateHint} busy={again.isPending} onClick={() => again.mutate()}>
          {again.isPending ? texts.regenerating : texts.regenerate}
        </Button>
        <Button icon="trash" kind="danger" onClick={() => setOpen("delete")}>
          {texts.remove}
        </Button>
      </div>
      <div className={styles.actions}>
        <Button icon="download" onClick={() => void downloadAll(cover.title, cover.images)}>
          {t.run.downloadAll}
        </Button>
        <Button icon="zip" onClick={() => setOpen("pack")}>
          {texts.pack.open}
        </Button>
        <Button kind="primary" icon="export" onClick={() => setOpen("export")}>
          {t.export.open}
        </Button>
      </div>
      <FaultNotice error={again.error} />
      <ExportDialog cover={cover} open={open === "export"} onOpenChange={close} />
      <PackDialog covers={[cover]} open={open === "pack"} onOpenChange={close} />
      <Delete cover={cover} open={open === "delete"} onOpenChange={close} />
    </div>
  );
}

/** The words and the look of a cover, as the next draft. */
function draftOf(cover: Cover): Partial<Draft> {
  const { title, subtitle, kicker, templateId, paletteId, seed, colors, font, brandKitId, photo } = cover;
  return {
    title,
    subtitle,
    kicker,
    templateId,
    paletteId,
    colors,
    font,
    brandKitId,
    seed: String(seed),
    photo: photo
      ? {
          assetId: photo.assetId,
          focalX: photo.focalX ?? 0.5,
          focalY: photo.focalY ?? 0.5,
          treatment: photo.treatment === Treatment.DUOTONE ? "duotone" : "natural",
        }
      : null,
  };
}

function Delete({ cover, open, onOpenChange }: { cover: Cover; open: boolean; onOpenChange: (open: boolean) => void }) {
  const texts = useTexts(libraryTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const remove = useMutation({
    mutationFn: () => covers.deleteCover({ coverId: cover.id }),
    onSuccess: () => {
      toast({ text: texts.removed });
      navigate("/library", { replace: true });
      client.removeQueries({ queryKey: coverQuery(cover.id).queryKey });
      return client.invalidateQueries({ queryKey: COVERS_KEY });
    },
  });
  return (
    <Confirm
      open={open}
      onOpenChange={onOpenChange}
      title={texts.removeTitle}
      body={texts.removeBody}
      action={texts.remove}
      work={remove}
    />
  );
}
