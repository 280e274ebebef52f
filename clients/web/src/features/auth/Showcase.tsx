import { useI18n } from "../../i18n";
import { Icon } from "../../ui/Icon";
import book from "./showcase/book.webp";
import square from "./showcase/square.webp";
import story from "./showcase/story.webp";
import wide from "./showcase/wide.webp";
import youtube from "./showcase/youtube.webp";
import styles from "./Showcase.module.css";

// Covers that the product made from one title; they speak for themselves and
// say nothing that a screen reader needs.
const SHEETS = [
  { name: "youtube", src: youtube, width: 800, height: 450 },
  { name: "story", src: story, width: 360, height: 640 },
  { name: "square", src: square, width: 480, height: 480 },
  { name: "wide", src: wide, width: 720, height: 306 },
  { name: "book", src: book, width: 400, height: 640 },
] as const;

/** What the product does, shown beside the form on the mat it is made on. */
export function Showcase() {
  const { t } = useI18n();
  return (
    <aside className={styles.mat} aria-label={t.auth.promise}>
      <div className={styles.words}>
        <p className={styles.promise}>{t.auth.promise}</p>
        <p className={styles.lead}>{t.auth.promiseLead}</p>
        <ul className={styles.list}>
          {t.auth.promises.map((line) => (
            <li key={line}>
              <Icon name="star" size={16} />
              {line}
            </li>
          ))}
        </ul>
      </div>
      <div className={styles.sheets} aria-hidden="true">
        {SHEETS.map(({ name, src, width, height }) => (
          <img key={name} className={styles[name]} src={src} width={width} height={height} alt="" />
        ))}
      </div>
    </aside>
  );
}
