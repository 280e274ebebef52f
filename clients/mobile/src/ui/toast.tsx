import { useEffect, useState } from "preact/hooks";
import css from "./ui.module.css";

interface Toast {
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 5_000;
let show: (toast: Toast | undefined) => void = () => undefined;

/** Says something in passing; what can be acted upon stays. */
export function toast(text: string, action?: Toast["action"]): void {
  show({ text, ...(action ? { action } : {}) });
}

export function Toasts() {
  const [current, setCurrent] = useState<Toast>();
  useEffect(() => {
    show = setCurrent;
  }, []);
  useEffect(() => {
    if (!current || current.action) return;
    const timer = setTimeout(() => setCurrent(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [current]);
  return (
    <div class={css.toasts} role="status">
      {current && (
        <div class={css.toast}>
          {current.text}
          {current.action && (
            <button type="button" onClick={current.action.run}>
              {current.action.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
