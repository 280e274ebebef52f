import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { toFault } from "../../api/fault";
import { coverQuery, templatesQuery } from "../../api/queries";
import { usePageTitle } from "../../app/title";
import type { Cover } from "../../gen/covergen/cover/v1/cover_pb";
import { sentenceFor, useI18n } from "../../i18n";
import { Button, buttonClass } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Notice } from "../../ui/Notice";
import { BackLink, Page } from "../../ui/Page";
import { Swatch } from "../../ui/Swatch";
import { PageLoading } from "../../app/PageLoading";
import { Pictures } from "../cover/Pictures";
import { CoverActions } from "./CoverActions";
import styles from "./CoverPage.module.css";
import { History } from "./History";

/** One cover: all it was made in, and a way to have it in more. */
export default function CoverPage({ coverId }: { coverId: string }) {
  const { t, language } = useI18n();
  const cover = useQuery(coverQuery(coverId));
  usePageTitle(cover.data?.title ?? t.library.pageTitle);

  return (
    <Page>
      <BackLink href="/library">{t.library.back}</BackLink>
      {cover.isPending && <PageLoading />}
      {cover.data && <Details cover={cover.data} />}
      {cover.error && isGone(cover.error) && (
        <Empty
          isAlert
          isPage
          title={t.library.goneTitle}
          body={t.library.goneBody}
          action={
            <Link href="/library" className={buttonClass({ kind: "primary" })}>
              {t.library.back}
            </Link>
          }
        />
      )}
      {cover.error && !isGone(cover.error) && (
        <Notice
          tone="danger"
          action={
            <Button size="small" onClick={() => void cover.refetch()}>
              {t.common.retry}
            </Button>
          }
        >
          {sentenceFor(toFault(cover.error), { t, language })}
        </Notice>
      )}
    </Page>
  );
}

/** An id that cannot be parsed is as little there as one that is unknown. */
function isGone(error: unknown): boolean {
  return ["NOT_FOUND", "INVALID_ARGUMENT"].includes(toFault(error).code);
}

function Details({ cover }: { cover: Cover }) {
  const { t } = useI18n();
  return (
    <>
      <div className={styles.head}>
        <div className={styles.titles}>
          {cover.kicker && <p className={styles.kicker}>{cover.kicker}</p>}
          <h1>{cover.title}</h1>
          {cover.subtitle && <p className={styles.subtitle}>{cover.subtitle}</p>}
        </div>
        <CoverActions cover={cover} />
      </div>
      <Facts cover={cover} />
      <h2 className="hidden">{t.library.pictures}</h2>
      <Pictures cover={cover} />
      <History coverId={cover.id} />
    </>
  );
}

function Facts({ cover }: { cover: Cover }) {
  const { t, format } = useI18n();
  const template = useQuery(templatesQuery).data?.find(({ id }) => id === cover.templateId);
  const palette = template?.palettes.find(({ id }) => id === cover.paletteId);
  const facts: [string, string][] = [
    [t.library.created, format.dateTime(cover.createTime)],
    [t.library.template, t.names.templates[cover.templateId] ?? template?.name ?? cover.templateId],
    [t.library.palette, cover.colors.length > 0 ? "" : (t.names.palettes[cover.paletteId] ?? palette?.name ?? cover.paletteId)],
    [t.library.seed, String(cover.seed)],
  ];
  return (
    <dl className={styles.facts}>
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
      {cover.colors.length > 0 && (
        <div>
          <dt>{t.library.palette}</dt>
          <dd>
            <Swatch colors={cover.colors} />
            <span className="hidden">{cover.colors.join(" ")}</span>
          </dd>
        </div>
      )}
      {cover.watermarked && (
        <div>
          <dt className="hidden">{t.tiers.free}</dt>
          <dd className={styles.marked}>{t.library.marked}</dd>
        </div>
      )}
    </dl>
  );
}
