import { Link, Redirect, useSearch } from "wouter";
import { csrfToken } from "../../api/cookies";
import { usePageTitle } from "../../app/title";
import { LANGUAGES, useI18n } from "../../i18n";
import { Mark } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Segmented } from "../../ui/Segmented";
import { Showcase } from "./Showcase";
import { SignForm } from "./SignForm";
import styles from "./SignPage.module.css";

/** Signing in and opening an account: one screen, two forms. */
export default function SignPage({ mode }: { mode: "in" | "up" }) {
  const { t, language, setLanguage } = useI18n();
  const query = new URLSearchParams(useSearch());
  const hasEnded = query.has("ended");
  const title = mode === "in" ? t.auth.signInTitle : t.auth.signUpTitle;
  usePageTitle(mode === "in" ? t.auth.signIn : t.auth.signUp);
  const next = safePath(query.get("next"));
  const search = query.size > 0 ? `?${query}` : "";

  // Whoever is signed in has no use for this page; but a session that was
  // just refused must not send them round in a circle.
  if (csrfToken() && !hasEnded && !query.has("next")) return <Redirect to="/" replace />;

  return (
    <div className={styles.page}>
      <main className={styles.side}>
        <div className={styles.top}>
          <span className={styles.brand}>
            <Mark />
            {t.brand}
          </span>
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
          <p className={styles.lead}>{mode === "in" ? t.auth.signInLead : t.auth.signUpLead}</p>
          {hasEnded && <Notice tone="warn">{t.auth.ended}</Notice>}
          <SignForm key={mode} mode={mode} next={next} />
          <p className={styles.other}>
            {mode === "in" ? t.auth.noAccount : t.auth.haveAccount}{" "}
            <Link href={(mode === "in" ? "/sign-up" : "/sign-in") + search}>
              {mode === "in" ? t.auth.signUp : t.auth.signIn}
            </Link>
          </p>
        </div>
      </main>
      <Showcase />
    </div>
  );
}

/** A path of this app; an address of another site would make the sign-in
    page a springboard. */
function safePath(path: string | null): string {
  return path && /^\/(?![/\\])/.test(path) ? path : "/";
}
