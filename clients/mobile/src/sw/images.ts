// Pictures: an address under `/i/` never changes what it shows, so one that
// was seen is not asked for again. Thumbnails of templates may change; they
// are shown from here and renewed behind.

import { IMAGES } from "../store/session";

/** Pictures kept at most; those that came first go first. */
const MAX_IMAGES = 300;
const SIGNED = /^\/i\//;
const THUMBNAIL = /^\/m\/v1\/templates\/(custom\/)?[^/]+\/thumbnail$/;

export function isImage({ pathname }: URL): boolean {
  return SIGNED.test(pathname) || THUMBNAIL.test(pathname);
}

export async function answerImage(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const cache = await caches.open(IMAGES);
  const kept = await cache.match(request.url);
  if (!kept) return fetchImage(event, cache);
  if (!SIGNED.test(new URL(request.url).pathname)) {
    event.waitUntil(fetchImage(event, cache).catch(() => undefined));
  }
  return kept;
}

async function fetchImage(event: FetchEvent, cache: Cache): Promise<Response> {
  const { request } = event;
  const response = await fetch(request);
  const isPicture = response.ok && (response.headers.get("Content-Type") ?? "").startsWith("image/");
  if (isPicture && !request.headers.has("Range")) {
    event.waitUntil(keep(cache, request.url, response.clone()));
  }
  return response;
}

async function keep(cache: Cache, url: string, response: Response): Promise<void> {
  await cache.put(url, response);
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MAX_IMAGES)).map((old) => cache.delete(old)));
}
