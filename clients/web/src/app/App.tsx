import { QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { queryClient } from "../api/query_client";
import { I18nProvider, type Language } from "../i18n";
import type { Catalog } from "../i18n/en";
import { LiveRegion } from "../ui/live";
import { Toaster } from "../ui/toast";
import { ErrorBoundary } from "./ErrorBoundary";
import { OfflineBanner } from "./OfflineBanner";
import { PageLoading } from "./PageLoading";
import { Pages } from "./Pages";

/** The whole app, from the outside in. */
export function App({ first }: { first: { language: Language; t: Catalog } }) {
  return (
    <I18nProvider first={first}>
      <QueryClientProvider client={queryClient}>
        <OfflineBanner />
        <ErrorBoundary>
          <Suspense fallback={<PageLoading />}>
            <Pages />
          </Suspense>
        </ErrorBoundary>
        <Toaster />
        <LiveRegion />
      </QueryClientProvider>
    </I18nProvider>
  );
}
