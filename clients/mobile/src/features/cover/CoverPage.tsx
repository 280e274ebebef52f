import { useEffect, useState } from "preact/hooks";
import { toFault } from "../../api/fault";
import { useOnline } from "../../app/online";
import { goBack, Link, navigate } from "../../app/router";
import { Top } from "../../app/Shell";
import { useLive } from "../../app/use_live";
import { sentenceFor, useI18n } from "../../i18n";
import { type KeptCover, readCover } from "../../store/covers";
import { readValue } from "../../store/meta";
import { Button, IconButton } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/Notice";
import { Confirm } from "../../ui/Sheet";
import { toast } from "../../ui/toast";
import { enlarge, removeCover, setFavorite } from "./actions";
import css from "./cover.module.css";
import { canShare, download, fileOf, share } from "./files";
import { Gallery } from "./Gallery";

/** One cover in all its sizes. */
export function CoverPage({ id }: { id: string }) {
  const { t } = useI18n();
  const found = useLive(["covers"], async () => ({ cover: await readCover(id) }), id);
  useEffect(() => {
    document.title = `${found?.cover?.title ?? t.library.title} · Covergen`;
  }, [found, t]);
  if (!found) return <main />;
  if (found.cover) return <Found cover={found.cover} />;
  return (
    <main>
      <Top title={t.library.title} before={<IconButton icon="back" label={t.common.back} onClick={() => goBack("/library")} />} />
      <Empty icon="library" title={t.cover.gone}>
        <Link to="/library">{t.library.title}</Link>
      </Empty>
    </main>
  );
}

function Found({ cover }: { cover: KeptCover }) {
  const i18n = useI18n();
  const { t, day } = i18n;
  const isOnline = useOnline();
  const catalog = useLive(["catalog"], () => readValue("catalog"));
  const [at, setAt] = useState(0);
  const [isAsking, ask] = useState(false);
  const [isFetching, setFetching] = useState(false);
  const image = cover.images[at] ?? cover.images[0];
  const template = catalog?.templates.find(({ id }) => id === cover.templateId)?.name ?? cover.templateId;

  useEffect(() => void enlarge(cover).catch(() => undefined), [cover.id, isOnline]);

  const attempt = (work: () => Promise<unknown>) => {
    work().catch((error: unknown) => toast(isOnline ? sentenceFor(toFault(error), i18n) : t.cover.needsNetwork));
  };
  const withFile = (use: (file: File) => unknown) => {
    if (!image || isFetching) return;
    setFetching(true);
    attempt(() =>
      fileOf(cover.title, image)
        .then(use)
        .finally(() => setFetching(false)),
    );
  };
  return (
    <main>
      <Top before={<IconButton icon="back" label={t.common.back} onClick={() => goBack("/library")} />}>
        <span class={cover.favorite ? css.marked : ""}>
          <IconButton
            icon="star"
            filled={cover.favorite}
            label={t.cover.favorite}
            aria-pressed={cover.favorite}
            onClick={() => attempt(() => setFavorite(cover, !cover.favorite))}
          />
        </span>
        <IconButton icon="trash" label={t.cover.remove} onClick={() => ask(true)} />
      </Top>
      <Gallery cover={cover} at={at} onMove={setAt} />
      <div class={css.head}>
        <h1>{cover.title}</h1>
        {cover.subtitle && <p>{cover.subtitle}</p>}
      </div>
      <div class={canShare() ? css.actions : css.single}>
        {canShare() && (
          <Button isOff={isFetching} onClick={() => withFile((file) => share(cover.title, file))}>
            <Icon name="share" size={20} />
            {t.cover.share}
          </Button>
        )}
        <Button kind={canShare() ? "quiet" : "primary"} isOff={isFetching} onClick={() => withFile(download)}>
          <Icon name="download" size={20} />
          {t.cover.download}
        </Button>
      </div>
      <dl class={css.facts}>
        <div>
          <dt>{t.cover.template}</dt>
          <dd>{t.templates[cover.templateId] ?? template}</dd>
        </div>
        <div>
          <dt>{t.cover.made}</dt>
          <dd>{day(cover.createTime)}</dd>
        </div>
      </dl>
      {cover.watermarked && <p class={css.hint}>{t.cover.watermark}</p>}
      {isAsking && (
        <Confirm
          title={t.cover.removeTitle}
          action={t.cover.remove}
          onClose={() => ask(false)}
          onConfirm={() => attempt(() => removeCover(cover).then(() => navigate("/library", { replace: true })))}
        >
          <p>{t.cover.removeBody}</p>
        </Confirm>
      )}
    </main>
  );
}
