import { infiniteQueryOptions } from "@tanstack/react-query";
import { safety } from "../../api/clients_admin";

const paged = { initialPageParam: "", getNextPageParam: (page: { nextPageToken: string }) => page.nextPageToken || undefined };

/** Every rule in its newest version, with those in shadow and retired ones. */
export const rulesQuery = infiniteQueryOptions({
  queryKey: ["admin", "rules"],
  queryFn: ({ pageParam, signal }) => safety.listRules({ includeAll: true, pageSize: 100, pageToken: pageParam }, { signal }),
  ...paged,
});

/** The versions of a rule, newest first. */
export const ruleVersionsQuery = (ruleId: string) =>
  infiniteQueryOptions({
    queryKey: ["admin", "rules", ruleId, "versions"],
    queryFn: ({ pageParam, signal }) => safety.listRuleVersions({ ruleId, pageSize: 20, pageToken: pageParam }, { signal }),
    ...paged,
  });

/** What a rule in shadow has matched, newest first. */
export const shadowMatchesQuery = (ruleId: string) =>
  infiniteQueryOptions({
    queryKey: ["admin", "rules", ruleId, "shadow"],
    queryFn: ({ pageParam, signal }) => safety.listShadowMatches({ ruleId, pageSize: 20, pageToken: pageParam }, { signal }),
    staleTime: 0,
    ...paged,
  });
