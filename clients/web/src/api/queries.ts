import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { auth, covers, exports, media, templates, users } from "./clients";

const HOUR_MS = 3_600_000;
const LIBRARY_PAGE = 24;

/** The signed-in user's profile. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => users.getUser({ userId: "me" }, { signal }),
  staleTime: 5 * 60_000,
});

/** What is left of this month's covers. */
export const quotaQuery = queryOptions({
  queryKey: ["quota"],
  queryFn: ({ signal }) => users.getQuota({ userId: "me" }, { signal }),
});

/** Every template. The gallery is small by design: a hundred is one page. */
export const templatesQuery = queryOptions({
  queryKey: ["templates"],
  queryFn: async ({ signal }) => {
    const page = await templates.listTemplates({ pageSize: 100 }, { signal });
    return page.templates;
  },
  staleTime: HOUR_MS,
});

/** The categories that hold a template. */
export const categoriesQuery = queryOptions({
  queryKey: ["categories"],
  queryFn: async ({ signal }) => (await templates.listCategories({}, { signal })).categories,
  staleTime: HOUR_MS,
});

/** The platforms' sizes. */
export const presetsQuery = queryOptions({
  queryKey: ["presets"],
  queryFn: async ({ signal }) => (await exports.listPresets({}, { signal })).presets,
  staleTime: HOUR_MS,
});

/** The user's covers, newest first, page by page. */
export const coversQuery = infiniteQueryOptions({
  queryKey: ["covers"],
  queryFn: ({ pageParam, signal }) =>
    covers.listCovers({ pageSize: LIBRARY_PAGE, pageToken: pageParam }, { signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.nextPageToken || undefined,
});

/** One cover. */
export const coverQuery = (coverId: string) =>
  queryOptions({
    queryKey: ["cover", coverId],
    queryFn: ({ signal }) => covers.getCover({ coverId }, { signal }),
  });

/** A stored picture with its smaller versions. */
export const assetQuery = (assetId: string) =>
  queryOptions({
    queryKey: ["asset", assetId],
    queryFn: ({ signal }) => media.getAsset({ assetId }, { signal }),
    staleTime: HOUR_MS,
    retry: false,
  });

/** The user's live sessions, newest first. */
export const sessionsQuery = infiniteQueryOptions({
  queryKey: ["sessions"],
  queryFn: ({ pageParam, signal }) =>
    auth.listSessions({ pageSize: 20, pageToken: pageParam }, { signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.nextPageToken || undefined,
});
