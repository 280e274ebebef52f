import assert from "node:assert/strict";
import { createECDH, randomBytes } from "node:crypto";
import { test } from "node:test";
import { assertNoFaults, call, choose, controlled, eventually, makeElsewhere, newAccount, openPhone } from "./harness.mjs";
import { workerOf } from "./workers.mjs";

/** Headless Chromium knows no push service: PushManager answers with a device
    whose keys are real. Everything else is the app and the platform. */
function withPushService(context, endpoint) {
  const p256dh = createECDH("prime256v1").generateKeys().toString("base64url");
  const auth = randomBytes(16).toString("base64url");
  return context.addInitScript(
    ({ endpoint, p256dh, auth }) => {
      let current = null;
      PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
        window.subscribedWith = { applicationServerKey, userVisibleOnly };
        current = { toJSON: () => ({ endpoint, expirationTime: null, keys: { p256dh, auth } }), unsubscribe: async () => ((current = null), true) };
        return current;
      };
      PushManager.prototype.getSubscription = async () => current;
    },
    { endpoint, p256dh, auth },
  );
}

const shown = (page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    return (await registration.getNotifications()).map(({ title, body, data }) => ({ title, body, data }));
  });

test("notifications are switched on and off", async () => {
  const account = await newAccount();
  const phone = await openPhone({ account, permissions: ["notifications"] });
  await withPushService(phone.context, "https://fcm.googleapis.com/fcm/send/a-device");
  const { page } = phone;
  await page.goto("/account");
  await controlled(page);
  const control = page.getByRole("switch", { name: "Notifications" });
  await choose(control);
  await eventually("the switch to be on", () => control.isChecked());
  const asked = await page.evaluate(() => window.subscribedWith);
  const { publicKey } = await call(account, "GET", "/notifications/push-key");
  assert.deepEqual(asked, { applicationServerKey: publicKey, userVisibleOnly: true });
  const { pushSubscriptions } = await call(account, "GET", "/notifications/push-subscriptions");
  assert.deepEqual(pushSubscriptions.map(({ pushService, language }) => [pushService, language]), [["fcm.googleapis.com", "en"]]);
  await page.reload();
  await eventually("the switch to be on still", () => control.isChecked());
  await choose(control);
  await eventually("the switch to be off", async () => !(await control.isChecked()));
  assert.deepEqual((await call(account, "GET", "/notifications/push-subscriptions")).pushSubscriptions, []);
  assertNoFaults(phone);
  await phone.close();
});

test("what is pushed is shown, and a touch opens the cover", async () => {
  const account = await newAccount();
  const cover = await makeElsewhere(account, "Told about");
  const phone = await openPhone({ account, permissions: ["notifications"] });
  const { page } = phone;
  await controlled(page);
  const worker = await workerOf(page, phone.network.url);
  await worker.push(JSON.stringify({ notificationId: "ntf_1", type: "cover.generated", title: "Your cover is ready", body: "“Told about” is in your library.", coverIds: [cover.id] }));
  const [told] = await eventually("the notification", async () => {
    const list = await shown(page);
    return list.length > 0 && list;
  });
  assert.deepEqual(told, { title: "Your cover is ready", body: "“Told about” is in your library.", data: { path: `/library/${cover.id}` } });

  await worker.push("only words");
  await eventually("a message of another kind", async () => (await shown(page)).some(({ body }) => body === "only words"));

  const [script] = phone.context.serviceWorkers();
  await script.evaluate(async () => {
    const [notification] = (await self.registration.getNotifications()).filter(({ tag }) => tag === "ntf_1");
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  });
  await page.getByRole("heading", { level: 1, name: "Told about" }).waitFor();
  await eventually("the notification to go", async () => !(await shown(page)).some(({ title }) => title === "Your cover is ready"));
  await phone.close();
});
