import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import type { Fault } from "../api/fault";
import { readStored, writeStored } from "../app/storage";
import { type Catalog, en } from "./en";
import { type Formats, formatsFor } from "./format";

/** Languages the app speaks. */
export const LANGUAGES = ["en", "zh-Hans"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED = "covergen.language";

interface I18n {
  t: Catalog;
  language: Language;
  format: Formats;
  setLanguage: (language: Language) => void;
}

const Context = createContext<I18n | undefined>(undefined);

/** The language a tag asks for: any Chinese is met with the one we have. */
export function languageOf(tag: string): Language {
  return /^zh/i.test(tag) ? "zh-Hans" : "en";
}

/** The language this visitor chose, or else the browser's. */
export function startLanguage(): Language {
  return languageOf(readStored(STORED) ?? navigator.language);
}

/** Whether the visitor chose a language in this browser. */
export function hasChosenLanguage(): boolean {
  return readStored(STORED) !== null;
}

/** Loads a language's texts; only those in use are fetched. */
export async function loadCatalog(language: Language): Promise<Catalog> {
  return language === "zh-Hans" ? (await import("./zh")).zh : en;
}

/** Gives the tree below its texts; `first` is what was loaded before. */
export function I18nProvider(props: { first: { language: Language; t: Catalog }; children: ReactNode }) {
  const [current, setCurrent] = useState(props.first);

  const setLanguage = useCallback((language: Language) => {
    writeStored(STORED, language);
    void loadCatalog(language).then((t) => setCurrent({ language, t }));
  }, []);

  useEffect(() => {
    document.documentElement.lang = current.language;
  }, [current.language]);

  const value = useMemo(
    () => ({ ...current, setLanguage, format: formatsFor(current.language) }),
    [current, setLanguage],
  );
  return <Context value={value}>{props.children}</Context>;
}

/** Texts and formats of the current language. */
export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error("useI18n needs an I18nProvider above it");
  return value;
}

/** A sentence for people about a fault. The server writes English, so other
    languages look the reason up first. */
export function sentenceFor(fault: Fault, { t, language }: Pick<I18n, "t" | "language">): string {
  const details = fault.violations.map(({ description }) => description).join("; ");
  const known = t.faults[fault.reason] ?? t.faults[fault.code] ?? t.faults["UNKNOWN"] ?? "";
  if (language !== "en") return details ? `${known} ${details}` : known;
  // Only a service that gives a reason wrote its message for people.
  const isForPeople = !["", "INTERNAL", "UPSTREAM"].includes(fault.reason) && fault.code !== "NETWORK";
  return asSentence(details || (isForPeople && fault.message) || known);
}

/** Services write clauses; on a page they stand alone. */
function asSentence(text: string): string {
  const [first = "", ...rest] = text.trim();
  const sentence = first.toUpperCase() + rest.join("");
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
