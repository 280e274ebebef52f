import type { Screen } from "../sync/library";

/** How large pictures are that stand `columns` side by side on this phone. */
export function screenFor(columns: number): Screen {
  const widthPx = Math.min(4096, Math.round(document.documentElement.clientWidth || 390));
  return { widthPx, pixelRatio: Math.min(4, devicePixelRatio || 1), columns };
}

/** Pictures side by side in the library. */
export const GRID_COLUMNS = 2;
