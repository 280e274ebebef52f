/** The readable cookie that goes with a session; it changes at every renewal. */
const CSRF_COOKIE = "covergen_csrf";

/** The CSRF token of this browser's session, or undefined when there is none. */
export function csrfToken(): string | undefined {
  const prefix = `${CSRF_COOKIE}=`;
  const found = document.cookie
    .split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(prefix));
  return found?.slice(prefix.length) || undefined;
}

/** The header that unsafe calls need; empty without a session. */
export function csrfHeader(): Record<string, string> {
  const token = csrfToken();
  return token ? { "X-CSRF-Token": token } : {};
}
