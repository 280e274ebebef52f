import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { toFault } from "../api/fault";
import { sentenceFor, useI18n } from "../i18n";
import { Button } from "./Button";
import styles from "./Confirm.module.css";
import { Dialog } from "./Dialog";
import { Notice } from "./Notice";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  body: string;
  /** What the button that does it says. */
  action: string;
  work: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "isPending" | "error">;
  isDisabled?: boolean;
  kind?: "danger" | "primary";
  children?: ReactNode;
}

/** A question before something that cannot be taken back. */
export function Confirm({ open, onOpenChange, title, body, action, work, isDisabled = false, kind = "danger", children }: Props) {
  const { t, language } = useI18n();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} description={body} role="alertdialog">
      {work.error && <Notice tone="danger">{sentenceFor(toFault(work.error), { t, language })}</Notice>}
      {children}
      <div className={styles.actions}>
        <Button onClick={() => onOpenChange(false)}>{t.common.cancel}</Button>
        <Button kind={kind} busy={work.isPending} disabled={isDisabled} onClick={() => work.mutate()}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
