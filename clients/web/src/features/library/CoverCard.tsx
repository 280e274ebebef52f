import { Link } from "wouter";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { useI18n } from "../../i18n";
import { AssetImage } from "../cover/AssetImage";
import { bySize } from "../cover/sizes";
import styles from "./CoverCard.module.css";
import { FavoriteButton } from "./FavoriteButton";

/** Height of a tile, in CSS pixels; tall pictures are scaled to it. */
const TILE = 168;

/** A cover on its tile of mat; its first size stands for all. */
export function CoverCard({ cover }: { cover: Cover }) {
  const { t, format } = useI18n();
  const [image] = cover.images;
  const ratio = image ? image.width / image.height : 1;
  return (
    <div className={styles.place}>
      <Link href={`/library/${cover.id}`} className={styles.card}>
        <span className={styles.tile}>
          {image && (
            <span className={styles.picture} style={{ width: `min(100%, ${TILE * ratio}px)` }}>
              <AssetImage image={image} alt="" width={Math.min(300, TILE * ratio)} />
            </span>
          )}
        </span>
        <span className={styles.title}>{cover.title}</span>
        <span className={styles.about}>
          {[
            format.date(cover.createTime),
            t.library.sizes(bySize(cover.images).length),
            // The first needs no number; the others would look like repeats.
            cover.variant > 1 && t.run.variant(cover.variant),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </Link>
      <FavoriteButton cover={cover} />
    </div>
  );
}
