import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "../../app/storage";

/** Pictures can be had in these. */
export const FORMATS = ["png", "jpeg", "webp"] as const;
export type Format = (typeof FORMATS)[number];

/** How a photo is painted. */
export const TREATMENTS = ["natural", "duotone"] as const;
export type Treatment = (typeof TREATMENTS)[number];

/** A photo of the user's own, behind or beside the title. */
export interface DraftPhoto {
  assetId: string;
  /** The point that stays in sight in every size, from 0 to 1. */
  focalX: number;
  focalY: number;
  treatment: Treatment;
}

/** What the next covers will be made from. */
export interface Draft {
  title: string;
  subtitle: string;
  /** A short line above the title. */
  kicker: string;
  /** Empty until the gallery is known; then its first free template. */
  templateId: string;
  /** Empty means the template's default. */
  paletteId: string;
  /** Own colours as #RRGGBB, background first; they outrank the palette. */
  colors: string[];
  /** Typeface of the title; empty means the template's own. */
  font: string;
  photo: DraftPhoto | null;
  /** Empty means none. */
  brandKitId: string;
  /** Decimal, since it may exceed what a number holds. */
  seed: string;
  /** Preset ids. */
  sizes: string[];
  /** The one of `sizes` that the preview shows. */
  shown: string;
  /** Whether the preview shows one size or all that are chosen. */
  view: "one" | "all";
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
    kicker: "",
    templateId: "",
    paletteId: "",
    colors: [],
    font: "",
    photo: null,
    brandKitId: "",
    seed: newSeed(),
    sizes: ["youtube", "instagram_square", "story"],
    shown: "youtube",
    view: "one",
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
      if (key === "photo") return isPhoto(value);
      return typeof value === typeof known && Array.isArray(value) === Array.isArray(known);
    });
    return { ...draft, ...Object.fromEntries(fitting) };
  } catch {
    return draft;
  }
}

function isPhoto(value: unknown): value is DraftPhoto {
  if (typeof value !== "object" || value === null) return false;
  const { assetId, focalX, focalY, treatment } = value as Partial<DraftPhoto>;
  return (
    typeof assetId === "string" &&
    [focalX, focalY].every((share) => typeof share === "number" && share >= 0 && share <= 1) &&
    TREATMENTS.some((known) => known === treatment)
  );
}

function put(draft: Draft): void {
  current = draft;
  writeStored(STORED, JSON.stringify(draft));
  for (const listener of listeners) listener();
}

/** Whether nothing was ever drafted in this browser. */
export function isFresh(): boolean {
  return readStored(STORED) === null;
}

/** Changes some of the draft. */
export function changeDraft(change: Partial<Draft>): void {
  put({ ...current, ...change });
}

/** Changes some of the photo, where there is one. */
export function changePhoto(change: Partial<DraftPhoto>): void {
  if (current.photo) changeDraft({ photo: { ...current.photo, ...change } });
}

/** Takes a photo that is gone out of the draft. */
export function forgetPhoto(assetId: string): void {
  if (current.photo?.assetId === assetId) changeDraft({ photo: null });
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
