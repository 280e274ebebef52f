// What is pushed, and what a touch on it opens.

declare const self: ServiceWorkerGlobalScope;

/** What the platform pushes. Everything in it is optional to us: a message of
    a kind that came later is shown as far as it is understood. */
interface Pushed {
  title?: unknown;
  body?: unknown;
  /** Kind, such as `cover.generated`. */
  type?: unknown;
  /** The same one twice is shown once. */
  notificationId?: unknown;
  coverIds?: unknown;
}

export async function showPush(event: PushEvent): Promise<void> {
  const pushed = parse(event.data);
  // Browsers withdraw the right to push from apps that show nothing.
  await self.registration.showNotification(text(pushed.title) || "Covergen", {
    body: text(pushed.body),
    tag: text(pushed.notificationId) || text(pushed.type),
    icon: "/icons/icon-192.png",
    badge: "/icons/badge.png",
    data: { path: pathOf(pushed) },
  });
}

function parse(data: PushMessageData | null): Pushed {
  try {
    const value: unknown = data?.json();
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return { body: data?.text() };
  }
}

/** The page that tells more. */
function pathOf(pushed: Pushed): string {
  const [coverId] = Array.isArray(pushed.coverIds) ? pushed.coverIds : [];
  return text(coverId) ? `/library/${encodeURIComponent(text(coverId))}` : "/library";
}

/** Brings the app forward where it is open, and opens it where it is not. */
export async function openNotification(event: NotificationEvent): Promise<void> {
  event.notification.close();
  const { path = "/library" } = (event.notification.data ?? {}) as { path?: string };
  const [page] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!page) {
    await self.clients.openWindow(path);
    return;
  }
  page.postMessage({ open: path });
  await page.focus();
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
