/** The token of a mailed link, from the query or the fragment. It is taken out
    of the address, so that it does not stay in the history or leak as a
    referrer. */
export function takeToken(): string {
  const address = new URL(window.location.href);
  const token = address.searchParams.get("token") ?? new URLSearchParams(address.hash.slice(1)).get("token") ?? "";
  if (token) window.history.replaceState(null, "", address.pathname);
  return token;
}
