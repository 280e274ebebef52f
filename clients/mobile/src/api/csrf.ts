/** The readable cookie that goes with a session; it changes at every renewal. */
const CSRF_COOKIE = "covergen_csrf";

interface CookieReader {
  get(name: string): Promise<{ value?: string } | null>;
}

/** What pages and service workers read cookies with: each has one of them. */
const place = globalThis as unknown as { document?: { cookie: string }; cookieStore?: CookieReader };

/** The CSRF token of this browser's session, or undefined when there is none. */
export async function csrfToken(): Promise<string | undefined> {
  if (place.document) {
    const prefix = `${CSRF_COOKIE}=`;
    const pairs = place.document.cookie.split(";").map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length) || undefined;
  }
  const cookie = await place.cookieStore?.get(CSRF_COOKIE);
  return cookie?.value || undefined;
}
