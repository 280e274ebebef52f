import type { ReactNode } from "react";
import { Link } from "wouter";
import { usePageTitle } from "../../app/title";
import { LANGUAGES, useI18n } from "../../i18n";
import { Mark } from "../../ui/Icon";
import { Segmented } from "../../ui/Segmented";
import { Showcase } from "./Showcase";
import styles from "./SignPage.module.css";

interface Props {
  title: string;
  lead: string;
  children: ReactNode;
}

/** What every page before the sign-in shares: the mark, the languages, and
    what the product does. */
export function SignFrame({ title, lead, children }: Props) {
  const { t, language, setLanguage } = useI18n();
  usePageTitle(title);
  return (
    <div className={styles.page}>
      <main className={styles.side}>
        <div className={styles.top}>
          <Link href="/sign-in" className={styles.brand}>
            <Mark />
            {t.brand}
          </Link>
          <Segmented
            label={t.account.language}
            labelHidden
            value={language}
            onChange={setLanguage}
            options={LANGUAGES.map((value) => ({
              value,
              label: <span lang={value}>{value === "en" ? "EN" : "中文"}</span>,
            }))}
          />
        </div>
        <div className={styles.column}>
          <h1>{title}</h1>
          <p className={styles.lead}>{lead}</p>
          {children}
        </div>
      </main>
      <Showcase />
    </div>
  );
}
