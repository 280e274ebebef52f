import { Link } from "wouter";
import { useI18n } from "../i18n";
import { buttonClass } from "../ui/Button";
import { Empty } from "../ui/Empty";
import { usePageTitle } from "./title";

/** What an unknown address shows. */
export function NotFound() {
  const { t } = useI18n();
  usePageTitle(t.notFound.title);
  return (
    <Empty
      isPage
      title={t.notFound.title}
      body={t.notFound.body}
      action={
        <Link href="/" className={buttonClass({ kind: "primary" })}>
          {t.notFound.action}
        </Link>
      }
    />
  );
}
