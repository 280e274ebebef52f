import { toFault } from "../api/fault";
import { sentenceFor, useI18n } from "../i18n";
import { Button } from "./Button";
import { Notice } from "./Notice";

/** What went wrong, in a sentence, and a way to try again where there is one. */
export function FaultNotice({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  const { t, language } = useI18n();
  if (!error) return null;
  const retry = onRetry && (
    <Button size="small" onClick={onRetry}>
      {t.common.retry}
    </Button>
  );
  return (
    <Notice tone="danger" title={title} action={retry}>
      {sentenceFor(toFault(error), { t, language })}
    </Notice>
  );
}
