/** What titles and subtitles hold, in characters as people count them. */
export const TITLE_MAX = 120;
export const SUBTITLE_MAX = 240;
export const KICKER_MAX = 40;

/** Own colours, the background first. */
export const COLORS_MIN = 2;
export const COLORS_MAX = 6;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Characters as people count them: an emoji family is one. */
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}
