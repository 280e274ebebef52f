import { useSyncExternalStore } from "react";
import { useI18n } from "../i18n";
import { Button } from "./Button";
import styles from "./toast.module.css";

/** A message at the foot of the page, with at most one thing to do about it. */
export interface Toast {
  text: string;
  action?: { label: string; run: () => void };
  /** Called when it goes away without its action. */
  onGone?: () => void;
}

/** Long enough to be read and acted upon. */
const SHOWN_MS = 8_000;

let current: Toast | undefined;
let timer: number | undefined;
const listeners = new Set<() => void>();

function put(next: Toast | undefined): void {
  window.clearTimeout(timer);
  current = next;
  for (const listener of listeners) listener();
}

/** Shows a message; one that stands there already goes at once. */
export function toast(next: Toast): void {
  dismiss();
  put(next);
  timer = window.setTimeout(dismiss, SHOWN_MS);
}

/** Takes the message away. */
export function dismiss(): void {
  const gone = current;
  put(undefined);
  gone?.onGone?.();
}

function act(): void {
  const acted = current;
  put(undefined);
  acted?.action?.run();
}

/** Where messages appear; the app has exactly one. */
export function Toaster() {
  const { t } = useI18n();
  const shown = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => current,
  );
  return (
    <div role="status" className={styles.place}>
      {shown && (
        <div className={styles.toast} data-testid="toast">
          <span>{shown.text}</span>
          {shown.action && (
            <Button size="small" onClick={act}>
              {shown.action.label}
            </Button>
          )}
          <Button kind="quiet" size="small" icon="close" aria-label={t.common.close} onClick={dismiss} />
        </div>
      )}
    </div>
  );
}
