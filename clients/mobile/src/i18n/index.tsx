import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import type { Fault } from "../api/fault";
import { readStored, writeStored } from "../app/storage";
import { type Catalog, en } from "./en";

/** Languages the app speaks. */
export const LANGUAGES = ["en", "zh-Hans"] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED = "covergen.language";

interface I18n {
  t: Catalog;
  language: Language;
  setLanguage: (language: Language) => void;
  /** A day, as people write it. */
  day: (time: string) => string;
}

const Context = createContext<I18n | undefined>(undefined);

function languageOf(tag: string): Language {
  return /^zh/i.test(tag) ? "zh-Hans" : "en";
}

/** The language that was chosen here, or else the phone's. */
export function startLanguage(): Language {
  return languageOf(readStored(STORED) ?? navigator.language);
}

/** Loads a language's texts; only those in use are fetched. */
export async function loadCatalog(language: Language): Promise<Catalog> {
  return language === "zh-Hans" ? (await import("./zh")).zh : en;
}

export function I18nProvider(props: { first: { language: Language; t: Catalog }; children: ComponentChildren }) {
  const [current, setCurrent] = useState(props.first);
  useEffect(() => {
    document.documentElement.lang = current.language;
  }, [current.language]);
  const value = useMemo(() => {
    const { t, language } = current;
    const days = new Intl.DateTimeFormat(language === "en" ? undefined : language, { day: "numeric", month: "long" });
    return {
      t,
      language,
      day: (time: string) => days.format(new Date(time)),
      setLanguage: (wanted: Language) => {
        writeStored(STORED, wanted);
        void loadCatalog(wanted).then((texts) => setCurrent({ language: wanted, t: texts }));
      },
    };
  }, [current]);
  return <Context.Provider value={value}>{props.children}</Context.Provider>;
}

export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error("useI18n needs an I18nProvider above it");
  return value;
}

/** A sentence for people. The server writes English clauses, so a reason that
    is known here comes first. */
export function sentenceFor(fault: Pick<Fault, "code" | "reason" | "message">, { t, language }: Pick<I18n, "t" | "language">): string {
  const known = t.faults[fault.reason] ?? t.faults[fault.code];
  if (known) return known;
  const isForPeople = language === "en" && fault.message && !["", "INTERNAL", "UPSTREAM"].includes(fault.reason);
  return isForPeople ? fault.message : (t.faults["UNKNOWN"] ?? "");
}
