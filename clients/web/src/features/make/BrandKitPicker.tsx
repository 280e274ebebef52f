import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { brandKitsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { Select } from "../../ui/Select";
import { Swatch } from "../../ui/Swatch";
import styles from "./BrandKitPicker.module.css";
import { changeDraft } from "./draft";

/** A brand's colours, typeface and logo, where the design names none itself. */
export function BrandKitPicker({ chosen }: { chosen: string }) {
  const { t } = useI18n();
  const kits = useQuery(brandKitsQuery).data ?? [];
  const current = kits.find(({ id }) => id === chosen);
  if (kits.length === 0) {
    return (
      <p className={styles.none}>
        {t.make.brandKitNone} <Link href="/brand">{t.make.brandKitMake}</Link>
      </p>
    );
  }
  return (
    <div className={styles.kit}>
      <Select
        label={t.make.brandKit}
        value={current ? chosen : ""}
        // The kit decides, so what was chosen by hand steps back.
        onChange={(event) => changeDraft({ brandKitId: event.target.value, colors: [], font: "", paletteId: "" })}
      >
        <option value="">{t.common.none}</option>
        {kits.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      {current && <Swatch colors={current.colors} />}
    </div>
  );
}
