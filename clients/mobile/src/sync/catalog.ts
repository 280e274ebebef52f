// What the form for a new cover offers, and what is left to make.
import { call } from "../api/call";
import { keepValue } from "../store/meta";

/** What of the screen is kept; all of it would be ten times as much. */
const FIELDS = [
  ...["id", "name", "category", "isPremium"].map((field) => `templates.templates.${field}`),
  ...["id", "name", "width", "height"].map((field) => `presets.${field}`),
  "quota",
].join(",");

/** Fetches the screen of the form in one round trip and keeps it. */
export async function refreshCatalog(): Promise<void> {
  const { templates, presets, quota } = await call("GET /m/v1/screens/make", { query: { fields: FIELDS } });
  await keepValue("catalog", {
    templates: (templates?.templates ?? []).map(({ id, name, category, isPremium }) => ({ id, name, category, isPremium })),
    presets: presets.map(({ id, name, width, height }) => ({ id, name, width, height })),
  });
  if (quota) await keepValue("quota", quota);
}

export async function refreshQuota(): Promise<void> {
  await keepValue("quota", await call("GET /m/v1/users/{userId}/quota", { path: { userId: "me" } }));
}
