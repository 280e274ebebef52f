import { useEffect, useState } from "preact/hooks";
import { navigate, usePath } from "../../app/router";
import { useLive } from "../../app/use_live";
import { useI18n } from "../../i18n";
import { readValue } from "../../store/meta";
import { Notice } from "../../ui/Notice";
import css from "./auth.module.css";
import type { Pending } from "./auth";
import { CodeForm } from "./CodeForm";
import { ForgotForm } from "./ForgotForm";
import story from "./showcase/story.webp";
import square from "./showcase/square.webp";
import wide from "./showcase/wide.webp";
import { SignForm } from "./SignForm";

/** The way in: sign in, sign up, a second factor, or a forgotten password. */
export function SignPage() {
  const { t } = useI18n();
  const path = usePath();
  const [pending, setPending] = useState<Pending>();
  const kept = useLive(["session"], async () => ({ person: await readValue("person") }));
  const left = kept?.person;
  const isNew = path === "/sign-up";
  const isForgot = path === "/forgot";
  const [title, lead] = pending
    ? [t.auth.codeTitle, t.auth.codeLead]
    : isForgot
      ? [t.auth.forgotTitle, t.auth.forgotLead]
      : isNew
        ? [t.auth.signUpTitle, t.auth.promise]
        : [left ? t.auth.signInTitle : t.auth.promise, t.auth.lead];
  useEffect(() => {
    document.title = `${title} · Covergen`;
  }, [title]);
  if (!kept) return null;
  return (
    <main class={css.page}>
      <div class={css.mat} aria-hidden="true">
        <img src={story} width="270" height="480" alt="" />
        <img src={square} width="360" height="360" alt="" />
        <img src={wide} width="480" height="270" alt="" />
      </div>
      <div class={css.head}>
        <h1>{title}</h1>
        <p>{lead}</p>
      </div>
      {left && !pending && !isForgot && (
        <Notice calm icon="clock">
          {t.auth.ended}
        </Notice>
      )}
      {pending ? (
        <CodeForm pending={pending} />
      ) : isForgot ? (
        <ForgotForm />
      ) : (
        <SignForm key={String(isNew)} isNew={isNew} email={left?.email ?? ""} onPending={setPending} />
      )}
      {!pending && (
        <p class={css.swap}>
          {isNew || isForgot ? t.auth.haveAccount : t.auth.newHere}
          <button type="button" class={css.link} onClick={() => navigate(isNew || isForgot ? "/sign-in" : "/sign-up", { replace: true })}>
            {isNew || isForgot ? t.auth.signIn : t.auth.signUp}
          </button>
        </p>
      )}
    </main>
  );
}
