import type { Catalog } from "../i18n/en";
import { toast } from "../ui/toast";
import { navigate } from "./router";

/** Puts the service worker in place and offers its newer versions. */
export function registerWorker(t: Catalog): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  // The dev server has no built worker to offer.
  if (!workers || import.meta.env.DEV) return;
  workers.addEventListener("message", ({ data }: MessageEvent<{ open?: string }>) => {
    if (typeof data?.open === "string") navigate(data.open);
  });
  const hadOne = Boolean(workers.controller);
  workers.addEventListener("controllerchange", () => {
    // The first worker takes over a page that is as new as itself.
    if (hadOne) location.reload();
  });
  void workers.register("/sw.js").then((registration) => {
    const offer = (worker: ServiceWorker | null) => {
      if (!worker || !workers.controller) return;
      toast(t.common.update, { label: t.common.updateAction, run: () => worker.postMessage("take-over") });
    };
    offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const next = registration.installing;
      next?.addEventListener("statechange", () => {
        if (next.state === "installed") offer(next);
      });
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void registration.update().catch(() => undefined);
    });
  }, () => undefined);
}
