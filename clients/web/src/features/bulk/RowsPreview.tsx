import { useTexts } from "../../i18n/texts";
import { Table } from "../../ui/Table";
import type { Sheet } from "./csv";
import { bulkTexts } from "./texts";

/** Enough to see whether the columns are right. */
const SHOWN = 5;

/** The first rows as they were read. */
export function RowsPreview({ sheet }: { sheet: Sheet }) {
  const texts = useTexts(bulkTexts);
  const rows = sheet.rows.slice(0, SHOWN).map((cells, index) => ({ cells, index }));
  return (
    <section className="stack">
      <h2>
        {texts.preview} · {texts.rows(sheet.rows.length)}
      </h2>
      <Table
        label={texts.preview}
        testId="rows-preview"
        rows={rows}
        rowKey={({ index }) => index}
        columns={sheet.head.map((name, at) => ({ name: name || `${at + 1}`, cell: ({ cells }: { cells: string[]; index: number }) => cells[at] ?? "" }))}
      />
    </section>
  );
}
