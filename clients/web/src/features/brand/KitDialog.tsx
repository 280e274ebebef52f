import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { templates } from "../../api/clients";
import { brandKitsQuery, designOptionsQuery } from "../../api/queries";
import { newRequestId } from "../../api/request_id";
import type { BrandKit } from "../../gen/covergen/template/v1/template_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Button } from "../../ui/Button";
import { ColorList } from "../../ui/ColorList";
import { Dialog } from "../../ui/Dialog";
import { FaultNotice } from "../../ui/FaultNotice";
import { TextField } from "../../ui/Field";
import { Select } from "../../ui/Select";
import { Upload } from "../../ui/Upload";
import styles from "./brand.module.css";
import { Logo } from "./Kits";
import { brandTexts } from "./texts";

const FIRST_COLORS = ["#10231f", "#f4f1e8", "#2f9e7f"];

/** Makes a brand kit, or changes one. */
export function KitDialog({ kit, onClose }: { kit?: BrandKit; onClose: () => void }) {
  const { t } = useI18n();
  const texts = useTexts(brandTexts);
  const client = useQueryClient();
  const fonts = useQuery(designOptionsQuery).data?.fonts ?? [];
  const [name, setName] = useState(kit?.name ?? "");
  const [colors, setColors] = useState(kit?.colors ?? FIRST_COLORS);
  const [headingFont, setFont] = useState(kit?.headingFont ?? "");
  const [logoAssetId, setLogo] = useState(kit?.logoAssetId ?? "");
  const [isMissing, setMissing] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const brandKit = { name: name.trim(), colors, headingFont, logoAssetId };
      const requestId = newRequestId();
      if (!kit) return templates.createBrandKit({ brandKit, requestId });
      // The mask names all, or what is empty now would stay as it was.
      const updateMask = { paths: ["name", "colors", "heading_font", "logo_asset_id"] };
      return templates.updateBrandKit({ brandKitId: kit.id, brandKit, updateMask, etag: kit.etag, requestId });
    },
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: brandKitsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(name.trim() === "");
    if (name.trim() && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={kit ? texts.kitEdit(kit.name) : texts.kitNew}
      description={texts.kitLead}
    >
      <form className="stack" onSubmit={submit} noValidate>
        <FaultNotice error={save.error} />
        <TextField
          label={texts.name}
          value={name}
          maxLength={80}
          error={isMissing ? texts.nameMissing : undefined}
          onChange={(event) => setName(event.target.value)}
        />
        <div>
          <p className={styles.label}>{texts.colors}</p>
          <ColorList colors={colors} onChange={setColors} />
        </div>
        <Select label={texts.font} value={headingFont} onChange={(event) => setFont(event.target.value)}>
          <option value="">{texts.fontOwn}</option>
          {fonts.map((font) => (
            <option key={font.id} value={font.id}>
              {font.name}
            </option>
          ))}
        </Select>
        {logoAssetId ? (
          <div className={styles.line}>
            <span className={styles.tile} style={{ background: colors[0] }}>
              <Logo assetId={logoAssetId} />
            </span>
            <Button size="small" icon="trash" onClick={() => setLogo("")}>
              {texts.logoRemove}
            </Button>
          </div>
        ) : (
          <Upload label={texts.logoUpload} hint={texts.logoHint} onUploaded={(asset) => setLogo(asset.id)} />
        )}
        <Button type="submit" kind="primary" size="large" wide busy={save.isPending}>
          {save.isPending ? t.common.saving : texts.save}
        </Button>
      </form>
    </Dialog>
  );
}
