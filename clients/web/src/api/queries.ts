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

/** How the signed-in account can be signed in to, and what it may do. */
export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: ({ signal }) => auth.getAccount({}, { signal }),
  staleTime: 5 * 60_000,
});

/** What the plan gives. */
export const subscriptionQuery = queryOptions({
  queryKey: ["subscription"],
  queryFn: ({ signal }) => users.getSubscription({ userId: "me" }, { signal }),
  staleTime: 5 * 60_000,
});

/** How the user likes new covers to begin. */
export const preferencesQuery = queryOptions({
  queryKey: ["preferences"],
  queryFn: ({ signal }) => users.getPreferences({ userId: "me" }, { signal }),
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

/** The workspace's own templates, newest first. */
export const myTemplatesQuery = queryOptions({
  queryKey: ["my-templates"],
  queryFn: async ({ signal }) => (await templates.listTemplates({ pageSize: 100, mine: true }, { signal })).templates,
});

/** The workspace's brand kits, newest first. */
export const brandKitsQuery = queryOptions({
  queryKey: ["brand-kits"],
  queryFn: async ({ signal }) => (await templates.listBrandKits({ pageSize: 100 }, { signal })).brandKits,
});

/** Typefaces, backgrounds and other choices of a design. */
export const designOptionsQuery = queryOptions({
  queryKey: ["design-options"],
  queryFn: ({ signal }) => templates.getDesignOptions({}, { signal }),
  staleTime: HOUR_MS,
});

type PaletteSource = { case: "mood" | "assetId" | "templateId"; value: string };

/** Palettes from a mood, a photo or a template. */
export const suggestedPalettesQuery = (source: PaletteSource, seed: number) =>
  queryOptions({
    queryKey: ["palettes", source, seed],
    queryFn: ({ signal }) => covers.suggestPalettes({ source, seed: BigInt(seed), count: 5 }, { signal }),
    staleTime: HOUR_MS,
  });

/** The pictures the user uploaded last. */
export const uploadsQuery = queryOptions({
  queryKey: ["uploads"],
  queryFn: async ({ signal }) => (await media.listAssets({ pageSize: 24 }, { signal })).assets,
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

/** What part of the library is wanted. */
export interface CoverFilter {
  query: string;
  favorite: boolean;
  templateId: string;
  bulkId: string;
  orderBy: string;
}

/** All of it, newest first. */
export const ALL_COVERS: CoverFilter = { query: "", favorite: false, templateId: "", bulkId: "", orderBy: "" };

/** The user's covers, page by page. */
export const coversQuery = (filter: CoverFilter = ALL_COVERS) =>
  infiniteQueryOptions({
    queryKey: ["covers", filter],
    queryFn: ({ pageParam, signal }) =>
      covers.listCovers(
        { ...filter, favorite: filter.favorite || undefined, pageSize: LIBRARY_PAGE, pageToken: pageParam },
        { signal },
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });

/** Whatever shows covers, however they are filtered. */
export const COVERS_KEY = ["covers"];

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
