import { useSyncExternalStore } from "react";

let message = "";
const listeners = new Set<() => void>();

/** Has a screen reader say `text` when it next pauses. */
export function announce(text: string): void {
  // A text said twice in a row would not be read again unless it differs.
  message = text === message ? `${text}\u00a0` : text;
  for (const listener of listeners) listener();
}

/** Where announcements appear; the app has exactly one. */
export function LiveRegion() {
  const text = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => message,
  );
  return (
    <div className="hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
