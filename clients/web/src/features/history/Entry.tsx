import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { toFault } from "../../api/fault";
import { coverQuery } from "../../api/queries";
import { type HistoryEntry, HistoryEntry_Kind as Kind } from "../../gen/covergen/user/v1/user_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { classes } from "../../ui/classes";
import { Icon, type IconName } from "../../ui/Icon";
import styles from "./history.module.css";
import { historyTexts } from "./texts";

interface Told {
  icon: IconName;
  tone?: "danger" | undefined;
  what: string;
  more?: string | undefined;
}

/** One thing that happened: what, to which cover, and when. */
export function Entry({ entry }: { entry: HistoryEntry }) {
  const { format } = useI18n();
  const { icon, tone, what, more } = useTold(entry);
  // Variants of one generation share their title: one link stands for all.
  const [first] = entry.coverIds;
  return (
    <li className={styles.entry}>
      <span className={classes(styles.icon, tone && styles[tone])}>
        <Icon name={icon} />
      </span>
      <div className={styles.text}>
        <p className={styles.what}>{what}</p>
        {first && <CoverLink coverId={first} />}
        {more && <p className={styles.more}>{more}</p>}
      </div>
      <time className={styles.when}>{format.dateTime(entry.createTime)}</time>
    </li>
  );
}

function useTold({ kind, outcome, coverIds }: HistoryEntry): Told {
  const { t } = useI18n();
  const texts = useTexts(historyTexts);
  switch (kind) {
    case Kind.COVERS_MADE:
      return { icon: "make", what: texts.coversMade(Math.max(1, coverIds.length)) };
    case Kind.GENERATION_FAILED:
      if (outcome === "CANCELLED") return { icon: "close", what: texts.stopped };
      return { icon: "warning", tone: "danger", what: texts.failed, more: t.faults[outcome] ?? outcome };
    case Kind.EXPORT_READY:
      if (outcome === "FAILED") return { icon: "warning", tone: "danger", what: texts.exportFailed };
      return { icon: "export", what: texts.exported };
    case Kind.CONTENT_BLOCKED:
      return { icon: "shield", tone: "danger", what: texts.blocked, more: texts.rule(outcome) };
    case Kind.APPEAL_RESOLVED:
      if (outcome === "WITHDRAWN") return { icon: "back", what: texts.withdrawn };
      return { icon: "check", what: texts.appeal, more: texts.outcomes[outcome] ?? outcome };
    default:
      return { icon: "info", what: texts.unknown };
  }
}

/** A cover by its title; it may have been deleted since. */
function CoverLink({ coverId }: { coverId: string }) {
  const texts = useTexts(historyTexts);
  const cover = useQuery({ ...coverQuery(coverId), retry: false, staleTime: 60_000 });
  if (cover.error && toFault(cover.error).code === "NOT_FOUND") return <p className={styles.more}>{texts.gone}</p>;
  return (
    <p className={styles.more}>
      <Link href={`/library/${coverId}`}>{cover.data?.title ?? <span aria-label={texts.loading}>…</span>}</Link>
    </p>
  );
}
