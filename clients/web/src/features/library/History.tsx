import { useQuery } from "@tanstack/react-query";
import { covers } from "../../api/clients";
import { type GenerationEvent, GenerationEvent_Kind as Kind } from "../../gen/covergen/cover/v1/cover_pb";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { FaultNotice } from "../../ui/FaultNotice";
import { Skeleton } from "../../ui/Skeleton";
import styles from "./History.module.css";
import { libraryTexts } from "./texts";

/** What happened to a cover, newest first. */
export function History({ coverId }: { coverId: string }) {
  const texts = useTexts(libraryTexts);
  const history = useQuery({
    queryKey: ["cover", coverId, "history"],
    queryFn: ({ signal }) => covers.listHistory({ coverId, pageSize: 50 }, { signal }),
  });
  return (
    <section className={styles.history}>
      <h2>{texts.history}</h2>
      {history.isPending && <Skeleton height="4rem" />}
      <FaultNotice error={history.error} onRetry={() => void history.refetch()} />
      {history.data?.events.length === 0 && <p>{texts.historyNone}</p>}
      <ol className={styles.events} data-testid="history">
        {history.data?.events.map((event) => (
          <Event key={`${event.taskId}/${event.sequence}`} event={event} />
        ))}
      </ol>
    </section>
  );
}

function Event({ event }: { event: GenerationEvent }) {
  const { format } = useI18n();
  const texts = useTexts(libraryTexts);
  const details = [
    event.units > 0 && texts.units(event.units),
    event.pictures > 0 && texts.pictures(event.pictures),
    event.provider !== "local" && event.provider,
    event.durationMs > 0 && texts.after(event.durationMs),
    event.message,
  ].filter(Boolean);
  return (
    <li className={styles.event}>
      <span className={styles.what}>{texts.events[Kind[event.kind]] ?? Kind[event.kind]}</span>
      <span>{details.join(" · ")}</span>
      <time className={styles.when}>{format.dateTime(event.occurTime)}</time>
    </li>
  );
}
