import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { covers } from "../../api/clients";
import { useI18n } from "../../i18n";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { FaultNotice } from "../../ui/FaultNotice";
import { Skeleton } from "../../ui/Skeleton";
import { changeDraft, type Draft } from "./draft";
import styles from "./TitleIdeas.module.css";

/** Six fit without scrolling. */
const SHOWN = 6;

/** Titles to choose from, for a topic or for the title as it stands. */
export function TitleIdeas({ draft, onClose }: { draft: Draft; onClose: () => void }) {
  const { t } = useI18n();
  const [topic, setTopic] = useState(draft.title.trim());
  const [asked, setAsked] = useState({ topic: draft.title.trim(), seed: 1 });
  const ideas = useQuery({
    queryKey: ["title-ideas", asked],
    queryFn: ({ signal }) => covers.suggestTitles({ topic: asked.topic, count: SHOWN, seed: BigInt(asked.seed) }, { signal }),
    enabled: asked.topic !== "",
    staleTime: Infinity,
  });

  const ask = (seed: number) => setAsked({ topic: topic.trim(), seed });
  return (
    <div id="title-ideas" className={styles.ideas} role="group" aria-label={t.make.ideasFor}>
      <TextField
        label={t.make.ideasTopic}
        value={topic}
        maxLength={200}
        placeholder={t.make.ideasPlaceholder}
        onChange={(event) => setTopic(event.target.value)}
        onKeyDown={(event) => {
          // Enter asks for ideas; the form around would generate.
          if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          ask(1);
        }}
      />
      {ideas.isFetching && <Skeleton height="6rem" />}
      {ideas.error && <FaultNotice error={ideas.error} onRetry={() => void ideas.refetch()} />}
      <ul className={styles.list}>
        {ideas.data?.titles.map(({ title, subtitle }) => (
          <li key={title}>
            <button
              type="button"
              className={styles.idea}
              onClick={() => changeDraft(subtitle && !draft.subtitle ? { title, subtitle } : { title })}
            >
              {title}
            </button>
          </li>
        ))}
      </ul>
      <div className={styles.foot}>
        <Button size="small" icon="refresh" disabled={topic.trim() === ""} onClick={() => ask(asked.topic === topic.trim() ? asked.seed + 1 : 1)}>
          {ideas.data ? t.make.ideasMore : t.make.ideasAsk}
        </Button>
        <Button kind="quiet" size="small" onClick={onClose}>
          {t.common.close}
        </Button>
      </div>
    </div>
  );
}
