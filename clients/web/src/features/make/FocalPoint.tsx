import { type PointerEvent, useId } from "react";
import type { Asset } from "../../gen/covergen/media/v1/media_pb";
import { useI18n } from "../../i18n";
import { Skeleton } from "../../ui/Skeleton";
import { changePhoto, type DraftPhoto } from "./draft";
import styles from "./FocalPoint.module.css";

/** Where the eye goes: the point stays in sight in every size. It is dragged
    on the photo, or moved by two sliders. */
export function FocalPoint({ asset, photo }: { asset: Asset | undefined; photo: DraftPhoto }) {
  const { t } = useI18n();
  if (!asset) return <Skeleton ratio={4 / 3} />;

  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (event.type === "pointermove" && event.buttons === 0) return;
    if (event.type === "pointerdown") event.currentTarget.setPointerCapture(event.pointerId);
    const frame = event.currentTarget.getBoundingClientRect();
    changePhoto({
      focalX: share((event.clientX - frame.left) / frame.width),
      focalY: share((event.clientY - frame.top) / frame.height),
    });
  };

  const wanted = asset.variants.find(({ width }) => width >= 640)?.url ?? asset.url;
  return (
    <div className={styles.focal}>
      <div className={styles.frame} onPointerDown={move} onPointerMove={move} data-testid="focal">
        <img
          src={wanted}
          alt={asset.fileName || t.make.photo}
          width={asset.width}
          height={asset.height}
          draggable={false}
          style={{ backgroundColor: asset.dominantColor }}
        />
        <span className={styles.point} style={{ left: `${photo.focalX * 100}%`, top: `${photo.focalY * 100}%` }} />
      </div>
      <p className={styles.hint}>{t.make.focalHint}</p>
      <div className={styles.sliders}>
        <Slider label={t.make.focalX} value={photo.focalX} onChange={(focalX) => changePhoto({ focalX })} />
        <Slider label={t.make.focalY} value={photo.focalY} onChange={(focalY) => changePhoto({ focalY })} />
      </div>
    </div>
  );
}

/** Within the photo, to the percent. */
function share(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;
}

function Slider({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  const id = useId();
  const percent = Math.round(value * 100);
  return (
    <div className={styles.slider}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={100}
        step={1}
        value={percent}
        aria-valuetext={`${percent} %`}
        onChange={(event) => onChange(Number(event.target.value) / 100)}
      />
    </div>
  );
}
