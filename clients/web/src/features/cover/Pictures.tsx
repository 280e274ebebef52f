import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { useI18n } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { AssetImage } from "./AssetImage";
import { fileName } from "./download";
import styles from "./Pictures.module.css";
import { bySize, useSizeName } from "./sizes";

/** Height the rows aim at, in CSS pixels. */
const ROW = 228;
/** How much a picture may grow so that its row is filled. */
const GROWTH = 1.3;

/** All sizes of a cover side by side, to scale, each with its downloads. */
export function Pictures({ cover }: { cover: Cover }) {
  const { t, format } = useI18n();
  const sizeName = useSizeName();
  return (
    <ul className={styles.rows}>
      {bySize(cover.images).map((group) => {
        const [first] = group.images;
        const ratio = group.width / group.height;
        const name = sizeName(group);
        if (!first) return null;
        return (
          <li
            key={group.key}
            className={styles.size}
            style={{ flexGrow: ratio, flexBasis: `${ratio * ROW}px`, maxWidth: `min(100%, ${ratio * ROW * GROWTH}px)` }}
          >
            <AssetImage image={first} alt={`${cover.title}: ${name}`} width={ratio * ROW * GROWTH} />
            <p className={styles.name} title={name}>
              {name}
            </p>
            <p className={styles.pixels}>
              {group.width} × {group.height}
            </p>
            <p className={styles.files}>
              {group.images.map((image) => (
                <a
                  key={image.format}
                  className={styles.file}
                  href={image.url}
                  download={fileName(cover.title, image)}
                  data-testid={`download-${group.preset}-${image.format}`}
                >
                  <Icon name="download" size={14} />
                  <span className="hidden">{t.run.downloadAs(name)}</span>
                  {image.format.toUpperCase()}
                  <span className={styles.bytes}>{format.bytes(image.bytes)}</span>
                </a>
              ))}
            </p>
          </li>
        );
      })}
    </ul>
  );
}
