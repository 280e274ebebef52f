import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { apiKeys, oauth, passkeys } from "../../api/clients_account";

/** The account's passkeys, newest first; nobody has more than a page. */
export const passkeysQuery = queryOptions({
  queryKey: ["passkeys"],
  queryFn: async ({ signal }) => (await passkeys.listPasskeys({ pageSize: 100 }, { signal })).passkeys,
});

/** The providers that this server can be signed in to with. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: async ({ signal }) => (await oauth.listProviders({}, { signal })).providers,
  staleTime: 60_000,
});

/** The providers that the account is linked with. */
export const linksQuery = queryOptions({
  queryKey: ["links"],
  queryFn: async ({ signal }) => (await oauth.listLinks({}, { signal })).links,
});

/** The account's API keys, newest first. */
export const apiKeysQuery = infiniteQueryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ pageParam, signal }) => apiKeys.listApiKeys({ pageSize: 50, pageToken: pageParam }, { signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.nextPageToken || undefined,
});
