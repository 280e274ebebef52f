import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Redirect, useLocation, useSearch } from "wouter";
import { csrfToken } from "../../api/cookies";
import { useI18n } from "../../i18n";
import { useTexts } from "../../i18n/texts";
import { Notice } from "../../ui/Notice";
import { MfaForm } from "./MfaForm";
import { OAuthError } from "./OAuthError";
import { OtherWays } from "./OtherWays";
import { SignForm } from "./SignForm";
import { SignFrame } from "./SignFrame";
import styles from "./SignPage.module.css";
import { signTexts } from "./texts";

/** Signing in and opening an account: one screen, two forms, and the second
    factor where it is asked for. */
export default function SignPage({ mode }: { mode: "in" | "up" }) {
  const { t } = useI18n();
  const texts = useTexts(signTexts);
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const query = new URLSearchParams(useSearch());
  // A provider's sign-in that needs a second factor comes back with its token.
  const [mfaToken, setMfaToken] = useState(() => takeMfaToken());
  const hasEnded = query.has("ended");
  const next = safePath(query.get("next") ?? query.get("returnTo"));
  const search = query.size > 0 ? `?${query}` : "";

  // Whoever is signed in has no use for this page; but a session that was
  // just refused must not send them round in a circle.
  if (csrfToken() && !mfaToken && !hasEnded && !query.has("next")) {
    // Why a provider did not work is still told, where providers are linked.
    const reason = query.get("oauthError");
    return <Redirect to={reason ? `/account/security?oauthError=${encodeURIComponent(reason)}` : "/"} replace />;
  }

  const onSignedIn = () => {
    client.clear();
    navigate(next, { replace: true });
  };
  if (mfaToken) {
    return (
      <SignFrame title={texts.mfaTitle} lead={t.auth.signInLead}>
        <MfaForm mfaToken={mfaToken} onSignedIn={onSignedIn} onBack={() => setMfaToken("")} />
      </SignFrame>
    );
  }
  return (
    <SignFrame
      title={mode === "in" ? t.auth.signInTitle : t.auth.signUpTitle}
      lead={mode === "in" ? t.auth.signInLead : t.auth.signUpLead}
    >
      {hasEnded && <Notice tone="warn">{t.auth.ended}</Notice>}
      {query.has("deleted") && <Notice tone="info">{texts.deleted}</Notice>}
      <OAuthError reason={query.get("oauthError")} />
      <SignForm key={mode} mode={mode} onSignedIn={onSignedIn} onMfa={setMfaToken} />
      <OtherWays next={next} onSignedIn={onSignedIn} />
      <p className={styles.other}>
        {mode === "in" ? t.auth.noAccount : t.auth.haveAccount}{" "}
        <Link href={(mode === "in" ? "/sign-up" : "/sign-in") + search}>{mode === "in" ? t.auth.signUp : t.auth.signIn}</Link>
      </p>
    </SignFrame>
  );
}

/** The token of a sign-in that waits for its second factor. It comes in the
    fragment or the query, and is taken out of the address at once. */
function takeMfaToken(): string {
  const address = new URL(window.location.href);
  const fragment = new URLSearchParams(address.hash.slice(1));
  const token = fragment.get("mfaToken") ?? address.searchParams.get("mfaToken") ?? "";
  if (token) {
    address.searchParams.delete("mfaToken");
    address.hash = "";
    window.history.replaceState(null, "", address);
  }
  return token;
}

/** A path of this app; an address of another site would make the sign-in
    page a springboard. */
function safePath(path: string | null): string {
  return path && /^\/(?![/\\])/.test(path) ? path : "/";
}
