import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../../app/use_live";
import { useI18n } from "../../i18n";
import type { KeptCover } from "../../store/covers";
import { readValue } from "../../store/meta";
import css from "./cover.module.css";

interface GalleryProps {
  cover: KeptCover;
  at: number;
  onMove: (at: number) => void;
}

/** Pictures to swipe through, and the sizes by name to choose from. */
export function Gallery({ cover, at, onMove }: GalleryProps) {
  const { t } = useI18n();
  const strip = useRef<HTMLDivElement>(null);
  const catalog = useLive(["catalog"], () => readValue("catalog"));
  const large = new Map(cover.large.map((picture) => [picture.assetId, picture]));
  const nameOf = (preset: string) => t.presets[preset] ?? catalog?.presets.find(({ id }) => id === preset)?.name;

  const tallest = Math.min(...cover.images.map(({ width, height }) => width / height));

  useEffect(() => {
    const element = strip.current;
    if (!element) return;
    const follow = () => onMove(Math.round(element.scrollLeft / element.clientWidth));
    element.addEventListener("scrollend", follow);
    return () => element.removeEventListener("scrollend", follow);
  }, [onMove]);

  return (
    <div class={css.gallery}>
      <div ref={strip} class={css.strip} style={{ "--tallest": tallest }} tabIndex={cover.images.length > 1 ? 0 : -1} role="group" aria-label={t.cover.sizes}>
        {cover.images.map(({ assetId, url, width, height, preset }, index) => (
          <div key={assetId} class={css.slide}>
            <img
              src={large.get(assetId)?.url ?? (index === 0 ? cover.picture?.url : undefined) ?? url}
              width={width}
              height={height}
              style={{ "--ratio": width / height }}
              loading={index === 0 ? "eager" : "lazy"}
              alt={`${cover.title}, ${nameOf(preset) ?? t.common.px(width, height)}`}
            />
          </div>
        ))}
      </div>
      <fieldset class={css.sizes}>
        <legend class="hidden">{t.cover.sizes}</legend>
        {cover.images.map(({ assetId, width, height, preset, format }, index) => (
          <label key={assetId}>
            <input
              class="hidden"
              type="radio"
              name="size"
              checked={index === at}
              onChange={() => {
                onMove(index);
                strip.current?.scrollTo({ left: index * strip.current.clientWidth, behavior: "smooth" });
              }}
            />
            <span>{nameOf(preset) ?? format.toUpperCase()}</span>
            <span class={css.px}>{t.common.px(width, height)}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}
