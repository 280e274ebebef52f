import { useState } from "react";
import { useI18n } from "../i18n";
import { Button } from "./Button";
import { announce } from "./live";

/** Copies a text that people carry elsewhere. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const { t } = useI18n();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    // The clipboard is closed to pages over plain HTTP; the text stands there
    // to be selected.
    await navigator.clipboard?.writeText(text);
    setCopied(true);
    announce(t.common.copied);
  };
  return (
    <Button size="small" icon={isCopied ? "check" : "copy"} onClick={() => void copy()}>
      {isCopied ? t.common.copied : (label ?? t.common.copy)}
    </Button>
  );
}
