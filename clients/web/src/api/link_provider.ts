import { post } from "./auth";
import { csrfToken } from "./cookies";
import { toFault } from "./fault";
import { renewSession } from "./renewal";

/** Begins to link a provider; returns where the page goes. By REST, because
    the cookie of its answer binds the way back to this browser. */
export async function linkProvider(provider: string, returnTo: string): Promise<string> {
  const seen = csrfToken();
  try {
    return await begin(provider, returnTo);
  } catch (error) {
    const { code, reason } = toFault(error);
    const mayRenew = code === "UNAUTHENTICATED" || reason === "CSRF_TOKEN_INVALID";
    if (!mayRenew || !(await renewSession(seen))) throw error;
    return begin(provider, returnTo);
  }
}

async function begin(provider: string, returnTo: string): Promise<string> {
  const begun = await post(`/api/v1/auth/links/${encodeURIComponent(provider)}`, { returnTo });
  return (begun as { authorizationUrl: string }).authorizationUrl;
}
