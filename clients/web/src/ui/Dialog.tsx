import * as Radix from "@radix-ui/react-dialog";
import { type ReactNode, useRef } from "react";
import { useI18n } from "../i18n";
import { Button } from "./Button";
import { classes } from "./classes";
import styles from "./Dialog.module.css";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  children: ReactNode;
  /** A question that must be answered, rather than a form. */
  role?: "dialog" | "alertdialog";
  /** Room for what has columns. */
  wide?: boolean;
}

/** A modal dialog: focus stays inside, Escape closes, focus returns. */
export function Dialog({ open, onOpenChange, title, description, children, role = "dialog", wide = false }: Props) {
  const { t } = useI18n();
  const opener = useRef<Element>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={styles.veil} />
        <Radix.Content
          className={classes(styles.dialog, wide && styles.wide)}
          role={role}
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            giveBack(opener.current);
          }}
        >
          <div className={styles.head}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
            <Radix.Close asChild>
              <Button kind="quiet" size="small" icon="close" aria-label={t.common.close} />
            </Radix.Close>
          </div>
          <Radix.Description className={styles.lead}>{description}</Radix.Description>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Focus goes back to what opened the dialog, or to the page where that is
    gone, as the row of an ended session is. */
function giveBack(opener: Element | null): void {
  const target = opener?.isConnected ? opener : document.querySelector("main");
  if (target instanceof HTMLElement) target.focus();
}
