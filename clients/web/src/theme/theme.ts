import { useSyncExternalStore } from "react";
import { readStored, writeStored } from "../app/storage";

/** What the visitor chose; `system` follows the device. */
export type Theme = "system" | "light" | "dark";

const STORED = "covergen.theme";
const listeners = new Set<() => void>();

function read(): Theme {
  const stored = readStored(STORED);
  return stored === "light" || stored === "dark" ? stored : "system";
}

/** Chooses a theme for this browser. */
export function setTheme(theme: Theme): void {
  if (theme === "system") {
    writeStored(STORED, null);
    delete document.documentElement.dataset["theme"];
  } else {
    writeStored(STORED, theme);
    document.documentElement.dataset["theme"] = theme;
  }
  for (const listener of listeners) listener();
}

/** The theme chosen, kept up to date. */
export function useTheme(): Theme {
  return useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, read);
}
