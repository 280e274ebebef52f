import type { Fault } from "../../api/fault";
import { useTexts } from "../../i18n/texts";
import { Notice } from "../../ui/Notice";
import { Table } from "../../ui/Table";
import type { Problem } from "./csv";
import { bulkTexts } from "./texts";

/** More than these help nobody at once. */
const SHOWN = 100;

/** What is wrong, row by row. */
export function Problems({ problems }: { problems: readonly Problem[] }) {
  const texts = useTexts(bulkTexts);
  const sorted = [...problems].sort((a, b) => a.row - b.row);
  const hidden = sorted.length - SHOWN;
  return (
    <>
      <Notice tone="danger" title={texts.problems(problems.length)}>
        {hidden > 0 && texts.problemsMore(hidden)}
      </Notice>
      <Table
        label={texts.problems(problems.length)}
        testId="problems"
        rows={sorted.slice(0, SHOWN).map((problem, index) => ({ ...problem, index }))}
        rowKey={({ index }) => index}
        columns={[
          { name: texts.problemRow, cell: ({ row }) => (row === 0 ? texts.headLine : row) },
          { name: texts.problemWhat, cell: ({ kind, detail }) => texts.kinds[kind](detail) },
        ]}
      />
    </>
  );
}

/** What the server found: its fields read `rows[4].title`, counted from 0, or
    name the head line. */
export function serverProblems(fault: Fault): Problem[] {
  return fault.violations
    .filter(({ field }) => /^(rows|csv)/.test(field))
    .map(({ field, description }) => {
      const index = /\[(\d+)\]/.exec(field)?.[1];
      const column = /\]\.?(.+)$/.exec(field)?.[1];
      const row = index === undefined ? 0 : Number(index) + 1;
      // The row has a column of its own here.
      const what = description.replace(/^row \d+: /, "");
      return { row, kind: "server", detail: column && column !== "csv" ? `${column}: ${what}` : what };
    });
}
