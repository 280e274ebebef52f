import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { useLocation } from "wouter";
import { csrfToken } from "../api/cookies";
import { onSessionEnded } from "../api/ended";
import { toFault } from "../api/fault";
import { meQuery } from "../api/queries";
import { hasChosenLanguage, languageOf, useI18n } from "../i18n";

/** Shows its pages to those who are signed in and sends others to sign in. */
export function SignedIn({ children }: { children: ReactNode }) {
  const [, navigate] = useLocation();
  const client = useQueryClient();
  const { setLanguage } = useI18n();
  const hasSession = csrfToken() !== undefined;
  const me = useQuery({ ...meQuery, enabled: hasSession });

  useEffect(() => {
    let hasLeft = false;
    const leave = (hadSession: boolean) => {
      // Calls under way at the same time are all refused; one departure will do.
      if (hasLeft) return;
      hasLeft = true;
      client.clear();
      navigate(signInPath(hadSession), { replace: true });
    };
    if (!hasSession) leave(false);
    return onSessionEnded(() => leave(true));
  }, [client, hasSession, navigate]);

  const isRefused = me.error !== null && toFault(me.error).code === "UNAUTHENTICATED";
  const language = me.data?.language;
  useEffect(() => {
    // A choice made in this browser outweighs the one in the profile.
    if (language && !hasChosenLanguage()) setLanguage(languageOf(language));
  }, [language, setLanguage]);

  return hasSession && !isRefused ? children : null;
}

/** Where to sign in, and where to come back to afterwards. */
function signInPath(hadSession: boolean): string {
  const { pathname, search } = window.location;
  const query = new URLSearchParams();
  if (pathname !== "/") query.set("next", pathname + search);
  if (hadSession) query.set("ended", "1");
  const text = query.toString();
  return text ? `/sign-in?${text}` : "/sign-in";
}
