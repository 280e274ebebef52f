import { graphemes, TITLE_MAX } from "../make/limits";

/** Rows that one bulk may hold. */
export const ROWS_MAX = 10_000;
/** What the server reads; other columns are ignored by neither side. */
const COLUMNS = ["title", "subtitle", "kicker", "template_id", "palette_id", "seed", "font", "colors", "sizes", "reference"];

/** What a row or the head line is wrong in, by a name the texts know. */
export interface Problem {
  /** Number of the row, from 1; 0 for the head line. */
  row: number;
  kind: "noTitleColumn" | "unknownColumn" | "titleMissing" | "titleLong" | "tooManyRows" | "noRows" | "server";
  detail: string;
}

export interface Sheet {
  head: string[];
  rows: string[][];
  problems: Problem[];
}

/** Reads CSV (RFC 4180): quoted fields hold commas, line ends and doubled
    quotes. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let isQuoted = false;
  const endRecord = () => {
    record.push(field);
    // A blank line is no row.
    if (record.length > 1 || field !== "") records.push(record);
    record = [];
    field = "";
  };
  const source = text.replace(/^\uFEFF/, "");
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? "";
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (source[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && field === "") isQuoted = true;
    else if (character === ",") {
      record.push(field);
      field = "";
    } else if (character === "\n") endRecord();
    else if (character !== "\r") field += character;
  }
  if (field !== "" || record.length > 0) endRecord();
  return records;
}

/** Reads a sheet and says what the server would refuse in it. */
export function readSheet(text: string): Sheet {
  const [first = [], ...rows] = parseCsv(text);
  const head = first.map((name) => name.trim().toLowerCase());
  const problems: Problem[] = [];
  const title = head.indexOf("title");
  if (title < 0) problems.push({ row: 0, kind: "noTitleColumn", detail: "" });
  for (const name of head) {
    if (!COLUMNS.includes(name)) problems.push({ row: 0, kind: "unknownColumn", detail: name });
  }
  if (title >= 0 && rows.length === 0) problems.push({ row: 0, kind: "noRows", detail: "" });
  if (rows.length > ROWS_MAX) problems.push({ row: 0, kind: "tooManyRows", detail: "" });
  if (title >= 0) problems.push(...titleProblems(rows.slice(0, ROWS_MAX), title));
  return { head, rows, problems };
}

function titleProblems(rows: string[][], title: number): Problem[] {
  return rows.flatMap((row, index): Problem[] => {
    const text = (row[title] ?? "").trim();
    if (text === "") return [{ row: index + 1, kind: "titleMissing", detail: "" }];
    if (graphemes(text) > TITLE_MAX) return [{ row: index + 1, kind: "titleLong", detail: text }];
    return [];
  });
}
