import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { users } from "../../api/clients";
import { mesh, safety, tasks } from "../../api/clients_admin";
import type { Appeal_State as AppealState } from "../../gen/covergen/safety/v1/safety_pb";
import type { Task_State as TaskState } from "../../gen/covergen/task/v1/task_pb";
import type { Account_Status as Status } from "../../gen/covergen/user/v1/user_pb";

/** Figures of a running platform are stale after a breath. */
const REFRESH_MS = 4_000;
const PAGE = 25;
/** A list renews itself while it is short; pages that were loaded by hand are
    not all fetched again and again. */
const whileShort = (query: { state: { data?: { pages: unknown[] } | undefined } }) => ((query.state.data?.pages.length ?? 0) > 1 ? false : REFRESH_MS);
const paged = { initialPageParam: "", getNextPageParam: (page: { nextPageToken: string }) => page.nextPageToken || undefined };

/** Tasks by kind and state. */
export const queueQuery = queryOptions({
  queryKey: ["admin", "queue"],
  queryFn: async ({ signal }) => (await tasks.getQueueStats({}, { signal })).kinds,
  refetchInterval: REFRESH_MS,
});

/** Tasks that gave up. */
export const deadLettersQuery = infiniteQueryOptions({
  queryKey: ["admin", "dead-letters"],
  queryFn: ({ pageParam, signal }) => tasks.listDeadLetters({ pageSize: PAGE, pageToken: pageParam }, { signal }),
  refetchInterval: whileShort,
  ...paged,
});

/** Tasks of every workspace, the latest changed first. */
export const tasksQuery = (state: TaskState) =>
  infiniteQueryOptions({
    queryKey: ["admin", "tasks", state],
    queryFn: ({ pageParam, signal }) => tasks.listTasks({ state, pageSize: PAGE, pageToken: pageParam }, { signal }),
    refetchInterval: whileShort,
    ...paged,
  });

/** The journal of one task. */
export const sagaQuery = (taskId: string) =>
  queryOptions({ queryKey: ["admin", "saga", taskId], queryFn: ({ signal }) => tasks.getSaga({ taskId }, { signal }) });

/** What was stopped, newest first. */
export const violationsQuery = infiniteQueryOptions({
  queryKey: ["admin", "violations"],
  queryFn: ({ pageParam, signal }) => safety.listViolations({ pageSize: PAGE, pageToken: pageParam }, { signal }),
  ...paged,
});

/** Appeals in a state; 0 means all. */
export const appealsQuery = (state: AppealState) =>
  infiniteQueryOptions({
    queryKey: ["admin", "appeals", state],
    queryFn: ({ pageParam, signal }) => safety.listAppeals({ state, pageSize: PAGE, pageToken: pageParam }, { signal }),
    ...paged,
  });

/** Accounts whose address, name or id begins so. */
export const usersQuery = (query: string, status: Status) =>
  infiniteQueryOptions({
    queryKey: ["admin", "users", query, status],
    queryFn: ({ pageParam, signal }) => users.listUsers({ query, status, pageSize: PAGE, pageToken: pageParam }, { signal }),
    ...paged,
  });

/** Services and the ways between them. */
export const meshQuery = queryOptions({
  queryKey: ["admin", "mesh"],
  queryFn: ({ signal }) => mesh.getMesh({}, { signal }),
  refetchInterval: REFRESH_MS,
});
