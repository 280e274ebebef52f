import { useEffect } from "react";
import { useI18n } from "../i18n";

/** Names the page in the browser's tab and for screen readers. */
export function usePageTitle(title: string): void {
  const { t } = useI18n();
  useEffect(() => {
    document.title = `${title} · ${t.brand}`;
  }, [title, t]);
}
