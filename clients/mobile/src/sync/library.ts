// Keeps the library on the phone: asks what changed since last time and writes
// it down together with where to go on.
import { call } from "../api/call";
import { toFault } from "../api/fault";
import type { Cover, ListChangesResponse, SizedImage } from "../gen/api";
import { changed } from "../store/changes";
import { keptCover } from "../store/covers";
import { readAll, transact } from "../store/database";
import { type Person, readValue } from "../store/meta";

const LOCK = "covergen.library";
const PAGE_SIZE = 100;
/** Longest wait for a sync to end that hangs. */
const PATIENCE_MS = 3_000;

/** How pictures of the grid are sized. */
export interface Screen {
  widthPx: number;
  pixelRatio: number;
  columns: number;
}

/** Fetches every change since last time. One sync at a time, over all tabs. */
export function syncLibrary(screen: Screen): Promise<void> {
  const locks: LockManager | undefined = navigator.locks;
  return locks ? locks.request(LOCK, () => sync(screen)) : sync(screen);
}

/** Does something while no sync is under way, in any tab. */
export async function betweenSyncs(work: () => Promise<void>): Promise<void> {
  const locks: LockManager | undefined = navigator.locks;
  if (!locks) return work();
  let isBegun = false;
  const alone = () => {
    isBegun = true;
    return work();
  };
  try {
    await locks.request(LOCK, { signal: AbortSignal.timeout(PATIENCE_MS) }, alone);
  } catch (error) {
    if (isBegun) throw error;
    await work();
  }
}

async function sync(screen: Screen): Promise<void> {
  try {
    await follow(await readValue("cursor"), screen);
  } catch (error) {
    if (toFault(error).reason !== "CURSOR_EXPIRED") throw error;
    // Away for so long that deletions are forgotten: begin anew, and drop
    // what is not told any more.
    const seen = await follow(undefined, screen);
    const gone = (await readAll("covers")).filter(({ id }) => !seen.has(id));
    await transact(["covers"], (tx) => gone.forEach(({ id }) => tx.remove("covers", id)));
    changed("covers");
  }
}

/** Goes from a cursor to the newest change; returns the ids of the covers it
    met. */
async function follow(from: string | undefined, screen: Screen): Promise<Set<string>> {
  const owner = (await readValue("person"))?.id;
  const seen = new Set<string>();
  // They signed out while this waited for its turn.
  if (!owner) return seen;
  let cursor = from;
  for (;;) {
    const query = { pageSize: PAGE_SIZE, cursor };
    const changes = await call("GET /m/v1/covers/changes", { query });
    const pictures = await sizeImages(changes.upserted.map(mainAsset), screen);
    await write(owner, changes, pictures);
    for (const { id } of changes.upserted) seen.add(id);
    cursor = changes.nextCursor;
    if (!changes.hasMore) return seen;
  }
}

function mainAsset({ mainAssetId, images }: Cover): string {
  return mainAssetId || (images[0]?.assetId ?? "");
}

/** Addresses of pictures that are as large as they are shown. Without them the
    covers themselves are shown, only slower. */
export async function sizeImages(assetIds: string[], screen: Screen): Promise<Map<string, SizedImage>> {
  const wanted = assetIds.filter(Boolean);
  if (wanted.length === 0) return new Map();
  try {
    const { images } = await call("POST /m/v1/media/sizes", { body: { assetIds: wanted, ...screen } });
    return new Map(images.map((image) => [image.assetId, image]));
  } catch (error) {
    if (toFault(error).isTransient) throw error;
    return new Map();
  }
}

async function write(owner: string | undefined, changes: ListChangesResponse, pictures: Map<string, SizedImage>): Promise<void> {
  const { upserted, deletedIds, nextCursor } = changes;
  await transact(["covers", "tasks", "meta"], async (tx) => {
    const person = (await tx.get("meta", "person"))?.value as Person | undefined;
    if (person?.id !== owner) throw new Error("somebody else has signed in meanwhile");
    for (const cover of upserted) {
      const known = await tx.get("covers", cover.id);
      tx.put("covers", keptCover(cover, pictures.get(mainAsset(cover)) ?? known?.picture, known?.large));
      tx.remove("tasks", cover.taskId);
    }
    for (const id of deletedIds) tx.remove("covers", id);
    tx.put("meta", { name: "cursor", value: nextCursor });
  });
  if (upserted.length + deletedIds.length > 0) changed("covers", "tasks");
}
