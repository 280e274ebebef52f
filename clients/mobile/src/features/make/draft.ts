import { readStored, writeStored } from "../../app/storage";
import type { Catalog } from "../../i18n/en";
import type { KeptCatalog } from "../../store/meta";

const STORED = "covergen.draft";
const TITLE_MAX = 120;
const SUBTITLE_MAX = 240;

/** What stands in the form; kept, so that nothing typed is ever lost. */
export interface Draft {
  title: string;
  subtitle: string;
  templateId: string;
  /** Presets, in the order they were chosen; the last one is shown. */
  sizes: string[];
}

/** The draft that was kept, filled from what another app shared with us. */
export function startDraft(): Draft {
  const empty: Draft = { title: "", subtitle: "", templateId: "", sizes: ["youtube"] };
  const kept = parse(readStored(STORED));
  const shared = new URLSearchParams(location.search);
  const title = shared.get("title") || shared.get("text");
  return { ...empty, ...kept, ...(title ? { title: title.trim().slice(0, TITLE_MAX) } : {}) };
}

function parse(stored: string | null): Partial<Draft> {
  try {
    const value: unknown = JSON.parse(stored ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

export function keepDraft(draft: Draft): void {
  writeStored(STORED, JSON.stringify(draft));
}

export type DraftErrors = { title?: string; subtitle?: string; sizes?: string };

/** What has to be mended before the cover can be made. */
export function errorsIn({ title, subtitle, sizes }: Draft, t: Catalog["make"]): DraftErrors {
  const errors: DraftErrors = {};
  if (title.trim() === "") errors.title = t.titleMissing;
  else if ([...title.trim()].length > TITLE_MAX) errors.title = t.titleLong;
  if ([...subtitle.trim()].length > SUBTITLE_MAX) errors.subtitle = t.subtitleLong;
  if (sizes.length === 0) errors.sizes = t.sizeMissing;
  return errors;
}

/** Proportion of a preset, width by height. */
export function ratioOf(catalog: KeptCatalog | undefined, preset: string | undefined): number {
  const found = catalog?.presets.find(({ id }) => id === preset);
  return found ? found.width / found.height : 16 / 9;
}

/** Address of a template's picture. */
export function thumbnailOf(templateId: string): string {
  return `/m/v1/templates/${encodeURIComponent(templateId)}/thumbnail`;
}
