import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { templates } from "../../api/clients";
import { useTexts } from "../../i18n/texts";
import { FaultNotice } from "../../ui/FaultNotice";
import { Segmented } from "../../ui/Segmented";
import { useObjectUrl } from "../../ui/use_object_url";
import { usePresets } from "../cover/sizes";
import styles from "./brand.module.css";
import { type Design, messageOf } from "./design";
import { brandTexts } from "./texts";

const SHOWN = ["youtube", "instagram_square", "story"];

/** The picture a design makes. The last one stays until the next is here. */
export function DesignPreview({ design, title }: { design: Design; title: string }) {
  const texts = useTexts(brandTexts);
  const presets = usePresets().filter(({ id }) => SHOWN.includes(id));
  const [preset, setPreset] = useState("youtube");
  const wanted = useDeferredValue({ design, title, preset });
  const picture = useQuery({
    queryKey: ["design-preview", wanted],
    queryFn: async ({ signal }) => {
      const body = await templates.renderPreview({ design: messageOf(wanted.design), title: wanted.title, preset: wanted.preset, seed: 7n }, { signal });
      return new Blob([new Uint8Array(body.data)], { type: body.contentType });
    },
    placeholderData: (before) => before,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const url = useObjectUrl(picture.data);
  const shape = presets.find(({ id }) => id === preset) ?? { width: 16, height: 9 };
  return (
    <>
      <div className={styles.mat}>
        {url && (
          <img
            className={styles.picture}
            src={url}
            alt={`${texts.preview}: ${title}`}
            style={{ aspectRatio: `${shape.width} / ${shape.height}` }}
            data-testid="design-preview"
          />
        )}
      </div>
      <FaultNotice error={picture.error} onRetry={() => void picture.refetch()} />
      <Segmented
        label={texts.preview}
        labelHidden
        value={preset}
        onChange={setPreset}
        options={presets.map(({ id, name }) => ({ value: id, label: name }))}
      />
    </>
  );
}
