import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampDate } from "@bufbuild/protobuf/wkt";

/** How one language writes numbers, dates and sizes. */
export interface Formats {
  number: (value: number) => string;
  bytes: (value: number) => string;
  date: (value: Timestamp | undefined) => string;
  dateTime: (value: Timestamp | undefined) => string;
  ago: (value: Timestamp | undefined) => string;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Formats are costly to make, so they are made once per language. */
export function formatsFor(language: string): Formats {
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  return {
    number: (value) => number.format(value),
    bytes: (value) =>
      value >= 1_000_000_000
        ? `${short.format(value / 1_000_000_000)} GB`
        : value >= 1_000_000 ? `${short.format(value / 1_000_000)} MB` : `${number.format(Math.max(1, Math.round(value / 1000)))} KB`,
    date: (value) => (value ? date.format(timestampDate(value)) : "–"),
    dateTime: (value) => (value ? dateTime.format(timestampDate(value)) : "–"),
    ago: (value) => {
      if (!value) return "–";
      const seconds = (Date.now() - timestampDate(value).getTime()) / 1000;
      const [unit, length] = UNITS.find(([, length]) => seconds >= length) ?? ["second", 1];
      return unit === "second" ? relative.format(0, "minute") : relative.format(-Math.floor(seconds / length), unit);
    },
  };
}
