import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { templates } from "../../api/clients";
import { assetQuery, brandKitsQuery, designOptionsQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { BrandKit } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Empty } from "../../ui/Empty";
import { FaultNotice } from "../../ui/FaultNotice";
import { Notice } from "../../ui/Notice";
import { Part } from "../../ui/Part";
import { Skeleton } from "../../ui/Skeleton";
import { changeDraft } from "../make/draft";
import styles from "./brand.module.css";
import { KitDialog } from "./KitDialog";
import { brandTexts } from "./texts";

/** The workspace's brand kits. */
export function Kits({ isLocked }: { isLocked: boolean }) {
  const texts = useTexts(brandTexts);
  const kits = useQuery(brandKitsQuery);
  const [isMaking, setMaking] = useState(false);
  const make = (
    <Button kind="primary" icon="plus" disabled={isLocked} onClick={() => setMaking(true)}>
      {texts.kitNew}
    </Button>
  );
  return (
    <Part title={texts.kits} lead={texts.kitsLead} aside={kits.data && kits.data.length > 0 && make}>
      {isLocked && <Notice tone="warn" icon="star" title={texts.kitsLocked} />}
      {kits.isPending && <Skeleton height="8rem" />}
      <FaultNotice error={kits.error} onRetry={() => void kits.refetch()} />
      {kits.data?.length === 0 && <Empty title={texts.kitsEmptyTitle} body={texts.kitsEmptyBody} action={make} />}
      <ul className={styles.cards} data-testid="brand-kits">
        {kits.data?.map((kit) => (
          <li key={kit.id} className={styles.card}>
            <Card kit={kit} />
          </li>
        ))}
      </ul>
      {isMaking && <KitDialog onClose={() => setMaking(false)} />}
    </Part>
  );
}

function Card({ kit }: { kit: BrandKit }) {
  const { t } = useI18n();
  const texts = useTexts(brandTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<"edit" | "delete">();
  const fonts = useQuery(designOptionsQuery).data?.fonts ?? [];
  const remove = useMutation({
    mutationFn: () => templates.deleteBrandKit({ brandKitId: kit.id, etag: kit.etag, requestId: newRequestId() }),
    onSuccess: () => {
      setOpen(undefined);
      return client.invalidateQueries({ queryKey: brandKitsQuery.queryKey });
    },
  });
  const use = () => {
    changeDraft({ brandKitId: kit.id, colors: [], font: "", paletteId: "" });
    navigate("/");
  };
  return (
    <>
      <div className={styles.bands} aria-hidden="true">
        {kit.colors.map((color, index) => (
          <span key={index} style={{ background: color, flexGrow: index === 0 ? 3 : 1 }} />
        ))}
        {kit.logoAssetId && <Logo assetId={kit.logoAssetId} />}
      </div>
      <div className={styles.body}>
        <h3>{kit.name}</h3>
        <p className={styles.about}>{fonts.find(({ id }) => id === kit.headingFont)?.name ?? texts.fontOwn}</p>
        <div className={styles.actions}>
          <Button size="small" kind="primary" icon="make" aria-label={texts.useNamed(kit.name)} onClick={use}>
            {texts.use}
          </Button>
          <Button size="small" aria-label={texts.kitEdit(kit.name)} onClick={() => setOpen("edit")}>
            {t.common.edit}
          </Button>
          <Button size="small" kind="danger" icon="trash" aria-label={texts.kitDelete(kit.name)} onClick={() => setOpen("delete")} />
        </div>
      </div>
      {open === "edit" && <KitDialog kit={kit} onClose={() => setOpen(undefined)} />}
      <Confirm
        open={open === "delete"}
        onOpenChange={(isOpen) => !isOpen && setOpen(undefined)}
        title={texts.kitDeleteTitle}
        body={texts.kitDeleteBody}
        action={t.common.remove}
        work={remove}
      />
    </>
  );
}

/** A logo on the kit's own ground. */
export function Logo({ assetId }: { assetId: string }) {
  const texts = useTexts(brandTexts);
  const asset = useQuery(assetQuery(assetId)).data;
  return asset ? <img className={styles.logo} src={asset.variants[0]?.url ?? asset.url} alt={texts.logoAlt} /> : null;
}
