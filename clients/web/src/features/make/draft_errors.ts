import type { Catalog } from "../../i18n/en";
import type { Draft } from "./draft";
import { graphemes, KICKER_MAX, SUBTITLE_MAX, TITLE_MAX } from "./limits";

export type DraftErrors = Partial<Record<"title" | "subtitle" | "kicker" | "sizes" | "formats", string>>;

/** What keeps a draft from being generated, in the order of the form. */
export function draftErrors(draft: Draft, t: Catalog["make"]): DraftErrors {
  const errors: DraftErrors = {};
  if (draft.title.trim() === "") errors.title = t.titleMissing;
  else if (graphemes(draft.title.trim()) > TITLE_MAX) errors.title = t.titleLong;
  if (graphemes(draft.subtitle.trim()) > SUBTITLE_MAX) errors.subtitle = t.subtitleLong;
  if (graphemes(draft.kicker.trim()) > KICKER_MAX) errors.kicker = t.kickerLong;
  if (draft.sizes.length === 0) errors.sizes = t.sizesMissing;
  if (draft.formats.length === 0) errors.formats = t.formatsMissing;
  return errors;
}
