import { call } from "../../api/call";
import { forgetValue, keepValue, readValue } from "../../store/meta";

/** Why pushing cannot be switched on. */
export type PushTrouble = "unable" | "denied" | "failed";

export function canPush(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

/** Has this phone told of finished covers, in the language that is spoken. */
export async function switchPushOn(language: string): Promise<PushTrouble | undefined> {
  if (!canPush()) return "unable";
  if ((await Notification.requestPermission()) !== "granted") return "denied";
  try {
    const { publicKey } = await call("GET /m/v1/notifications/push-key", {});
    const { pushManager } = await navigator.serviceWorker.ready;
    const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
    const { endpoint = "", keys = {}, expirationTime } = subscription.toJSON();
    const { id } = await call("POST /m/v1/notifications/push-subscriptions", {
      body: {
        endpoint,
        keys: { p256dh: keys["p256dh"] ?? "", auth: keys["auth"] ?? "" },
        language,
        ...(expirationTime ? { expirationTime: String(expirationTime) } : {}),
      },
      key: crypto.randomUUID(),
    });
    await keepValue("push", id);
    return undefined;
  } catch {
    return "failed";
  }
}

/** Ends it, here and at the platform. */
export async function switchPushOff(): Promise<void> {
  const pushSubscriptionId = await readValue("push");
  if (pushSubscriptionId) {
    await call("DELETE /m/v1/notifications/push-subscriptions/{pushSubscriptionId}", { path: { pushSubscriptionId } }).catch(() => undefined);
  }
  const registration = await navigator.serviceWorker?.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await forgetValue("push");
}
