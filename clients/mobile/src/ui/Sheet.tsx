import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useI18n } from "../i18n";
import { Button } from "./Button";
import css from "./ui.module.css";

interface ConfirmProps {
  title: string;
  action: string;
  onConfirm: () => void;
  onClose: () => void;
  children: ComponentChildren;
}

/** Asks before something is lost, in a sheet that rises from below. The
    browser's own dialogue keeps focus within and closes on Escape. */
export function Confirm({ title, action, onConfirm, onClose, children }: ConfirmProps) {
  const { t } = useI18n();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog
      ref={ref}
      class={css.sheet}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === ref.current && ref.current?.close()}
    >
      <h2 id={id}>{title}</h2>
      {children}
      <div class={css.actions}>
        <Button kind="quiet" onClick={() => ref.current?.close()}>
          {t.common.cancel}
        </Button>
        <Button
          kind="danger"
          onClick={() => {
            ref.current?.close();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </div>
    </dialog>
  );
}
