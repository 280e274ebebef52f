import type { Match } from "../../gen/covergen/safety/v1/safety_pb";
import styles from "./rules.module.css";

/** A text with what matched in it marked. Matches are told in code points,
    and may overlap. */
export function Marked({ text, matches }: { text: string; matches: readonly Match[] }) {
  const points = [...text];
  const isMarked = points.map((_, at) => matches.some(({ start, end }) => start <= at && at < end));
  const runs: { text: string; marked: boolean }[] = [];
  points.forEach((point, at) => {
    const marked = isMarked[at] ?? false;
    const last = runs.at(-1);
    if (last?.marked === marked) last.text += point;
    else runs.push({ text: point, marked });
  });
  return (
    <p className={styles.tried} data-testid="marked">
      {runs.map((run, at) => (run.marked ? <mark key={at}>{run.text}</mark> : <span key={at}>{run.text}</span>))}
    </p>
  );
}
