import { useEffect, useState } from "preact/hooks";
import { toFault } from "../../api/fault";
import { fetchLibrary, sendWaiting } from "../../app/background";
import { Link, navigate } from "../../app/router";
import { Top } from "../../app/Shell";
import { useLive } from "../../app/use_live";
import { sentenceFor, useI18n } from "../../i18n";
import { type KeptCover, readCovers } from "../../store/covers";
import { fetchRunning } from "../../sync/tasks";
import { Button, IconButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/Notice";
import { Segmented } from "../../ui/Segmented";
import { toast } from "../../ui/toast";
import css from "./library.module.css";
import { Open } from "./Open";
import { usePull } from "./use_pull";

/** Covers shown before the page is scrolled on. */
const STEP = 40;

/** Everything that was made, from the phone's own copy. */
export function LibraryPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const covers = useLive(["covers"], readCovers);
  const [only, setOnly] = useState<"all" | "favorites">("all");
  const [isBusy, setBusy] = useState(false);
  const [shown, setShown] = useState(STEP);

  useEffect(() => {
    document.title = `${t.library.title} · Covergen`;
  }, [t]);

  const refresh = async (isAsked: boolean) => {
    setBusy(true);
    try {
      await sendWaiting();
      // The library is fetched whether or not the home screen can be.
      await fetchRunning().catch(() => undefined);
      await fetchLibrary();
    } catch (error) {
      if (isAsked) toast(sentenceFor(toFault(error), i18n));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => void refresh(false), []);
  const pull = usePull(() => void refresh(true));

  const wanted = covers?.filter(({ favorite }) => only === "all" || favorite) ?? [];
  return (
    <main aria-busy={isBusy}>
      <div class={css.pull} style={{ height: `${pull.distance}px` }} aria-hidden="true">
        <span class={pull.isFarEnough ? css.ready : ""}>
          <Icon name="refresh" size={18} />
          {pull.isFarEnough ? t.library.release : t.library.pull}
        </span>
      </div>
      <Top title={t.library.title}>
        <span class={isBusy ? css.turning : ""}>
          <IconButton icon="refresh" label={t.library.refresh} onClick={() => void refresh(true)} />
        </span>
      </Top>
      <Open />
      {covers && covers.length > 0 && (
        <div class={css.filter}>
          <Segmented
            label={t.library.filter}
            value={only}
            onChange={setOnly}
            choices={[
              { value: "all", label: t.library.all },
              { value: "favorites", label: t.library.favorites },
            ]}
          />
          <span>{t.library.count(wanted.length)}</span>
        </div>
      )}
      {covers?.length === 0 && !isBusy && (
        <Empty icon="library" title={t.library.empty}>
          <p>{t.library.emptyBody}</p>
          <Button onClick={() => navigate("/")}>{t.library.emptyAction}</Button>
        </Empty>
      )}
      {covers && covers.length > 0 && wanted.length === 0 && (
        <Empty icon="star" title={t.library.emptyFavorites}>
          <p>{t.library.emptyFavoritesBody}</p>
        </Empty>
      )}
      <ul class={css.grid} data-testid="covers">
        {wanted.slice(0, shown).map((cover) => (
          <li key={cover.id}>
            <Tile cover={cover} />
          </li>
        ))}
      </ul>
      {wanted.length > shown && <Sentinel onSeen={() => setShown(shown + STEP)} />}
    </main>
  );
}

function Tile({ cover }: { cover: KeptCover }) {
  const { t } = useI18n();
  const { picture, images } = cover;
  const { url, width, height } = picture ?? images[0] ?? { url: "", width: 1, height: 1 };
  return (
    <Link to={`/library/${cover.id}`} class={css.tile}>
      <span class={css.mat}>
        <img
          src={url}
          width={width}
          height={height}
          style={{ "--ratio": width / height, background: picture?.dominantColor || undefined }}
          loading="lazy"
          decoding="async"
          alt=""
        />
        {cover.favorite && (
          <span class={css.star}>
            <Icon name="star" size={14} filled />
            <span class="hidden">{t.library.isFavorite}</span>
          </span>
        )}
      </span>
      <span class={css.name}>{cover.title}</span>
    </Link>
  );
}

/** Asks for more when it comes into sight. */
function Sentinel({ onSeen }: { onSeen: () => void }) {
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onSeen(), { rootMargin: "600px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, onSeen]);
  return <div ref={setElement} />;
}
