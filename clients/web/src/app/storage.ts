// Browsers may refuse storage altogether (private windows, strict settings);
// what is kept here is comfort, so refusing costs only that.

/** What this browser keeps under `key`; null when nothing, or not readable. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps `value` under `key`; null forgets it. */
export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing depends on it.
  }
}
