import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { covers } from "../../api/clients";
import { BulkRowResult_State as State } from "../../gen/covergen/cover/v1/cover_pb";

/** The user's bulks, newest first. */
export const bulksQuery = infiniteQueryOptions({
  queryKey: ["bulks"],
  queryFn: ({ pageParam, signal }) => covers.listBulks({ pageSize: 20, pageToken: pageParam }, { signal }),
  initialPageParam: "",
  getNextPageParam: (page) => page.nextPageToken || undefined,
});

/** One bulk. */
export const bulkQuery = (bulkId: string) =>
  queryOptions({
    queryKey: ["bulk", bulkId],
    queryFn: ({ signal }) => covers.getBulk({ bulkId }, { signal }),
  });

/** The rows of a bulk, page by page. */
export const bulkRowsQuery = (bulkId: string, onlyFailed: boolean) =>
  infiniteQueryOptions({
    queryKey: ["bulk", bulkId, "rows", onlyFailed],
    queryFn: ({ pageParam, signal }) => {
      const state = onlyFailed ? State.FAILED : State.STATE_UNSPECIFIED;
      return covers.listBulkRows({ bulkId, state, pageSize: 50, pageToken: pageParam }, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
