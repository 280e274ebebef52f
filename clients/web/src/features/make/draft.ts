import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "../../app/storage";

/** Pictures can be had in these. */
export const FORMATS = ["png", "jpeg", "webp"] as const;
export type Format = (typeof FORMATS)[number];

/** What the next covers will be made from. */
export interface Draft {
  title: string;
  subtitle: string;
  /** Empty until the gallery is known; then its first free template. */
  templateId: string;
  /** Empty means the template's default. */
  paletteId: string;
  /** Decimal, since it may exceed what a number holds. */
  seed: string;
  /** Preset ids. */
  sizes: string[];
  /** The one of `sizes` that the preview shows. */
  shown: string;
  formats: Format[];
  variants: number;
}

const STORED = "covergen.draft";
const listeners = new Set<() => void>();
let current: Draft = restore();

/** A seed small enough to be read out. */
export function newSeed(): string {
  return String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 1);
}

function blank(): Draft {
  return {
    title: "",
    subtitle: "",
    templateId: "",
    paletteId: "",
    seed: newSeed(),
    sizes: ["youtube", "instagram_square", "story"],
    shown: "youtube",
    formats: ["png"],
    variants: 1,
  };
}

/** The draft outlives reloads, crashes and expired sessions. A field of
    another type, from some older release, is left at its blank value. */
function restore(): Draft {
  const draft = blank();
  try {
    const stored: unknown = JSON.parse(readStored(STORED) ?? "{}");
    if (typeof stored !== "object" || stored === null) return draft;
    const fitting = Object.entries(stored).filter(([key, value]) => {
      const known: unknown = Object.entries(draft).find(([name]) => name === key)?.[1];
      return typeof value === typeof known && Array.isArray(value) === Array.isArray(known);
    });
    return { ...draft, ...Object.fromEntries(fitting) };
  } catch {
    return draft;
  }
}

function put(draft: Draft): void {
  current = draft;
  writeStored(STORED, JSON.stringify(draft));
  for (const listener of listeners) listener();
}

/** Changes some of the draft. */
export function changeDraft(change: Partial<Draft>): void {
  put({ ...current, ...change });
}

/** Starts over with nothing, in memory and in the browser. */
export function forgetDraft(): void {
  put(blank());
  writeStored(STORED, null);
}

/** The draft, kept up to date. */
export function useDraft(): Draft {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => current,
  );
}
