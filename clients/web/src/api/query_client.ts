import { QueryClient } from "@tanstack/react-query";
import { toFault } from "./fault";

/** Reads are tried again where that may help; writes never by themselves. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) => count < 2 && toFault(error).isTransient,
      retryDelay: (count) => 400 * 2 ** count,
    },
    mutations: { retry: false },
  },
});
